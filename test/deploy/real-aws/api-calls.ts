import assert from 'node:assert/strict'
import type { Properties, Template } from '../template.ts'

/** A call that CloudFormation makes for a resource. */
export interface ApiCall {
  service: string
  operation: string
  input: Properties
}

type Translation = (properties: Properties, id: string) => ApiCall[]

/** What an update may not name: it cannot be changed (AWS Lambda API reference, UpdateEventSourceMapping). */
const onlyAtCreation = [
  'EventSourceArn',
  'SelfManagedEventSource',
  'StartingPosition',
  'StartingPositionTimestamp',
  'Tags',
  'Topics',
]

const translations: Record<string, Translation> = {
  'AWS::Lambda::EventSourceMapping': (properties) => {
    const input = fromCloudFormation(properties)
    const { SelfManagedEventSource: cluster } = properties as {
      SelfManagedEventSource?: { Endpoints: { KafkaBootstrapServers: string[] } }
    }
    const endpoints = cluster && {
      SelfManagedEventSource: { Endpoints: { KAFKA_BOOTSTRAP_SERVERS: cluster.Endpoints.KafkaBootstrapServers } },
    }
    return [
      { service: 'lambda', operation: 'CreateEventSourceMapping', input: { ...input, ...endpoints } },
      {
        service: 'lambda',
        operation: 'UpdateEventSourceMapping',
        input: { ...without(input, onlyAtCreation), UUID: '01234567-89ab-cdef-0123-456789abcdef' },
      },
    ]
  },
  'AWS::Lambda::Function': (properties, id) => {
    const { ReservedConcurrentExecutions: reserved, FunctionName = id, ...rest } = properties
    const create = {
      service: 'lambda',
      operation: 'CreateFunction',
      input: { FunctionName, ...fromCloudFormation(rest) },
    }
    const limit = {
      service: 'lambda',
      operation: 'PutFunctionConcurrency',
      input: { FunctionName, ReservedConcurrentExecutions: reserved },
    }
    return reserved === undefined ? [create] : [create, limit]
  },
  'AWS::Lambda::Permission': (properties, StatementId) => [
    { service: 'lambda', operation: 'AddPermission', input: { StatementId, ...properties } },
  ],
  'AWS::Lambda::EventInvokeConfig': (input) => [
    { service: 'lambda', operation: 'PutFunctionEventInvokeConfig', input },
  ],
  'AWS::DynamoDB::Table': ({
    TimeToLiveSpecification,
    PointInTimeRecoverySpecification,
    SSESpecification,
    TableName,
    ...rest
  }) => {
    const { SSEEnabled, ...encryption } = (SSESpecification ?? {}) as Properties
    const create = {
      ...rest,
      TableName,
      ...(SSESpecification ? { SSESpecification: { Enabled: SSEEnabled, ...encryption } } : {}),
    }
    const call = (operation: string, input: Properties) => ({ service: 'dynamodb', operation, input })
    return [
      call('CreateTable', create),
      ...(TimeToLiveSpecification ? [call('UpdateTimeToLive', { TableName, TimeToLiveSpecification })] : []),
      ...(PointInTimeRecoverySpecification
        ? [call('UpdateContinuousBackups', { TableName, PointInTimeRecoverySpecification })]
        : []),
    ]
  },
  'AWS::CloudWatch::Alarm': ({ AlarmName, ...rest }, id) => [
    { service: 'cloudwatch', operation: 'PutMetricAlarm', input: { AlarmName: AlarmName ?? id, ...rest } },
  ],
  'AWS::CloudWatch::Dashboard': ({ DashboardName, ...rest }, id) => [
    { service: 'cloudwatch', operation: 'PutDashboard', input: { DashboardName: DashboardName ?? id, ...rest } },
  ],
  'AWS::Logs::LogGroup': ({ LogGroupName, RetentionInDays, KmsKeyId, Tags, ...rest }, id) => {
    const logGroupName = LogGroupName ?? id
    const create = {
      logGroupName,
      ...(KmsKeyId ? { kmsKeyId: KmsKeyId } : {}),
      ...(Tags ? { tags: toMap(Tags) } : {}),
      ...rest,
    }
    return [
      { service: 'logs', operation: 'CreateLogGroup', input: create },
      ...(RetentionInDays
        ? [
            {
              service: 'logs',
              operation: 'PutRetentionPolicy',
              input: { logGroupName, retentionInDays: RetentionInDays },
            },
          ]
        : []),
    ]
  },
  'AWS::Events::Rule': ({ Name, Targets, ...rest }, id) => [
    { service: 'events', operation: 'PutRule', input: { Name: Name ?? id, ...rest } },
    { service: 'events', operation: 'PutTargets', input: { Rule: Name ?? id, Targets } },
  ],
  'AWS::IAM::Role': ({ RoleName, AssumeRolePolicyDocument, Policies = [], ManagedPolicyArns = [], ...rest }, id) => [
    {
      service: 'iam',
      operation: 'CreateRole',
      input: { RoleName: RoleName ?? id, AssumeRolePolicyDocument: JSON.stringify(AssumeRolePolicyDocument), ...rest },
    },
    ...(Policies as Properties[]).map((policy) => putPolicy(RoleName ?? id, policy)),
    ...(ManagedPolicyArns as string[]).map((PolicyArn) => ({
      service: 'iam',
      operation: 'AttachRolePolicy',
      input: { RoleName: RoleName ?? id, PolicyArn },
    })),
  ],
  'AWS::IAM::Policy': ({ Roles = [], ...policy }) => (Roles as unknown[]).map((role) => putPolicy(role, policy)),
  // The bucket of the upload, which the Serverless Framework declares itself.
  'AWS::S3::Bucket': () => [],
  'AWS::S3::BucketPolicy': () => [],
}

/** The calls that CloudFormation makes to create the resources of a resolved template, by logical id. Mappings are also updated. */
export function apiCallsOf({ Resources }: Template): { id: string; call: ApiCall }[] {
  return Object.entries(Resources).flatMap(([id, { Type, Properties }]) => {
    const translation = translations[Type]
    assert.ok(translation, `no known call for a resource of type ${Type} (${id})`)
    return translation(Properties, id).map((call) => ({ id, call }))
  })
}

/** CloudFormation spells one field differently, and has tags as a list. */
function fromCloudFormation({ KmsKeyArn, Tags, ...rest }: Properties): Properties {
  return {
    ...rest,
    ...(KmsKeyArn === undefined ? {} : { KMSKeyArn: KmsKeyArn }),
    ...(Tags === undefined ? {} : { Tags: toMap(Tags) }),
  }
}

function putPolicy(RoleName: unknown, { PolicyName, PolicyDocument }: Properties): ApiCall {
  const input = { RoleName, PolicyName, PolicyDocument: JSON.stringify(PolicyDocument) }
  return { service: 'iam', operation: 'PutRolePolicy', input }
}

function toMap(tags: unknown): Properties {
  return Object.fromEntries((tags as { Key: string; Value: unknown }[]).map(({ Key, Value }) => [Key, Value]))
}

function without(properties: Properties, names: string[]): Properties {
  return Object.fromEntries(Object.entries(properties).filter(([name]) => !names.includes(name)))
}
