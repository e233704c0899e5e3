import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'

export const token = '123456789:AAEhBOweik6ad9r_QXMENQjcrGbqCr4K-bc'
export const stack = 'kube-eventer-telegram-prod'
export const notify = `${stack}-notify`
export const sweep = `${stack}-sweep`

/** JSON, XML, or a refusal with its HTTP status. */
export type Literal = object | string | { status: number; body: object | string; errorType?: string }

/** By service and operation, as `dynamodb.DescribeTable`; for Lambda and SSM with the end of the name, as `ssm.GetParameter bot-token`. */
export type Answers = Record<string, Literal>

/** AWS's APIs with literal answers, on 127.0.0.1. */
export async function startLiteralAws(answers: Answers) {
  const asked: string[] = []
  const server = createServer(async (request, response) => {
    const name = await nameOf(request)
    asked.push(name)
    const answer = answers[name] ?? { status: 500, body: { __type: 'UnexpectedCall', message: name } }
    const { status, body, errorType } =
      'status' in Object(answer)
        ? (answer as { status: number; body: object | string; errorType?: string })
        : { status: 200, body: answer, errorType: undefined }
    response.writeHead(status, errorType === undefined ? {} : { 'x-amzn-errortype': errorType })
    response.end(typeof body === 'string' ? body : JSON.stringify(body))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  const environment = {
    AWS_REGION: 'eu-central-1',
    AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
    AWS_SESSION_TOKEN: 'a-session-token-that-nobody-may-see',
    AWS_ENDPOINT_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
  }
  return { environment, asked }
}

async function nameOf(request: IncomingMessage): Promise<string> {
  let body = ''
  for await (const chunk of request) body += chunk
  const [, service = ''] = /\/([\w-]+)\/aws4_request/.exec(request.headers.authorization ?? '') ?? []
  const target = request.headers['x-amz-target']
  if (service === 's3') return 's3.GetObject'
  if (service === 'kafka') return 'kafka.DescribeClusterV2'
  if (typeof target === 'string') {
    const { Name: name } = JSON.parse(body) as { Name?: string }
    const operation = `${service}.${target.split('.').at(-1)}`
    return service === 'ssm' ? `${operation} ${name?.split('/').at(-1)}` : operation
  }
  const action = new URLSearchParams(body).get('Action')
  if (action !== null) return `${service}.${action}`
  const { pathname, searchParams } = new URL(request.url ?? '', 'http://localhost')
  if (pathname.endsWith('/event-source-mappings'))
    return `lambda.ListEventSourceMappings ${shortName(searchParams.get('FunctionName') ?? '')}`
  const [, name = '', part] = /\/functions\/([^/]+)\/(\w+)$/.exec(pathname) ?? []
  return `lambda.GetFunction${part === 'configuration' ? 'Configuration' : 'Concurrency'} ${shortName(name)}`
}

function shortName(name: string): string {
  return name.split('-').at(-1) ?? ''
}

export const variables = {
  TELEGRAM_BOT_TOKEN_PARAMETER: '/kube-eventer-telegram/prod/bot-token',
  TELEGRAM_CHAT_ID: '-1001234567890',
  STATE: `dynamodb:${stack}`,
  FAILURE_MODE: 'partial',
}

export const mapping = {
  UUID: '14e0db71-xmpl-4eb5-b481-8945cf9d10c2',
  Topics: ['kube-events'],
  EventSourceArn: 'arn:aws:kafka:eu-central-1:123456789012:cluster/prod/11111111-2222-3333-4444-555555555555-1',
  AmazonManagedKafkaEventSourceConfig: { ConsumerGroupId: 'kube-eventer-telegram-lambda-prod-prod-kube-events' },
  FunctionArn: `arn:aws:lambda:eu-central-1:123456789012:function:${notify}`,
  LastModified: 1_764_000_000.5,
  LastProcessingResult: 'OK',
  State: 'Enabled',
  StateTransitionReason: 'USER_INITIATED',
  StartingPosition: 'AT_TIMESTAMP',
  ProvisionedPollerConfig: { MinimumPollers: 1, MaximumPollers: 1 },
  FunctionResponseTypes: ['ReportBatchItemFailures'],
  MaximumRetryAttempts: -1,
  MaximumRecordAgeInSeconds: -1,
}

export function functionAnswer(name: string, changes: object = {}) {
  return {
    FunctionName: name,
    State: 'Active',
    LastUpdateStatus: 'Successful',
    // Long before any day on which a test runs.
    LastModified: '2026-01-02T03:04:05.000+0000',
    Environment: { Variables: variables },
    LoggingConfig: { LogGroup: `/aws/lambda/${name}`, LogFormat: 'Text' },
    ...changes,
  }
}

const resources = [
  ['NotifyLambdaFunction', notify, 'AWS::Lambda::Function'],
  ['SweepLambdaFunction', sweep, 'AWS::Lambda::Function'],
  ['StateTable', stack, 'AWS::DynamoDB::Table'],
  ['SweepEventsRuleSchedule1', `${stack}-sweep-rule`, 'AWS::Events::Rule'],
  ['OldestPendingAlarm', `${stack}-OldestPendingAlarm-1`, 'AWS::CloudWatch::Alarm'],
  ['SweepErrorsAlarm', `${stack}-SweepErrorsAlarm-1`, 'AWS::CloudWatch::Alarm'],
]

export function stackAnswer(status: string, reason = ''): string {
  return `<DescribeStacksResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/">
  <DescribeStacksResult>
    <Stacks>
      <member>
        <StackName>${stack}</StackName>
        <StackStatus>${status}</StackStatus>
        ${reason && `<StackStatusReason>${reason}</StackStatusReason>`}
        <Outputs/>
      </member>
    </Stacks>
  </DescribeStacksResult>
</DescribeStacksResponse>`
}

export function resourcesAnswer(some = resources): string {
  const members = some.map(
    ([logicalId, id, type]) =>
      `<member><LogicalResourceId>${logicalId}</LogicalResourceId><PhysicalResourceId>${id}</PhysicalResourceId><ResourceType>${type}</ResourceType><ResourceStatus>CREATE_COMPLETE</ResourceStatus></member>`,
  )
  return `<ListStackResourcesResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><ListStackResourcesResult><StackResourceSummaries>${members.join('')}</StackResourceSummaries></ListStackResourcesResult></ListStackResourcesResponse>`
}

export function alarm(name: string, changes: object = {}) {
  return {
    AlarmName: `${stack}-${name}-1`,
    AlarmDescription: 'A message has been pending for 15 minutes. The log of sweep says why.',
    StateValue: 'OK',
    StateReason: 'Threshold Crossed',
    ActionsEnabled: true,
    AlarmActions: ['arn:aws:sns:eu-central-1:123456789012:on-call'],
    ...changes,
  }
}

/** The sums of one period. The queries are the invocations, errors and throttles of notify, then those of sweep. */
export function metricsAnswer(...sums: (number | undefined)[]) {
  const start = Math.floor(Date.now() / 1_000 / 300) * 300 - 300
  return {
    MetricDataResults: sums.map((sum, at) => ({
      Id: `m${at}`,
      Timestamps: sum === undefined ? [] : [start],
      Values: sum === undefined ? [] : [sum],
    })),
  }
}

/** A deployment without a problem. */
export function healthy(): Answers {
  return {
    'sts.GetCallerIdentity': `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <GetCallerIdentityResult>
    <Arn>arn:aws:sts::123456789012:assumed-role/operator/anna</Arn>
    <UserId>AROA123456789EXAMPLE:anna</UserId>
    <Account>123456789012</Account>
  </GetCallerIdentityResult>
</GetCallerIdentityResponse>`,
    'cloudformation.DescribeStacks': stackAnswer('UPDATE_COMPLETE'),
    'cloudformation.ListStackResources': resourcesAnswer(),
    'lambda.GetFunctionConfiguration notify': functionAnswer(notify),
    'lambda.GetFunctionConfiguration sweep': functionAnswer(sweep),
    'lambda.GetFunctionConcurrency notify': {},
    'lambda.GetFunctionConcurrency sweep': {},
    'lambda.ListEventSourceMappings notify': { EventSourceMappings: [mapping] },
    'kafka.DescribeClusterV2': {
      clusterInfo: {
        clusterName: 'prod',
        state: 'ACTIVE',
        provisioned: {
          clientAuthentication: { sasl: { iam: { enabled: true } }, unauthenticated: { enabled: false } },
        },
      },
    },
    'ssm.GetParameter bot-token': { Parameter: { Name: '/kube-eventer-telegram/prod/bot-token', Value: `${token}\n` } },
    'dynamodb.DescribeTable': {
      Table: {
        TableName: stack,
        TableStatus: 'ACTIVE',
        KeySchema: [{ AttributeName: 'key', KeyType: 'HASH' }],
        GlobalSecondaryIndexes: [{ IndexName: 'by-list', IndexStatus: 'ACTIVE' }],
      },
    },
    'dynamodb.DescribeTimeToLive': {
      TimeToLiveDescription: { TimeToLiveStatus: 'ENABLED', AttributeName: 'timeToLive' },
    },
    'monitoring.DescribeAlarms': { MetricAlarms: [alarm('OldestPendingAlarm'), alarm('SweepErrorsAlarm')] },
    'monitoring.GetMetricData': metricsAnswer(40, undefined, undefined, 14, undefined, undefined),
  }
}
