import assert from 'node:assert/strict'
import { type Properties, propertiesOf, type Template } from '../template.ts'
import type { Circumstances } from './permissions.ts'
import type { Place } from './resolve.ts'
import { openStack, type Stack } from './stack.ts'

export const place: Place = { partition: 'aws', region: 'eu-central-1', account: '123456789012', stack: 'events-prod' }
/** 2026-11-28 12:00 UTC. */
export const now = 1_795_867_200_000

const cluster = 'arn:aws:kafka:eu-central-1:123456789012:cluster/prod/0a1b'
const topic = 'arn:aws:kafka:eu-central-1:123456789012:topic/prod/0a1b/kube-events'
const group = 'arn:aws:kafka:eu-central-1:123456789012:group/prod/0a1b/events-prod'

/** Circumstances of the small template: MSK with IAM, and a token without a key of its own. */
export const circumstances: Circumstances = {
  loginOf: () => 'iam',
  secretKeyOf: () => undefined,
  calls: ['PutItem', 'Query'],
  keys: {},
}

/** A right template of one function that reads a topic, with a table. A new one each time, so that a test can change it. */
export function smallTemplate(): Template {
  return {
    Resources: {
      Notify: {
        Type: 'AWS::Lambda::Function',
        Properties: {
          FunctionName: { 'Fn::Sub': '$'.concat('{AWS::StackName}-notify') },
          Handler: 'notify.handler',
          Runtime: 'nodejs24.x',
          Code: { S3Bucket: 'bucket', S3Key: 'key.zip' },
          Role: { 'Fn::GetAtt': ['NotifyRole', 'Arn'] },
          Environment: {
            Variables: {
              FAILURE_MODE: 'partial',
              STATE: { 'Fn::Join': ['', ['dynamodb:', { Ref: 'Table' }]] },
              TELEGRAM_BOT_TOKEN_PARAMETER: '/events/token',
            },
          },
        },
      },
      Log: {
        Type: 'AWS::Logs::LogGroup',
        Properties: { LogGroupName: '/aws/lambda/events-prod-notify', RetentionInDays: 30 },
      },
      NotifyRole: {
        Type: 'AWS::IAM::Role',
        Properties: {
          AssumeRolePolicyDocument: {
            Version: '2012-10-17',
            Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
          },
          Policies: [
            {
              PolicyName: 'own',
              PolicyDocument: {
                Version: '2012-10-17',
                Statement: [
                  allow(['logs:CreateLogStream', 'logs:PutLogEvents'], { 'Fn::GetAtt': ['Log', 'Arn'] }),
                  allow(['ssm:GetParameter'], 'arn:aws:ssm:eu-central-1:123456789012:parameter/events/token'),
                ],
              },
            },
          ],
        },
      },
      Policy: {
        Type: 'AWS::IAM::Policy',
        Properties: {
          PolicyName: 'source',
          Roles: [{ Ref: 'NotifyRole' }],
          PolicyDocument: {
            Version: '2012-10-17',
            Statement: [
              allow(['kafka:DescribeClusterV2', 'kafka:GetBootstrapBrokers'], cluster),
              allow(['kafka-cluster:Connect', 'kafka-cluster:DescribeClusterDynamicConfiguration'], cluster),
              allow(['kafka-cluster:DescribeTopic', 'kafka-cluster:ReadData'], topic),
              allow(['kafka-cluster:DescribeGroup', 'kafka-cluster:AlterGroup'], group),
              allow(
                [
                  'ec2:CreateNetworkInterface',
                  'ec2:DescribeNetworkInterfaces',
                  'ec2:DeleteNetworkInterface',
                  'ec2:DescribeVpcs',
                  'ec2:DescribeSubnets',
                  'ec2:DescribeSecurityGroups',
                ],
                '*',
              ),
              allow(['dynamodb:PutItem'], { 'Fn::GetAtt': ['Table', 'Arn'] }),
              allow(['dynamodb:Query'], { 'Fn::Join': ['/', [{ 'Fn::GetAtt': ['Table', 'Arn'] }, 'index/by-list']] }),
            ],
          },
        },
      },
      Table: {
        Type: 'AWS::DynamoDB::Table',
        Properties: {
          TableName: 'events-prod',
          BillingMode: 'PAY_PER_REQUEST',
          AttributeDefinitions: [
            { AttributeName: 'key', AttributeType: 'S' },
            { AttributeName: 'list', AttributeType: 'S' },
          ],
          KeySchema: [{ AttributeName: 'key', KeyType: 'HASH' }],
          GlobalSecondaryIndexes: [
            {
              IndexName: 'by-list',
              KeySchema: [{ AttributeName: 'list', KeyType: 'HASH' }],
              Projection: { ProjectionType: 'ALL' },
            },
          ],
          TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true },
        },
      },
      Mapping: {
        Type: 'AWS::Lambda::EventSourceMapping',
        Properties: {
          FunctionName: { 'Fn::GetAtt': ['Notify', 'Arn'] },
          EventSourceArn: cluster,
          Topics: ['kube-events'],
          AmazonManagedKafkaEventSourceConfig: { ConsumerGroupId: 'events-prod' },
          StartingPosition: 'AT_TIMESTAMP',
          StartingPositionTimestamp: now / 1_000 - 60,
          BatchSize: 100,
          ProvisionedPollerConfig: { MinimumPollers: 1, MaximumPollers: 1 },
          FunctionResponseTypes: ['ReportBatchItemFailures'],
          BisectBatchOnFunctionError: true,
          MaximumRetryAttempts: -1,
          MaximumRecordAgeInSeconds: -1,
        },
      },
      Dashboard: {
        Type: 'AWS::CloudWatch::Dashboard',
        Properties: {
          DashboardName: 'events-prod',
          DashboardBody: { 'Fn::Sub': '{"widgets":[{"type":"text","properties":{"markdown":"events"}}]}' },
        },
      },
    },
  }
}

export type Change = (template: Template) => void

export function changed(...changes: Change[]): Template {
  const template = smallTemplate()
  for (const change of changes) change(template)
  return template
}

export function stackOf(...changes: Change[]): Stack {
  return openStack(changed(...changes), place)
}

/** Sets properties of a resource. `undefined` removes one. */
export function set(id: string, properties: Properties): Change {
  return ({ Resources }) => {
    const resource = Resources[id]
    assert.ok(resource, id)
    const merged = Object.entries({ ...resource.Properties, ...properties })
    resource.Properties = Object.fromEntries(merged.filter(([, value]) => value !== undefined))
  }
}

/** Adds a resource, which is a copy of another one with other properties. */
export function copy(from: string, to: string, properties: Properties): Change {
  return (template) => {
    const resource = template.Resources[from]
    assert.ok(resource, from)
    template.Resources[to] = structuredClone(resource)
    set(to, properties)(template)
  }
}

export function setVariables(id: string, variables: Properties): Change {
  return (template) => {
    const { Variables } = propertiesOf(template, id).Environment as { Variables: Properties }
    set(id, { Environment: { Variables: { ...Variables, ...variables } } })(template)
  }
}

export function remove(id: string): Change {
  return ({ Resources }) => {
    delete Resources[id]
  }
}

/** Turns the mapping into one of a self-managed cluster. */
export function setSelfManaged(access: { Type: string; URI: string }[], servers = ['b1.example.com:9096']): Change {
  return set('Mapping', {
    EventSourceArn: undefined,
    AmazonManagedKafkaEventSourceConfig: undefined,
    SelfManagedEventSource: { Endpoints: { KafkaBootstrapServers: servers } },
    SelfManagedKafkaEventSourceConfig: { ConsumerGroupId: 'events-prod' },
    SourceAccessConfigurations: access,
  })
}

function allow(Action: string[], Resource: unknown) {
  return { Effect: 'Allow', Action, Resource }
}
