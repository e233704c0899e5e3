import { sourceTypes } from '../aws/settings/combinations.ts'
import { fields, sourceFields } from '../aws/settings/fields.ts'
import type { Login } from '../aws/settings/settings.ts'

// The parameters of the released templates. Their forms are those of settings.yml.

export interface Parameter {
  Type: 'String' | 'Number' | 'CommaDelimitedList'
  Description: string
  Default?: string | number
  AllowedPattern?: string
  AllowedValues?: readonly (string | number)[]
  MinValue?: number
  MaxValue?: number
  ConstraintDescription?: string
}

export type Kind = 'msk' | 'self-managed'

export function needsSecret(login: Login): boolean {
  return login !== 'iam' && login !== 'none'
}

/** A switch of the delivery takes two updates, and `switching` is the first. `to-on-demand` also takes back what provisioned pollers had. */
const deliveryWords = ['provisioned', 'on-demand', 'switching', 'to-on-demand'] as const

/** A name of up to 35 characters leaves room for the longest function name. */
const stagePattern = '^[a-zA-Z][a-zA-Z0-9-]{0,34}$'

/** The parameters of a template by the headings under which the CloudFormation console shows them. */
export function parameterGroups(kind: Kind): Record<string, Record<string, Parameter>> {
  const isMsk = kind === 'msk'
  return {
    Code: {
      CodeBucket: text('The S3 bucket with the zips, in the region of this stack.', {
        AllowedPattern: '^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$',
      }),
      CodePrefix: text('The folder in this bucket; the zips are in <folder>/<version>/.', {
        Default: 'kube-eventer-telegram',
        AllowedPattern: "^[\\w!.*'()-]+(/[\\w!.*'()-]+)*$",
      }),
      Stage: text('A part of all names, so that several stacks can exist side by side. It cannot be changed later.', {
        Default: 'prod',
        AllowedPattern: stagePattern,
      }),
    },
    Telegram: {
      ChatId: text(
        'TELEGRAM_CHAT_ID: the chat, for example -1001234567890, -1001234567890:42 with a thread, or @channel.',
        {
          AllowedPattern: '^(-?\\d{1,20}(:\\d{1,10})?|@\\w{1,64})$',
        },
      ),
      TokenParameter: optional(
        'The SSM parameter (a SecureString) with the bot token. Empty: /kube-eventer-telegram/<Stage>/bot-token.',
        fields.tokenParameter,
      ),
      TokenSecretArn: optional(
        'A secret with the bot token as plain text, instead of TokenParameter.',
        fields.tokenSecretArn,
      ),
      TokenKeyArn: optional(
        'The customer managed KMS key of that parameter or secret, if it has one.',
        fields.tokenKeyArn,
      ),
      ApiRoot: optionalText('TELEGRAM_API_ROOT: a Bot API server of your own.', '^https?://\\S+$'),
    },
    Kafka: {
      ...(isMsk
        ? { ClusterArn: form('The ARN of the MSK cluster, provisioned or serverless.', sourceFields.clusterArn) }
        : {
            BootstrapServers: {
              Type: 'CommaDelimitedList' as const,
              Description:
                'At most 10 brokers, for example broker-1.example.com:9096,broker-2.example.com:9096. To change them, deploy WithEventSource=no before.',
              AllowedPattern: patternOf(sourceFields.bootstrapServers),
              ConstraintDescription: 'must be addresses like broker-1.example.com:9096',
            },
          }),
      Login: {
        Type: 'String',
        Description: `How the event source logs in.${isMsk ? ' MSK Serverless has iam only.' : ''}`,
        AllowedValues: sourceTypes[kind].logins,
      },
      SecretArn: optional(
        'The secret of the login, which all but iam and none need. For SCRAM at MSK its name begins with AmazonMSK_.',
        sourceFields.secretArn,
      ),
      SecretKeyArn: optional(
        'The customer managed KMS key of that secret, if it has one; a SCRAM secret of MSK always has.',
        sourceFields.secretKeyArn,
      ),
      ...(isMsk
        ? {}
        : {
            RootCaSecretArn: optional(
              'The secret with the root CA of the brokers, if no public CA has signed their certificates.',
              sourceFields.rootCaSecretArn,
            ),
            OauthScope: optional('The scope, for Login oauth.', sourceFields.oauthScope),
            OauthAudience: optional('The audience, for Login oauth.', sourceFields.oauthAudience),
            OauthLogicalCluster: optional(
              'The logical cluster of Confluent Cloud, for Login oauth.',
              sourceFields.oauthLogicalCluster,
            ),
            OauthIdentityPool: optional(
              'The identity pool of Confluent Cloud, for Login oauth.',
              sourceFields.oauthIdentityPool,
            ),
            Subnet1: optional('A subnet of brokers in a VPC, for the pollers.', sourceFields.subnets),
            Subnet2: optional('A second subnet.', sourceFields.subnets),
            Subnet3: optional('A third subnet.', sourceFields.subnets),
            SecurityGroup: optional(
              'The security group of the pollers, for brokers in a VPC.',
              sourceFields.securityGroups,
            ),
          }),
      Topic: form('The topic. To change it, deploy WithEventSource=no before.', sourceFields.topics),
      ConsumerGroup: optional(
        'The beginning of the consumer group. Empty: kube-eventer-telegram-lambda-<Stage>. To change it, deploy WithEventSource=no before.',
        fields.consumerGroup,
      ),
      WithEventSource: {
        Type: 'String',
        Description:
          'Set to no to remove the event source. AWS cannot change some of its properties, so it must be removed and added again.',
        Default: 'yes',
        AllowedValues: ['yes', 'no'],
      },
      StartingPosition: {
        Type: 'String',
        Description:
          'Where the event source begins when it is created: at StartingTime, or at the beginning of the topic.',
        Default: 'time',
        AllowedValues: ['time', 'beginning'],
      },
      StartingTime: {
        Type: 'Number',
        Description:
          'Seconds since 1970: the output of `date +%s` at the first deployment. To change it, deploy WithEventSource=no before.',
        Default: 0,
        MinValue: 0,
      },
    },
    Delivery: {
      Delivery: {
        Type: 'String',
        Description:
          'The pollers that read the topic. Change it in steps of two minutes, or records are lost: from provisioned to switching to to-on-demand, from on-demand to switching to provisioned.',
        Default: 'provisioned',
        AllowedValues: deliveryWords,
      },
      MinimumPollers: number('Provisioned pollers that always run.', fields.minimumPollers, 1),
      MaximumPollers: number('Provisioned pollers at most.', fields.maximumPollers, 1),
      PollerGroup: optional(
        'Provisioned event sources in one VPC with the same group share pollers.',
        fields.pollerGroup,
      ),
      BatchSize: number('Records in one invocation at most.', fields.batchSize, 100),
    },
    Memory: {
      State: {
        Type: 'String',
        Description: 'Where the program remembers: a DynamoDB table, or the memory of the function.',
        Default: 'dynamodb',
        AllowedValues: ['dynamodb', 'memory'],
      },
      TableProtection: {
        Type: 'String',
        Description:
          'Whether AWS refuses to delete the table. Set to no before you remove the stack or set State to memory.',
        Default: 'no',
        AllowedValues: ['yes', 'no'],
      },
      TableRecovery: {
        Type: 'String',
        Description: 'Point-in-time recovery of the table.',
        Default: 'no',
        AllowedValues: ['yes', 'no'],
      },
    },
    'Rules and cards': {
      ConfigParameter: optionalText(
        'CONFIG_FILE: the SSM parameter with the rules, for example /kube-eventer-telegram/rules.',
        '^/[\\w./-]+$',
      ),
      ConfigBucket: optionalText('CONFIG_FILE: the S3 bucket with the rules.', '^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$'),
      ConfigKey: optionalText('CONFIG_FILE: the key of the rules in ConfigBucket.', "^[\\w!.'()/-]+$"),
      ConfigKeyArn: optional(
        'The customer managed KMS key of that parameter or object, if it has one.',
        fields.configKeyArn,
      ),
      ClusterName: optionalText('CLUSTER_NAME: the name of the cluster in cards.', '^.+$'),
      TimeZone: optionalText('TZ: the time zone of cards, for example Europe/Berlin. Empty: UTC.', '^[\\w+/-]+$'),
      CardLanguage: optionalText('CARD_LANGUAGE: the language of cards, for example de. Empty: en.', '^[a-z]{2}$'),
      LinkTemplate: optionalText('LINK_TEMPLATE: the link of a card.', '^https?://\\S+$'),
    },
    Operation: {
      AlarmTopicArn: optionalText('The SNS topic that alarms notify.', '^arn:aws[\\w-]*:sns:[\\w-]+:\\d{12}:[\\w.-]+$'),
      WithDashboard: {
        Type: 'String',
        Description: 'A CloudWatch dashboard.',
        Default: 'yes',
        AllowedValues: ['yes', 'no'],
      },
      LogLevel: optionalText('LOG_LEVEL of the functions.', '^[a-z]+$'),
      LogRetentionDays: {
        Type: 'Number',
        Description: 'The number of days for which logs are kept.',
        Default: 30,
        AllowedValues: (fields.logRetentionDays.schema as { options: readonly number[] }).options,
      },
    },
  }
}

function text(description: string, others: Partial<Parameter> = {}): Parameter {
  return { Type: 'String', Description: description, ...others }
}

function optionalText(description: string, pattern: string): Parameter {
  return text(description, { Default: '', AllowedPattern: `^$|${pattern}` })
}

interface Field {
  schema: unknown
}

/** Has the form of a setting. */
function form(description: string, field: Field): Parameter {
  return text(description, { AllowedPattern: patternOf(field) })
}

function optional(description: string, field: Field): Parameter {
  return optionalText(description, patternOf(field))
}

function number(description: string, field: Field, standard: number): Parameter {
  const limitOf = (type: string) => checksOf(field.schema).find((check) => check.type === type)?.requirement as number
  return {
    Type: 'Number',
    Description: description,
    Default: standard,
    MinValue: limitOf('min_value'),
    MaxValue: limitOf('max_value'),
  }
}

interface Check {
  type: string
  requirement?: unknown
  item?: unknown
}

/** The steps of a valibot schema, of the schema that it extends, and of the items of a list. */
function checksOf(schema: unknown): Check[] {
  const { pipe = [] } = schema as { pipe?: Check[] }
  return pipe.flatMap((check) => [check, ...checksOf(check), ...(check.item ? checksOf(check.item) : [])])
}

function patternOf({ schema }: Field): string {
  const pattern = checksOf(schema).find(({ type }) => type === 'regex')?.requirement
  if (!(pattern instanceof RegExp)) throw new Error('the setting has no pattern')
  return pattern.source
}
