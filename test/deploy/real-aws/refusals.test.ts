import { expect, it } from 'vitest'
import { findRefusals, refusals } from './refusals.ts'
import {
  type Change,
  copy,
  now,
  place,
  remove,
  set,
  setSelfManaged,
  setVariables,
  smallTemplate,
  stackOf,
} from './small-template.ts'
import { openStack } from './stack.ts'

const secret = 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:AmazonMSK_events-a1b2c3'
const inVpc = [
  { Type: 'VPC_SUBNET', URI: 'subnet:subnet-1' },
  { Type: 'VPC_SECURITY_GROUP', URI: 'security_group:sg-1' },
]
const destination = (name: string, retries = 10) =>
  set('Mapping', { DestinationConfig: { OnFailure: { Destination: name } }, MaximumRetryAttempts: retries })
const filter = (...patterns: string[]) =>
  set('Mapping', { FilterCriteria: { Filters: patterns.map((Pattern) => ({ Pattern })) } })
const onDemand = set('Mapping', {
  ProvisionedPollerConfig: undefined,
  FunctionResponseTypes: undefined,
  BisectBatchOnFunctionError: undefined,
  MaximumRetryAttempts: undefined,
  MaximumRecordAgeInSeconds: undefined,
})
const long = (length: number) => 'n'.repeat(length)

/** The rule that is broken, the change that breaks it, and what is said. */
const broken: [string, Change[], RegExp][] = [
  [
    'a mapping needs a starting position',
    [set('Mapping', { StartingPosition: undefined, StartingPositionTimestamp: undefined })],
    /missing/,
  ],
  ['AT_TIMESTAMP needs a time', [set('Mapping', { StartingPositionTimestamp: undefined })], /no timestamp/],
  ['a starting time needs AT_TIMESTAMP', [set('Mapping', { StartingPosition: 'LATEST' })], /LATEST/],
  [
    'the starting time is in seconds and not in the future',
    [set('Mapping', { StartingPositionTimestamp: now / 1_000 + 1 })],
    /future/,
  ],
  [
    'the starting time is in seconds and not in the future',
    [set('Mapping', { StartingPositionTimestamp: now })],
    /future/,
  ],
  [
    'pollers have a minimum that is not over the maximum',
    [set('Mapping', { ProvisionedPollerConfig: { MinimumPollers: 3, MaximumPollers: 2 } })],
    /3 pollers/,
  ],
  ['Kafka has at most 2000 pollers', [set('Mapping', { ProvisionedPollerConfig: { MaximumPollers: 2_001 } })], /2001/],
  [
    'a poller group has at most 100 mappings and 2000 pollers',
    [
      set('Mapping', { ProvisionedPollerConfig: { MaximumPollers: 1_500, PollerGroupName: 'events' } }),
      copy('Mapping', 'Other', {
        Topics: ['other'],
        AmazonManagedKafkaEventSourceConfig: { ConsumerGroupId: 'other' },
      }),
    ],
    /3000 pollers/,
  ],
  [
    'error controls need provisioned pollers',
    [set('Mapping', { ProvisionedPollerConfig: {} })],
    /FunctionResponseTypes, Bisect/,
  ],
  ['a function answers with failed records only if its pollers read the answer', [onDemand], /partial/],
  [
    'a function answers with failed records only if its pollers read the answer',
    [set('Mapping', { FunctionResponseTypes: undefined })],
    /partial/,
  ],
  [
    'a function answers with failed records only if its pollers read the answer',
    [setVariables('Notify', { FAILURE_MODE: undefined })],
    /undefined/,
  ],
  ['records have no age from 1 to 59 seconds', [set('Mapping', { MaximumRecordAgeInSeconds: 59 })], /59/],
  ['the destination is not the source', [destination('kafka://kube-events')], /go to kube-events/],
  [
    'a destination topic is read by no mapping of the same cluster',
    [
      destination('kafka://failed'),
      copy('Mapping', 'Other', {
        Topics: ['failed'],
        AmazonManagedKafkaEventSourceConfig: { ConsumerGroupId: 'other' },
        DestinationConfig: undefined,
      }),
    ],
    /read by Other/,
  ],
  ['a destination ends infinite retries', [destination('kafka://failed', -1)], /infinite/],
  ['a filter is JSON', [filter('{value}')], /\{value\}/],
  ['a filter is JSON', [filter('["value"]')], /value/],
  ['a filter is on the value of a record', [filter('{"key":["a"]}')], /key/],
  ['a mapping has at most 5 filters, the quota of a new account', [filter(...Array(6).fill('{"value":["a"]}'))], /6/],
  [
    'a mapping has one source',
    [set('Mapping', { SelfManagedEventSource: { Endpoints: { KafkaBootstrapServers: ['b:9092'] } } })],
    /either/,
  ],
  [
    'a source has only its own Kafka settings',
    [set('Mapping', { SelfManagedKafkaEventSourceConfig: {} })],
    /self-managed/,
  ],
  ...[
    'BASIC_AUTH',
    'SASL_SCRAM_256_AUTH',
    'SERVER_ROOT_CA_CERTIFICATE',
    'VPC_SUBNET',
    'VPC_SECURITY_GROUP',
    'OAUTHBEARER_AUTH',
  ].map((Type): [string, Change[], RegExp] => [
    'MSK takes no login or network of a self-managed cluster',
    [set('Mapping', { SourceAccessConfigurations: [{ Type, URI: secret }] })],
    new RegExp(Type),
  ]),
  [
    'a mapping has one login',
    [
      setSelfManaged([
        { Type: 'BASIC_AUTH', URI: secret },
        { Type: 'SASL_SCRAM_512_AUTH', URI: secret },
      ]),
    ],
    /BASIC_AUTH, SASL/,
  ],
  [
    'settings of OAuth need the secret of OAuth',
    [
      setSelfManaged([
        { Type: 'BASIC_AUTH', URI: secret },
        { Type: 'OAUTHBEARER_SCOPE', URI: 'kafka' },
      ]),
    ],
    /OAUTHBEARER_SCOPE/,
  ],
  ['brokers without a login, or with a VPC, have subnets and security groups', [setSelfManaged([])], /neither/],
  [
    'brokers without a login, or with a VPC, have subnets and security groups',
    [setSelfManaged(inVpc.slice(1))],
    /together/,
  ],
  [
    "an MSK user's secret begins with AmazonMSK_",
    [
      set('Mapping', {
        SourceAccessConfigurations: [{ Type: 'SASL_SCRAM_512_AUTH', URI: secret.replace('AmazonMSK_', '') }],
      }),
    ],
    /secret:events/,
  ],
  [
    "an MSK user's secret is under a customer managed key, which the role may use",
    [set('Mapping', { SourceAccessConfigurations: [{ Type: 'SASL_SCRAM_512_AUTH', URI: secret }] })],
    /kms:Decrypt/,
  ],
  [
    'a mapping names at most 10 bootstrap servers, each with a port',
    [setSelfManaged(inVpc, Array(11).fill('b:9092'))],
    /11/,
  ],
  [
    'a mapping names at most 10 bootstrap servers, each with a port',
    [setSelfManaged(inVpc, ['kafka.example.com'])],
    /kafka\.example/,
  ],
  [
    'each mapping has a consumer group of its own',
    [copy('Mapping', 'Other', { Topics: ['other'] })],
    /Other: events-prod/,
  ],
  [
    'each mapping has a consumer group of its own',
    [set('Mapping', { AmazonManagedKafkaEventSourceConfig: undefined })],
    /no group/,
  ],
  [
    'a function reads a topic of a cluster once',
    [copy('Mapping', 'Other', { AmazonManagedKafkaEventSourceConfig: { ConsumerGroupId: 'other' } })],
    /Other: kube-events/,
  ],
  ['FunctionName has at most 64 characters', [set('Notify', { FunctionName: long(65) })], /65/],
  ['RoleName has at most 64 characters', [set('NotifyRole', { RoleName: long(65) })], /65/],
  ['Name has at most 64 characters', [rule({ Name: long(65) })], /65/],
  ['AlarmName has at most 255 characters', [resource('AWS::CloudWatch::Alarm', { AlarmName: long(256) })], /256/],
  ['DashboardName has at most 255 characters', [set('Dashboard', { DashboardName: long(256) })], /256/],
  ['TableName has at most 255 characters', [set('Table', { TableName: long(256) })], /256/],
  ['LogGroupName has at most 512 characters', [set('Log', { LogGroupName: long(513) })], /513/],
  [
    'ARNs are of the region and partition of the stack',
    [destination('arn:aws:sqs:us-east-1:123456789012:failed')],
    /us-east-1/,
  ],
  [
    'ARNs are of the region and partition of the stack',
    [destination('arn:aws-cn:sqs:eu-central-1:123456789012:failed')],
    /aws-cn/,
  ],
  ['an environment has at most 4 KB', [setVariables('Notify', { CLUSTER_NAME: long(4_096) })], /bytes/],
  ['an environment has no reserved variables', [setVariables('Notify', { AWS_REGION: 'eu-central-1' })], /AWS_REGION/],
  ['a reserved concurrency of 0 stops a function', [set('Notify', { ReservedConcurrentExecutions: 0 })], /0/],
  ['only one process may have its state in memory', [setVariables('Notify', { STATE: 'memory' })], /undefined/],
  [
    'a function in a VPC may create network interfaces',
    [set('Notify', { VpcConfig: { SubnetIds: ['s'], SecurityGroupIds: ['g'] } }), remove('Policy')],
    /ec2/,
  ],
  ['a traced function may send traces', [set('Notify', { TracingConfig: { Mode: 'Active' } })], /xray/],
  [
    'only a log in JSON has levels, and the level of the program must not hide the metrics',
    [set('Notify', { LoggingConfig: { LogFormat: 'JSON' } })],
    /JSON with undefined/,
  ],
  [
    'only a log in JSON has levels, and the level of the program must not hide the metrics',
    [set('Notify', { LoggingConfig: { ApplicationLogLevel: 'DEBUG' } })],
    /Text with DEBUG/,
  ],
  ['a function with a Kafka source runs at most 14 minutes', [set('Notify', { Timeout: 900 })], /900/],
  ['a Kafka destination needs provisioned pollers', [onDemand, destination('kafka://failed')], /on-demand/],
  [
    'a log group exists before its function writes',
    [remove('Log'), set('NotifyRole', { Policies: [] })],
    /\/aws\/lambda\/events-prod-notify/,
  ],
  ['a dashboard is JSON with 1 to 500 widgets', [set('Dashboard', { DashboardBody: '{"widgets":[' })], /widgets/],
  ['a dashboard is JSON with 1 to 500 widgets', [set('Dashboard', { DashboardBody: '{"widgets":[]}' })], /0 widgets/],
  ...[
    [{ type: 'graph' }, /the type graph/],
    [{ type: 'text', x: 20, width: 6, properties: { markdown: 'a' } }, /20 \+ 6 columns/],
    [{ type: 'metric', properties: { metrics: [] } }, /no region/],
    [{ type: 'metric', properties: { region: 'eu-central-1' } }, /no metrics or annotations/],
    [{ type: 'log', properties: { region: 'eu-central-1' } }, /no query/],
  ].map(([widget, said]): [string, Change[], RegExp] => [
    'a widget fits on the grid of 24 columns and has what its type needs',
    [set('Dashboard', { DashboardBody: JSON.stringify({ widgets: [widget] }) })],
    said as RegExp,
  ]),
  ...[
    [{ MetricName: undefined }, /MetricName or Metrics/],
    [{ MetricName: undefined, Metrics: [{ MetricStat: { Period: 60 } }, { MetricStat: { Period: 60 } }] }, /not once/],
    [{ Period: 90 }, /a period of 90 s/],
    [{ Period: 3_600, EvaluationPeriods: 25 }, /25 periods/],
    [{ DatapointsToAlarm: 2 }, /2 of 1/],
    [{ TreatMissingData: 'notbreaching' }, /notbreaching/],
  ].map(([properties, said]): [string, Change[], RegExp] => [
    'an alarm watches one metric or one expression, and looks back one day at most',
    [alarm(properties as Record<string, unknown>)],
    said as RegExp,
  ]),
  [
    'the policies of a role have at most 10240 characters without spaces',
    [
      resource('AWS::IAM::Policy', {
        PolicyName: 'long',
        Roles: [{ Ref: 'NotifyRole' }],
        PolicyDocument: { Statement: [{ Effect: 'Allow', Action: 'kafka-cluster:ReadData', Resource: long(10_240) }] },
      }),
    ],
    /the role of Notify/,
  ],
  ['a template has at most 500 resources, 200 outputs and 1 MB', [set('Table', { Tags: long(1_048_577) })], /, 0, 10/],
]

it('objects to nothing in a right template', () => {
  expect(findRefusals(stackOf(), now)).toEqual([])
  const withAll = [
    setSelfManaged([...inVpc, { Type: 'SASL_SCRAM_256_AUTH', URI: secret }]),
    destination('kafka://failed'),
  ]
  expect(findRefusals(stackOf(...withAll), now)).toEqual([])
  expect(findRefusals(stackOf(onDemand, setVariables('Notify', { FAILURE_MODE: 'throw' })), now)).toEqual([])
})

it.each(broken)('%s (%#)', (name, changes, said) => {
  const found = findRefusals(stackOf(...changes), now).filter((problem) => problem.startsWith(`${name} (`))
  expect(found).toEqual([expect.stringMatching(said)])
})

it('names the rule for a stack with too long a name', () => {
  const stack = openStack(smallTemplate(), { ...place, stack: long(129) })
  expect(findRefusals(stack, now)).toContainEqual(expect.stringContaining('a stack name has at most 128'))
})

it('has a case that breaks each rule', () => {
  const names = [...broken.map(([name]) => name), 'a stack name has at most 128 letters, digits and hyphens']
  expect(refusals.map(({ name }) => name).filter((name) => !names.includes(name))).toEqual([])
})

function resource(Type: string, Properties: Record<string, unknown>): Change {
  return ({ Resources }) => {
    Resources.Added = { Type, Properties }
  }
}

function alarm(properties: Record<string, unknown>): Change {
  const right = { MetricName: 'Errors', Namespace: 'AWS/Lambda', Period: 60, EvaluationPeriods: 1 }
  const given = Object.entries({ ...right, ...properties }).filter(([, value]) => value !== undefined)
  return resource('AWS::CloudWatch::Alarm', Object.fromEntries(given))
}

function rule(properties: Record<string, unknown>): Change {
  return resource('AWS::Events::Rule', { ScheduleExpression: 'rate(1 minute)', Targets: [], ...properties })
}
