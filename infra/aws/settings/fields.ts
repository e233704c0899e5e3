import * as v from 'valibot'
import { isDeployable } from '../../../lib/app/config/variables.ts'
import { parseTime } from '../../../lib/core/event/time.ts'

// The settings of a deployment, each with its form. infra/settings.schema.json and the tables of docs/aws-settings.md are generated from them.

const yesOrNo = v.boolean('must be true or false')

function whole(from: number, to: number) {
  const message = `must be a whole number from ${from} to ${to}`
  return v.pipe(v.number(message), v.integer(message), v.minValue(from, message), v.maxValue(to, message))
}

function words<const Words extends readonly string[]>(...options: Words) {
  return v.picklist(options, `must be ${options.slice(0, -1).join(', ')} or ${options.at(-1)}`)
}

function matching(pattern: RegExp, form: string) {
  return v.pipe(v.string(`must be ${form}`), v.regex(pattern, `must be ${form}`))
}

function arn(service: string, resource: string, example: string) {
  const pattern = new RegExp(`^arn:aws[\\w-]*:${service}:[\\w-]*:\\d{12}:${resource}$`)
  return matching(pattern, `an ARN like arn:aws:${example}`)
}

function listOf<const Item extends v.GenericSchema>(item: Item, most: number) {
  const message = `must be a list of 1 to ${most}`
  return v.pipe(v.array(item, message), v.minLength(1, message), v.maxLength(most, message))
}

const secretArn = arn(
  'secretsmanager',
  'secret:[\\w/+=.@-]+',
  'secretsmanager:eu-central-1:123456789012:secret:name-AbCdEf',
)
const keyArn = arn('kms', 'key/[\\w-]+', 'kms:eu-central-1:123456789012:key/12345678-1234-1234-1234-123456789012')
const subnets = listOf(matching(/^subnet-[0-9a-f]{8,17}$/, 'a subnet like subnet-0123456789abcdef0'), 16)
const securityGroups = listOf(matching(/^sg-[0-9a-f]{8,17}$/, 'a security group like sg-0123456789abcdef0'), 5)

// A value in SourceAccessConfigurations (CloudFormation, AWS::Lambda::EventSourceMapping).
const literal = matching(/^[\w\-/*:+=.@]{1,200}$/, 'a text of at most 200 letters, digits and -_/*:+=.@')

export const logins = ['iam', 'scram-sha-512', 'scram-sha-256', 'plain', 'mtls', 'oauth', 'none'] as const

export interface Field {
  about: string
  schema: v.GenericSchema
  isRequired?: true
  /** For the docs, if it is not a fixed value. */
  otherwise?: string
}

/** Of each entry of `sources`. */
export const sourceFields = {
  type: {
    about: 'Amazon MSK (also MSK Serverless), or brokers of your own',
    schema: words('msk', 'self-managed'),
    isRequired: true,
  },
  name: {
    about: 'a short name for consumer group, alarms and dashboard',
    otherwise: 'the name of the MSK cluster, or `kafka`',
    schema: matching(/^[a-zA-Z0-9][\w.-]{0,63}$/, 'a name of at most 64 letters, digits, ".", "_" and "-"'),
  },
  clusterArn: {
    about: 'of the MSK cluster',
    // The suffix says whether it is serverless (-s1) or provisioned (-1).
    schema: arn('kafka', 'cluster/[\\w-]+/[\\w-]+', 'kafka:eu-central-1:123456789012:cluster/name/uuid'),
  },
  bootstrapServers: {
    about: 'of a self-managed cluster: at most 10 of its brokers',
    schema: listOf(
      v.pipe(
        matching(/^[\w.-]+:[1-9]\d{0,4}$/, 'an address like broker-1.example.com:9096'),
        v.check(
          (address) => Number(address.split(':')[1]) <= 65_535,
          'must be an address with a port of at most 65535',
        ),
      ),
      10,
    ),
  },
  login: { about: 'how the event source logs in', schema: words(...logins), isRequired: true },
  secretArn: {
    about: 'Secrets Manager: `username` and `password`, or `certificate` and `privateKey`',
    schema: secretArn,
  },
  secretKeyArn: {
    about: 'the customer managed KMS key of that secret, if it has one; a SCRAM secret of MSK always has',
    schema: keyArn,
  },
  oauthScope: { about: 'with `login: oauth`', schema: literal },
  oauthAudience: { about: 'with `login: oauth`', schema: literal },
  oauthLogicalCluster: { about: 'with `login: oauth`, for Confluent Cloud', schema: literal },
  oauthIdentityPool: { about: 'with `login: oauth`, for Confluent Cloud', schema: literal },
  rootCaSecretArn: {
    about:
      'a secret with the root CA (`certificate`) of self-managed brokers, if no public CA has signed their certificates',
    schema: secretArn,
  },
  rootCaKeyArn: { about: 'the customer managed KMS key of that secret, if it has one', schema: keyArn },
  subnets: { about: 'of self-managed brokers in a VPC', schema: subnets },
  securityGroups: { about: 'of self-managed brokers in a VPC', schema: securityGroups },
  topics: {
    about: 'each becomes one event source mapping',
    // Lambda wants at least two characters (AWS Lambda API Reference, CreateEventSourceMapping).
    schema: listOf(matching(/^[\w-][\w.-]{1,248}$/, 'a topic of 2 to 249 letters, digits, ".", "_" and "-"'), 50),
    isRequired: true,
  },
} as const satisfies Record<string, Field>

const environmentName = v.pipe(
  matching(/^[a-zA-Z]\w*$/, 'the name of a variable'),
  v.check(isDeployable, 'is reserved by Lambda or may be a secret, and the template is stored in S3'),
)
const environmentValue = v.union([v.string(), v.number(), v.boolean()], 'must be a text or a number')

// Neither alarms nor event sources send to FIFO topics and queues (Amazon CloudWatch User Guide, Alarm actions; AWS Lambda Developer Guide,
// Capturing discarded batches).
const isStandard = v.check(
  (text: string) => !/^arn:.*\.fifo$/.test(text),
  'must be a standard topic or queue, and not FIFO',
)

const destination = v.pipe(
  matching(
    /^(?:arn:aws[\w-]*:(?:sqs|sns):[\w-]+:\d{12}:[\w.-]+|arn:aws[\w-]*:s3:::[\w.-]+|kafka:\/\/[\w.-]{2,249})$/,
    'the ARN of an SQS queue, an SNS topic or an S3 bucket, or kafka://topic',
  ),
  isStandard,
)

const startingForm = 'must be first-deployment, beginning, latest or a time like 2026-12-24T18:00:00Z'

// AWS Lambda Developer Guide, Control which events Lambda sends: the leaves of a pattern are lists.
function isPattern(pattern: unknown): boolean {
  if (Array.isArray(pattern)) return pattern.length > 0
  if (typeof pattern !== 'object' || pattern === null) return false
  const parts = Object.values(pattern)
  return parts.length > 0 && parts.every(isPattern)
}

const patternForm = 'must be a pattern like { value: { reason: [Failed] } }, whose leaves are lists'

export const startingWords = ['first-deployment', 'beginning', 'latest'] as const

/** Of `settings.yml`, in `default` and in the section of a stage. */
export const fields = {
  sources: {
    about: 'where the records come from',
    schema: v.array(v.looseObject({}, 'must be a map'), 'must be a list'),
    isRequired: true,
  },
  environment: {
    about:
      'variables of the functions, as in configuration.md. `CONFIG_FILE` is a file that is packaged, `ssm:/name` or `s3://bucket/key`',
    schema: v.record(environmentName, environmentValue, 'must be a map of variables'),
    isRequired: true,
  },
  region: {
    about: 'the region of the stack, where the brokers are. `--region` wins over it, and it wins over `AWS_REGION`',
    otherwise: '`AWS_REGION`, `AWS_DEFAULT_REGION`, or the region of the ARNs',
    schema: matching(/^[a-z]{2}(?:-[a-z]+)+-\d$/, 'a region like eu-central-1'),
  },
  consumerGroup: {
    about: 'the beginning of the consumer groups: `<this>-<source>-<topic>`',
    otherwise: '`kube-eventer-telegram-lambda-<stage>`',
    // AWS also accepts "*", which would be a wildcard in the role.
    schema: matching(
      /^[a-zA-Z0-9][\w.:/+=@-]{0,99}$/,
      'a name of at most 100 letters, digits, "_", ".", ":", "/", "+", "=", "@" and "-"',
    ),
  },
  startingPosition: {
    about:
      'where a new event source begins: `first-deployment`, `beginning`, `latest`, or a time like 2026-12-24T18:00:00Z',
    schema: v.union(
      [
        v.picklist(startingWords),
        v.pipe(
          v.string(),
          v.isoTimestamp(startingForm),
          v.check((text) => parseTime(text) !== undefined, startingForm),
        ),
      ],
      startingForm,
    ),
  },
  delivery: { about: 'whose pollers read', schema: words('provisioned', 'on-demand') },
  minimumPollers: { about: 'provisioned pollers that always run', schema: whole(1, 200) },
  maximumPollers: {
    about: 'provisioned pollers at most; more than the topic has partitions are of no use',
    schema: whole(1, 2000),
  },
  pollerGroup: {
    about: 'provisioned event sources in one VPC with the same group share pollers, and their price',
    otherwise: 'the topics of one cluster share theirs',
    schema: matching(/^[a-zA-Z0-9_-]{1,128}$/, 'a name of at most 128 letters, digits, "_" and "-"'),
  },
  batchSize: { about: 'records in one invocation at most', schema: whole(1, 10_000) },
  batchWindowSeconds: {
    about: 'how long AWS collects records for a batch',
    otherwise: 'half a second',
    schema: whole(0, 300),
  },
  filters: {
    about: 'AWS drops records that match none of these patterns, unseen: no outcome, no log',
    // AWS allows more only on request.
    schema: listOf(
      v.pipe(
        v.record(v.string(), v.unknown(), patternForm),
        v.check((pattern: Record<string, unknown>) => isPattern(pattern), patternForm),
      ),
      5,
    ),
  },
  maximumRetries: {
    about: 'how often a failed batch is repeated',
    otherwise: 'until it succeeds',
    schema: whole(0, 10_000),
  },
  maximumRecordAgeSeconds: { about: 'older records are discarded', otherwise: 'none', schema: whole(60, 604_800) },
  onFailure: {
    about:
      'where AWS reports discarded batches. With it AWS gives up after 10 retries unless maximumRetries says another number',
    schema: destination,
  },
  state: { about: 'where the program remembers', schema: words('dynamodb', 'memory') },
  tokenParameter: {
    about: 'the SSM parameter (a SecureString) with the bot token',
    otherwise: '`/kube-eventer-telegram/<stage>/bot-token`',
    schema: matching(/^\/[\w./-]{1,1010}$/, 'the name of an SSM parameter like /kube-eventer-telegram/prod/bot-token'),
  },
  tokenSecretArn: {
    about: 'a secret of Secrets Manager with the bot token as plain text, instead of tokenParameter',
    schema: secretArn,
  },
  tokenKeyArn: { about: 'the customer managed KMS key of that parameter or secret, if it has one', schema: keyArn },
  configKeyArn: {
    about: 'the customer managed KMS key of the parameter or object that CONFIG_FILE names, if it has one',
    schema: keyArn,
  },
  vpc: {
    about: 'subnets and security groups of the functions. They then need a NAT gateway to reach Telegram',
    schema: v.strictObject({ subnets, securityGroups }, 'must be a map with subnets and securityGroups'),
  },
  tags: {
    about: 'of the stack and its resources',
    schema: v.record(
      v.pipe(
        v.string(),
        v.regex(/^(?!aws:).{1,128}$/i, 'the name of a tag must have 1 to 128 characters and must not begin with aws:'),
      ),
      v.pipe(v.string('must be a text'), v.maxLength(256, 'must have at most 256 characters')),
      'must be a map of tags',
    ),
  },
  logRetentionDays: {
    about: 'how long logs are kept',
    schema: v.picklist(
      [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653],
      'must be a number of days that CloudWatch knows, for example 7, 14, 30, 90 or 365',
    ),
  },
  logFormat: {
    about: 'of the lines that Lambda itself adds; the lines of the program are JSON in both',
    schema: words('text', 'json'),
  },
  logKeyArn: { about: 'a customer managed KMS key for the logs', schema: keyArn },
  tracing: { about: 'AWS X-Ray', schema: yesOrNo },
  environmentKeyArn: { about: 'a customer managed KMS key for the environment of the functions', schema: keyArn },
  tableKeyArn: { about: 'a customer managed KMS key for the table', schema: keyArn },
  tableRecovery: {
    about: 'point-in-time recovery of the table. A restored table lacks the latest messages, so they are sent again',
    schema: yesOrNo,
  },
  tableProtection: { about: 'AWS refuses to delete the table', schema: yesOrNo },
  retainTable: {
    about: 'the table stays when the stack is removed. Its name is then taken: delete it before you deploy again',
    schema: yesOrNo,
  },
  alarmTopicArns: {
    about: 'SNS topics that alarms notify, also when they are over',
    schema: listOf(v.pipe(arn('sns', '[\\w.-]+', 'sns:eu-central-1:123456789012:ops'), isStandard), 5),
  },
  dashboard: { about: 'a CloudWatch dashboard', schema: yesOrNo },
} as const satisfies Record<string, Field>

/** A setting has this value if it is not given. read.ts adds the defaults that depend on the stage. */
export const defaults = {
  startingPosition: 'first-deployment',
  delivery: 'provisioned',
  minimumPollers: 1,
  maximumPollers: 1,
  batchSize: 100,
  state: 'dynamodb',
  logRetentionDays: 30,
  logFormat: 'text',
  tracing: false,
  tableRecovery: false,
  tableProtection: false,
  retainTable: false,
  dashboard: true,
} as const
