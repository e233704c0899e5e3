import { beforeAll, describe, expect, inject, test } from 'vitest'
import { queryAws } from '../../../../lib/adapters/aws/query.ts'
import { callAws } from '../../../../lib/adapters/aws/request.ts'
import { systemClock } from '../../../../lib/adapters/clock.ts'
import { callDynamodb } from '../../../support/dynamodb-tables.ts'
import { tableDefinition, timeToLive } from '../../../support/table.ts'
import { cli, type Ended } from '../../spawn.ts'

const access = inject('aws')
const token = '123456789:AAEhBOweik6ad9r_QXMENQjcrGbqCr4K-bc'

async function check(...args: string[]): Promise<Ended> {
  return await cli(['check', '--aws', ...args], {
    AWS_REGION: access.region,
    AWS_ACCESS_KEY_ID: access.accessKeyId,
    AWS_SECRET_ACCESS_KEY: access.secretAccessKey,
    AWS_ENDPOINT_URL: access.endpoint ?? '',
  })
}

function deploy(StackName: string, TemplateBody: object) {
  const parameters = {
    StackName,
    TemplateBody: JSON.stringify(TemplateBody),
    'Capabilities.member.1': 'CAPABILITY_IAM',
  }
  const call = { service: 'cloudformation', version: '2010-05-15', action: 'CreateStack', parameters }
  return queryAws(call, access, systemClock)
}

const lambda = (name: string, Variables: object) => ({
  Type: 'AWS::Lambda::Function',
  Properties: {
    FunctionName: name,
    Runtime: 'nodejs24.x',
    Handler: 'index.handler',
    Role: 'arn:aws:iam::000000000000:role/test',
    Code: { ZipFile: 'exports.handler = async () => ({})' },
    Environment: { Variables },
  },
})

const stack = 'kube-eventer-telegram-checked'
const variables = {
  TELEGRAM_BOT_TOKEN_PARAMETER: '/checked/bot-token',
  TELEGRAM_CHAT_ID: '-1001234567890',
  STATE: `dynamodb:${stack}`,
  FAILURE_MODE: 'throw',
}

describe('check --aws of a deployed stack', () => {
  beforeAll(async () => {
    const body = { Name: '/checked/bot-token', Type: 'SecureString', Value: token }
    await callAws({ service: 'ssm', target: 'AmazonSSM.PutParameter', body }, access, systemClock)
    await deploy(stack, {
      Resources: {
        NotifyLambdaFunction: lambda(`${stack}-notify`, variables),
        SweepLambdaFunction: lambda(`${stack}-sweep`, variables),
        StateTable: {
          Type: 'AWS::DynamoDB::Table',
          Properties: { TableName: stack, ...tableDefinition },
        },
        NotifyEventSource: {
          Type: 'AWS::Lambda::EventSourceMapping',
          Properties: {
            FunctionName: { 'Fn::GetAtt': ['NotifyLambdaFunction', 'Arn'] },
            EventSourceArn:
              'arn:aws:kafka:eu-central-1:000000000000:cluster/prod/11111111-2222-3333-4444-555555555555-1',
            Topics: ['kube-events'],
            StartingPosition: 'LATEST',
            AmazonManagedKafkaEventSourceConfig: { ConsumerGroupId: `${stack}-prod-kube-events` },
          },
        },
        ErrorsAlarm: {
          Type: 'AWS::CloudWatch::Alarm',
          Properties: {
            Namespace: 'AWS/Lambda',
            MetricName: 'Errors',
            Dimensions: [{ Name: 'FunctionName', Value: { Ref: 'NotifyLambdaFunction' } }],
            Statistic: 'Sum',
            ComparisonOperator: 'GreaterThanThreshold',
            Threshold: 0,
            Period: 300,
            EvaluationPeriods: 1,
          },
        },
      },
    })
    // The emulated CloudFormation does not set it.
    await callDynamodb('UpdateTimeToLive', { TableName: stack, TimeToLiveSpecification: timeToLive }, access)
  })

  test('finds each part of it', async () => {
    const { code, stdout } = await check('--stage', 'checked')
    const lines = stdout.replaceAll(/\n {4,}/g, ' ')
    for (const part of [
      'AWS, stack kube-eventer-telegram-checked in eu-central-1',
      '✓ credentials: account 000000000000, eu-central-1, as arn:aws:iam::',
      '✓ stack kube-eventer-telegram-checked: deployed (CREATE_COMPLETE)',
      '✓ function kube-eventer-telegram-checked-notify: ready',
      '✓ function kube-eventer-telegram-checked-sweep: ready',
      'reads from MSK cluster prod',
      '· event source',
      '✓ token /checked/bot-token: the parameter contains a bot token',
      '✓ table kube-eventer-telegram-checked: ready, with the index by-list',
      '· function kube-eventer-telegram-checked-notify: was not invoked in the last 24 hours',
      '· sweep kube-eventer-telegram-checked-sweep: no sweep ran yet',
      '✓ alarms: 1 alarm, none is active',
      '! alarms: nobody is told: no alarm has an action',
      'No problems.',
    ])
      expect(lines).toContain(part)
    expect(stdout).not.toContain(token)
    expect(code).toBe(0)
  })

  test('counts its invocations', async () => {
    const data = ['notify', 'sweep'].map((name) => ({
      MetricName: 'Invocations',
      Dimensions: [{ Name: 'FunctionName', Value: `${stack}-${name}` }],
      Value: 12,
      Unit: 'Count',
    }))
    const target = 'GraniteServiceVersion20100801.PutMetricData'
    const body = { Namespace: 'AWS/Lambda', MetricData: data }
    await callAws({ service: 'monitoring', target, body, version: '1.0' }, access, systemClock)
    const { stdout } = await check('--stack', stack)
    expect(stdout).toContain('12 sweeps in the last 15 minutes, none failed')
    expect(stdout.replaceAll(/\n {4,}/g, ' ')).toMatch(/12 invocations in the last 24 hours, none failed/)
  })

  test('names what does not exist', async () => {
    const { code, stdout } = await check('--stack', 'never-deployed')
    expect(stdout).toContain('✗ stack never-deployed: does not exist in eu-central-1 of account 000000000000')
    expect(code).toBe(1)
  })
})
