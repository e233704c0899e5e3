import { describe, expect, test } from 'vitest'
import { askAws } from '../../../../lib/cli/check/aws/ask.ts'
import { pageText } from '../../../docs/pages.ts'
import { cli } from '../../spawn.ts'
import {
  type Answers,
  alarm,
  functionAnswer,
  healthy,
  mapping,
  metricsAnswer,
  notify,
  resourcesAnswer,
  stack,
  stackAnswer,
  startLiteralAws,
  sweep,
  token,
  variables,
} from './literal-aws.ts'

interface Told {
  level: string
  about: string
  name: string | null
  says: string
  advice: string | null
}

async function ask(changes: Answers) {
  const { environment, asked } = await startLiteralAws({ ...healthy(), ...changes })
  const hidden: string[] = []
  const told: Told[] = []
  const hide = (secret: string) => void hidden.push(secret)
  for await (const finding of askAws({ environment, stack, region: 'eu-central-1', hide })) told.push(finding)
  for (const secret of [token, environment.AWS_SECRET_ACCESS_KEY, environment.AWS_SESSION_TOKEN])
    expect(JSON.stringify(told)).not.toContain(secret)
  return { asked, told, hidden, wrong: told.filter(({ level }) => level !== 'fine') }
}

const denied = (action: string, on = '*') => ({
  status: 400,
  body: {
    __type: 'AccessDeniedException',
    message: `User: arn:aws:iam::123456789012:user/anna is not authorized to perform: ${action} on resource: ${on} because no identity-based policy allows the ${action} action`,
  },
})

const xmlError = (status: number, code: string, message: string) => ({
  status,
  body: `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`,
})

test('a deployment without a problem', async () => {
  const { environment } = await startLiteralAws(healthy())
  const { code, stdout } = await cli(['check', '--aws'], environment)
  const lines = stdout
    .replaceAll(/\n {4,}/g, ' ')
    .replace(/less than \d+m ago/, 'less than 7m ago')
    .trimEnd()
    .split('\n')
  expect(lines).toEqual([
    'AWS, stack kube-eventer-telegram-prod in eu-central-1',
    '  ✓ credentials: account 123456789012, eu-central-1, as arn:aws:sts::123456789012:assumed-role/operator/anna',
    '  ✓ stack kube-eventer-telegram-prod: deployed (UPDATE_COMPLETE)',
    '  ✓ function kube-eventer-telegram-prod-notify: ready',
    '  ✓ function kube-eventer-telegram-prod-sweep: ready',
    '  ✓ event source kube-events: reads from MSK cluster prod, group kube-eventer-telegram-lambda-prod-prod-kube-events, without a secret (IAM, or no login), 1 provisioned poller, new groups start at AT_TIMESTAMP',
    '  ✓ event source kube-events: the last batch was processed',
    '  ✓ cluster prod: active, accepts IAM',
    '  ✓ token /kube-eventer-telegram/prod/bot-token: the parameter contains a bot token',
    '  ✓ table kube-eventer-telegram-prod: ready, with the index by-list',
    '  ✓ function kube-eventer-telegram-prod-notify: last invoked less than 7m ago; 40 invocations in the last 24 hours, none failed',
    '  ✓ sweep kube-eventer-telegram-prod-sweep: 14 sweeps in the last 15 minutes, none failed',
    '  ✓ alarms: 2 alarms, none is active',
    '',
    'No problems.',
  ])
  expect(code).toBe(0)
})

test('a problem makes the exit code 1, also as JSON', async () => {
  const { environment } = await startLiteralAws({
    ...healthy(),
    'ssm.GetParameter bot-token': { Parameter: { Value: `${token} and more` } },
  })
  const { code, stdout, stderr } = await cli(['check', '--aws', '--json'], environment)
  for (const secret of [token, environment.AWS_SECRET_ACCESS_KEY, environment.AWS_SESSION_TOKEN])
    expect(stdout + stderr).not.toContain(secret)
  expect((JSON.parse(stdout) as { aws: Told[] }).aws.filter(({ level }) => level !== 'fine')).toEqual([
    {
      level: 'problem',
      about: 'token',
      name: '/kube-eventer-telegram/prod/bot-token',
      says: `the parameter does not contain a bot token but ${token.length + 9} other characters`,
      advice: expect.stringContaining('@BotFather shows the token'),
    },
  ])
  expect(code).toBe(1)
})

describe('null in place of an optional field', () => {
  const withNulls = (answer: object, fields: string[]) => ({
    ...answer,
    ...Object.fromEntries(fields.map((name) => [name, null])),
  })
  const noLogin = { sasl: { scram: null, iam: { enabled: true } }, tls: null, unauthenticated: null }
  const optionalInMapping = [
    'AmazonManagedKafkaEventSourceConfig',
    'DestinationConfig',
    'FilterCriteria',
    'LastProcessingResult',
    'MaximumRecordAgeInSeconds',
    'MaximumRetryAttempts',
    'SelfManagedEventSource',
    'SelfManagedKafkaEventSourceConfig',
    'SourceAccessConfigurations',
    'StartingPosition',
    'StateTransitionReason',
  ]
  const optionalInFunction = ['LastUpdateStatusReason', 'Layers', 'LoggingConfig', 'StateReason', 'VpcConfig']

  test.each<[string, Answers]>([
    [
      'of an event source',
      {
        'lambda.ListEventSourceMappings notify': {
          EventSourceMappings: [withNulls(mapping, optionalInMapping)],
          NextMarker: null,
        },
      },
    ],
    [
      'of a function',
      { 'lambda.GetFunctionConfiguration notify': functionAnswer(notify, withNulls({}, optionalInFunction)) },
    ],
    ['of a concurrency', { 'lambda.GetFunctionConcurrency notify': { ReservedConcurrentExecutions: null } }],
    [
      'of a cluster',
      {
        'kafka.DescribeClusterV2': {
          clusterInfo: {
            state: 'ACTIVE',
            stateInfo: null,
            provisioned: { clientAuthentication: noLogin },
            serverless: null,
          },
        },
      },
    ],
    [
      'of an alarm',
      { 'monitoring.DescribeAlarms': { MetricAlarms: [alarm('A', { AlarmDescription: null, StateReason: null })] } },
    ],
  ])('%s is no problem', async (_, changes) => {
    expect((await ask(changes)).wrong).toEqual([])
  })

  test('of an event source on demand is told as left out', async () => {
    const changes = { ProvisionedPollerConfig: null, FunctionResponseTypes: null }
    const { wrong } = await ask({
      'lambda.ListEventSourceMappings notify': { EventSourceMappings: [{ ...mapping, ...changes }] },
    })
    expect(wrong).toEqual([expect.objectContaining({ level: 'problem', about: 'event source' })])
  })
})

describe('what is asked', () => {
  test('the stack of the stage, in the region', async () => {
    const { environment } = await startLiteralAws({
      ...healthy(),
      'cloudformation.DescribeStacks': xmlError(400, 'ValidationError', 'Stack with id x does not exist'),
    })
    const { code, stdout } = await cli(['check', '--aws', '--stage', 'test', '--region', 'cn-north-1'], environment)
    expect(stdout).toContain('AWS, stack kube-eventer-telegram-test in cn-north-1\n')
    expect(stdout).toContain('does not exist in cn-north-1 of account 123456789012')
    expect(stdout).toContain('1 problem.')
    expect(code).toBe(1)
  })

  test('only calls that read, whose permissions the documentation names', async () => {
    const { asked } = await ask({})
    expect(asked.length).toBeGreaterThan(10)
    for (const call of asked) expect(call).toMatch(/^[a-z\d]+\.(Get|Describe|List)/)
    const page = pageText('docs/operations.md')
    for (const call of asked) {
      const [, service = '', operation = ''] = /^(\w+)\.(\w+)/.exec(call) ?? []
      // Everyone may call STS.
      if (service !== 'sts') expect(page).toContain(`\`${service.replace('monitoring', 'cloudwatch')}:${operation}\``)
    }
  })

  test('functions with their usual names if the stack’s resources cannot be listed', async () => {
    const { wrong } = await ask({ 'cloudformation.ListStackResources': xmlError(403, 'AccessDenied', 'no') })
    expect(wrong).toEqual([
      {
        level: 'problem',
        about: 'stack',
        name: stack,
        says: 'not checked: these credentials have no permission for cloudformation:ListStackResources',
        advice: 'allow cloudformation:ListStackResources (AWS answers: no)',
      },
    ])
  })

  test.each([
    [['--stage', 'a', '--stack', 'b'], 'give --stage or --stack, not both'],
    [['--region', 'Frankfurt'], '"Frankfurt" must be a region, for example eu-central-1'],
    [['--stage', 'my_stage'], '"kube-eventer-telegram-my_stage" cannot be the name of a stack'],
  ])('%j is refused', async (args, words) => {
    const { code, stderr } = await cli(['check', '--aws', ...args])
    expect(stderr).toContain(words)
    expect(code).toBe(2)
  })

  test('nothing without --aws', async () => {
    const { code, stderr } = await cli(['check', '--stack', 'mine'])
    expect(stderr).toContain('--stack needs --aws')
    expect(code).toBe(2)
  })
})

describe('credentials', () => {
  test('that are missing come with the command that exports them', async () => {
    const { code, stdout } = await cli(['check', '--aws'], { AWS_PROFILE: 'ops' })
    expect(stdout.replace(/\n\s+/g, ' ')).toContain(
      'AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set; this command does not read the profile in AWS_PROFILE → run: eval "$(aws configure export-credentials --profile ops --format env)"',
    )
    expect(code).toBe(1)
  })

  test('that have expired end the check', async () => {
    const { asked, told } = await ask({
      'sts.GetCallerIdentity': xmlError(403, 'ExpiredToken', 'The security token included in the request is expired'),
    })
    expect(told).toEqual([
      expect.objectContaining({ level: 'problem', about: 'credentials', says: 'the credentials have expired' }),
    ])
    expect(asked).toEqual(['sts.GetCallerIdentity'])
  })
})

describe('a problem of the deployment', () => {
  test.each<[string, Answers, Partial<Told>]>([
    [
      'no such function in the stack',
      { 'cloudformation.ListStackResources': resourcesAnswer([['Queue', 'q', 'AWS::SQS::Queue']]) },
      { about: 'stack', says: 'has no function NotifyLambdaFunction, so it is no deployment of kube-eventer-telegram' },
    ],
    [
      'the stack was rolled back',
      { 'cloudformation.DescribeStacks': stackAnswer('ROLLBACK_COMPLETE', 'Resource creation &quot;failed&quot;') },
      {
        about: 'stack',
        says: 'the first deployment failed, so there is nothing to run (ROLLBACK_COMPLETE) (Resource creation "failed")',
      },
    ],
    [
      'the first deployment by the Serverless Framework failed: its stack has the bucket only',
      {
        'cloudformation.DescribeStacks': stackAnswer('UPDATE_ROLLBACK_COMPLETE'),
        'cloudformation.ListStackResources': resourcesAnswer([['ServerlessDeploymentBucket', 'b', 'AWS::S3::Bucket']]),
      },
      {
        about: 'stack',
        level: 'problem',
        says: 'the first deployment failed, so there is nothing to run (UPDATE_ROLLBACK_COMPLETE)',
        advice: `find the first error with: aws cloudformation describe-stack-events --stack-name ${stack}; then correct it and deploy again`,
      },
    ],
    [
      'a function is switched off',
      { 'lambda.GetFunctionConcurrency notify': { ReservedConcurrentExecutions: 0 } },
      { about: 'function', name: notify, advice: `aws lambda delete-function-concurrency --function-name ${notify}` },
    ],
    [
      'the environment of a function cannot be decrypted',
      {
        'lambda.GetFunctionConfiguration sweep': functionAnswer(sweep, {
          Environment: { Error: { ErrorCode: 'KMSDisabledException', Message: 'Lambda was unable to decrypt' } },
        }),
      },
      {
        about: 'function',
        name: sweep,
        says: 'AWS cannot read the environment variables (KMSDisabledException: Lambda was unable to decrypt)',
      },
    ],
    [
      'a variable of the functions is wrong',
      {
        'lambda.GetFunctionConfiguration notify': functionAnswer(notify, {
          Environment: { Variables: { ...variables, TELEGRAM_CHAT_ID: 'ops' } },
        }),
      },
      { about: 'function', name: notify, says: expect.stringContaining('TELEGRAM_CHAT_ID must be a chat ID') },
    ],
    [
      'there is no event source',
      { 'lambda.ListEventSourceMappings notify': { EventSourceMappings: [] } },
      { about: 'event source', says: `${notify} has no event source, so it never gets a record` },
    ],
    [
      'an event source cannot read',
      {
        'lambda.ListEventSourceMappings notify': {
          EventSourceMappings: [{ ...mapping, LastProcessingResult: 'PROBLEM: SASL authentication failed.' }],
        },
      },
      { about: 'event source', name: 'kube-events', says: expect.stringContaining('do not accept the login') },
    ],
    [
      'the cluster does not have the login of the event source',
      {
        'kafka.DescribeClusterV2': {
          clusterInfo: {
            state: 'ACTIVE',
            provisioned: { clientAuthentication: { sasl: { scram: { enabled: true } } } },
          },
        },
      },
      {
        about: 'cluster',
        name: 'prod',
        says: 'does not accept the login of the event source (IAM); it accepts SCRAM',
      },
    ],
    [
      'the cluster does not exist',
      { 'kafka.DescribeClusterV2': { status: 404, body: '{"message":"no"}', errorType: 'NotFoundException' } },
      { about: 'cluster', name: 'prod', says: 'does not exist' },
    ],
    [
      'the parameter does not exist',
      { 'ssm.GetParameter bot-token': { status: 400, body: { __type: 'ParameterNotFound' } } },
      {
        about: 'token',
        name: '/kube-eventer-telegram/prod/bot-token',
        says: 'the parameter does not exist',
        advice: expect.stringContaining('aws ssm put-parameter --type SecureString'),
      },
    ],
    [
      'the parameter has something else',
      { 'ssm.GetParameter bot-token': { Parameter: { Value: 'changeme-changeme-changeme' } } },
      { about: 'token', says: 'the parameter does not contain a bot token but 26 other characters' },
    ],
    [
      'the table does not exist',
      { 'dynamodb.DescribeTable': { status: 400, body: { __type: 'com.amazonaws#ResourceNotFoundException' } } },
      { about: 'table', name: stack, says: 'does not exist' },
    ],
    [
      'notify always fails',
      { 'monitoring.GetMetricData': metricsAnswer(6, 6, 0, 14, 0, 0) },
      {
        about: 'function',
        name: notify,
        advice: `its log has the reason: aws logs tail /aws/lambda/${notify} --since 1h`,
      },
    ],
    [
      'an alarm is active',
      { 'monitoring.DescribeAlarms': { MetricAlarms: [alarm('OldestPendingAlarm', { StateValue: 'ALARM' })] } },
      { about: 'alarms', name: `${stack}-OldestPendingAlarm-1`, says: 'is active: Threshold Crossed' },
    ],
  ])('%s', async (_, changes, finding) => {
    const { wrong } = await ask(changes)
    expect(wrong).toContainEqual(expect.objectContaining({ level: 'problem', ...finding }))
    expect(wrong.filter(({ level }) => level === 'problem')).toHaveLength(1)
  })

  test('no function yet, because the first deployment is in progress, is no problem', async () => {
    const { wrong } = await ask({
      'cloudformation.DescribeStacks': stackAnswer('UPDATE_IN_PROGRESS'),
      'cloudformation.ListStackResources': resourcesAnswer([['ServerlessDeploymentBucket', 'b', 'AWS::S3::Bucket']]),
    })
    expect(wrong).toEqual([
      expect.objectContaining({ level: 'note', says: 'a deployment is in progress (UPDATE_IN_PROGRESS)' }),
    ])
  })

  test('a sweep that never runs, because its rule is disabled', async () => {
    const { wrong } = await ask({
      'monitoring.GetMetricData': metricsAnswer(6, 0, 0, undefined, undefined, undefined),
      'events.DescribeRule': { Name: `${stack}-sweep-rule`, State: 'DISABLED' },
    })
    expect(wrong).toEqual([
      expect.objectContaining({
        level: 'problem',
        about: 'sweep',
        name: sweep,
        says: expect.stringMatching(/^no sweep ran/),
      }),
      expect.objectContaining({
        level: 'problem',
        about: 'sweep',
        name: `${stack}-sweep-rule`,
        says: 'the rule is disabled',
        advice: `aws events enable-rule --name ${stack}-sweep-rule`,
      }),
    ])
  })

  test('alarms without an action are a warning', async () => {
    const silent = { AlarmActions: [] }
    const { wrong } = await ask({
      'monitoring.DescribeAlarms': { MetricAlarms: [alarm('A', silent), alarm('B', silent)] },
    })
    expect(wrong).toEqual([
      expect.objectContaining({
        level: 'warning',
        about: 'alarms',
        says: 'nobody is told: no alarm has an action',
      }),
    ])
  })
})

test('credentials that expire in the middle come with the command that exports them', async () => {
  const expired = {
    status: 403,
    body: { message: 'The security token included in the request is expired' },
    errorType: 'ExpiredTokenException',
  }
  const { wrong } = await ask({ 'lambda.ListEventSourceMappings notify': expired })
  expect(wrong).toEqual([
    {
      level: 'problem',
      about: 'event source',
      name: null,
      says: 'not checked: the credentials have expired',
      advice: expect.stringContaining('aws configure export-credentials'),
    },
  ])
})

test('a wrong time zone is a warning about the variables of the function', async () => {
  const environment = { Variables: { ...variables, TZ: 'Berlin' } }
  const { wrong } = await ask({
    'lambda.GetFunctionConfiguration notify': functionAnswer(notify, { Environment: environment }),
  })
  expect(wrong).toEqual([
    expect.objectContaining({
      level: 'warning',
      about: 'function',
      name: notify,
      says: expect.stringContaining('TZ must be an IANA time zone'),
      advice: 'correct environment in settings.yml, then deploy again',
    }),
  ])
})

describe('a missing permission', () => {
  test('for a part of the deployment is a problem, and the others are checked', async () => {
    const { told, wrong } = await ask({
      'dynamodb.DescribeTable': denied('dynamodb:DescribeTable'),
      'monitoring.DescribeAlarms': denied('cloudwatch:DescribeAlarms'),
    })
    expect(wrong.map(({ level, about, says }) => ({ level, about, says }))).toEqual([
      {
        level: 'problem',
        about: 'table',
        says: 'not checked: these credentials have no permission for dynamodb:DescribeTable',
      },
      {
        level: 'problem',
        about: 'alarms',
        says: 'not checked: these credentials have no permission for cloudwatch:DescribeAlarms',
      },
    ])
    expect(told.map(({ about }) => about)).toContain('sweep')
  })

  const unreadable = {
    Environment: { Error: { ErrorCode: 'AccessDeniedException', Message: 'Lambda was unable to decrypt' } },
  }
  test.each<[string, Answers[string], string]>([
    [
      'the key of the environment',
      functionAnswer(notify, unreadable),
      'environment variables not checked: these credentials have no permission for kms:Decrypt on their key',
    ],
    [
      'the configuration of a function',
      { ...denied('lambda:GetFunctionConfiguration'), status: 403 },
      'not checked: these credentials have no permission for lambda:GetFunctionConfiguration',
    ],
  ])('for %s is a note, and the others are checked', async (_, answer, says) => {
    const { told, wrong } = await ask({
      'lambda.GetFunctionConfiguration notify': answer,
      'lambda.ListEventSourceMappings notify': {
        EventSourceMappings: [{ ...mapping, LastProcessingResult: 'PROBLEM: SASL authentication failed.' }],
      },
    })
    expect(wrong).toEqual([
      expect.objectContaining({ level: 'note', about: 'function', name: notify, says }),
      expect.objectContaining({ level: 'problem', about: 'event source', name: 'kube-events' }),
    ])
    for (const about of ['table', 'sweep', 'alarms'] as const) expect(told.map((one) => one.about)).toContain(about)
  })

  test.each([
    ['ssm:GetParameter', denied('ssm:GetParameter'), 'ssm:GetParameter'],
    [
      'the key of the parameter',
      {
        status: 400,
        body: {
          __type: 'AccessDeniedException',
          message:
            'The ciphertext refers to a customer master key that does not exist, does not exist in this region, or you are not allowed to access.',
        },
      },
      'kms:Decrypt on the key',
    ],
  ])('for %s is a note, because the functions have a role of their own', async (_, refusal, action) => {
    const { wrong } = await ask({ 'ssm.GetParameter bot-token': refusal })
    expect(wrong).toEqual([
      expect.objectContaining({
        level: 'note',
        about: 'token',
        says: `not checked: these credentials have no permission for ${action}`,
      }),
    ])
  })
})

describe('rules in AWS', () => {
  const withFile = (CONFIG_FILE: string) => ({
    'lambda.GetFunctionConfiguration notify': functionAnswer(notify, {
      Environment: { Variables: { ...variables, CONFIG_FILE } },
    }),
  })
  const about = { about: 'rules', name: 'ssm:/prod/rules' }

  test.each<[string, Answers[string], object]>([
    [
      'are read and checked',
      { Parameter: { Value: 'rules: []', Version: 3 } },
      { level: 'fine', says: 'readable, without a mistake' },
    ],
    [
      'with a mistake are a problem with its line',
      { Parameter: { Value: 'rules: []\nrulez: []', Version: 3 } },
      { level: 'problem', says: expect.stringMatching(/ssm:\/prod\/rules, line 2.*did you mean "rules"/) },
    ],
    [
      'that do not exist are a problem',
      { status: 400, body: { __type: 'ParameterNotFound' } },
      { level: 'problem', says: expect.stringContaining('there is no such parameter in eu-central-1') },
    ],
    [
      'that only the functions may read are a note',
      denied('ssm:GetParameter'),
      {
        level: 'note',
        says: 'not checked: these credentials have no permission to read ssm:/prod/rules',
        advice: expect.stringContaining('allow ssm:GetParameter'),
      },
    ],
  ])('%s', async (_, answer, finding) => {
    const { told } = await ask({ ...withFile('ssm:/prod/rules'), 'ssm.GetParameter rules': answer })
    expect(told.filter((one) => one.about === 'rules')).toEqual([expect.objectContaining({ ...about, ...finding })])
  })

  test.each<[string, Answers[string], object]>([
    [
      'whose key only the functions may use are a note about the key',
      {
        status: 400,
        body: {
          __type: 'AccessDeniedException',
          Message: 'The ciphertext refers to a customer master key that does not exist',
        },
      },
      { level: 'note', advice: expect.stringMatching(/^allow kms:Decrypt on the key \(/) },
    ],
    [
      'that AWS is too busy to read are a note',
      { status: 400, body: { __type: 'ThrottlingException', Message: 'Rate exceeded' } },
      {
        level: 'note',
        says: expect.stringMatching(/^not checked: .*ThrottlingException/),
        advice: 'run the check again in a minute',
      },
    ],
    [
      'that expired credentials cannot read',
      { status: 400, body: { __type: 'ExpiredTokenException', Message: 'The security token is expired' } },
      {
        level: 'problem',
        says: 'not checked: the credentials have expired',
        advice: expect.stringContaining('aws configure export-credentials'),
      },
    ],
    [
      'that do not exist',
      { status: 400, body: { __type: 'ParameterNotFound' } },
      {
        level: 'problem',
        advice: 'store the rules there, or correct CONFIG_FILE in settings.yml, then deploy again',
      },
    ],
  ])('%s', async (_, answer, finding) => {
    const { wrong } = await ask({ ...withFile('ssm:/prod/rules'), 'ssm.GetParameter rules': answer })
    expect(wrong).toEqual([expect.objectContaining({ ...about, ...finding })])
  })

  test('that are right have no part in a wrong time zone', async () => {
    const environment = { Variables: { ...variables, CONFIG_FILE: 'ssm:/prod/rules', TZ: 'Berlin' } }
    const { told } = await ask({
      'lambda.GetFunctionConfiguration notify': functionAnswer(notify, { Environment: environment }),
      'ssm.GetParameter rules': { Parameter: { Value: 'rules: []', Version: 3 } },
    })
    expect(told.filter((one) => one.about === 'rules')).toEqual([expect.objectContaining({ level: 'fine' })])
    expect(told).toContainEqual(expect.objectContaining({ level: 'warning', about: 'function', name: notify }))
  })

  test.each([[[]], [['--json']]])('show no secret of the functions, with %j', async (args) => {
    const secrets = { KAFKA_PASSWORD: 'hunter2 hunter2', MY_SECRET: 'hunter2"x', OTHER_TOKEN: 'hunter2' }
    const environment = { Variables: { ...variables, CONFIG_FILE: 'ssm:/prod/rules', ...secrets } }
    const { environment: shell } = await startLiteralAws({
      ...healthy(),
      'lambda.GetFunctionConfiguration notify': functionAnswer(notify, { Environment: environment }),
      'ssm.GetParameter rules': {
        Parameter: {
          Value: `targets: { a: "$\{KAFKA_PASSWORD}", b: "$\{MY_SECRET}", c: "$\{OTHER_TOKEN}" }`,
          Version: 3,
        },
      },
    })
    const { code, stdout, stderr } = await cli(['check', '--aws', ...args], shell)
    expect(stdout).toContain('targets.b')
    expect(stdout + stderr).not.toContain('hunter2')
    expect(code).toBe(1)
  })

  test('can be in S3', async () => {
    const missing = { status: 404, body: '<Error><Code>NoSuchKey</Code><Message>no</Message></Error>' }
    const { wrong } = await ask({ ...withFile('s3://bucket/rules.yml'), 's3.GetObject': missing })
    expect(wrong).toEqual([
      expect.objectContaining({ level: 'problem', about: 'rules', says: expect.stringContaining('no such object') }),
    ])
  })

  test('that are a packaged file are not asked for', async () => {
    const { told, wrong } = await ask(withFile('rules.yml'))
    expect(told.map(({ about }) => about)).not.toContain('rules')
    expect(wrong).toEqual([])
  })
})

describe('other deployments', () => {
  const environment = (changes: object) => ({
    'lambda.GetFunctionConfiguration notify': functionAnswer(notify, {
      Environment: { Variables: { TELEGRAM_CHAT_ID: '-1001234567890', FAILURE_MODE: 'partial', ...changes } },
    }),
  })

  test('without a table have no sweep', async () => {
    const { told, wrong } = await ask({
      ...environment({ STATE: 'memory', TELEGRAM_BOT_TOKEN_PARAMETER: '/bot-token' }),
      'cloudformation.ListStackResources': resourcesAnswer([
        ['NotifyLambdaFunction', notify, 'AWS::Lambda::Function'],
        ['OldestPendingAlarm', `${stack}-OldestPendingAlarm-1`, 'AWS::CloudWatch::Alarm'],
      ]),
    })
    expect(wrong).toEqual([])
    expect(told.map(({ about }) => about)).not.toContain('table')
    expect(told.map(({ about }) => about)).not.toContain('sweep')
  })

  test('can have the token in Secrets Manager', async () => {
    const { told, wrong } = await ask({
      ...environment({ STATE: `dynamodb:${stack}`, TELEGRAM_BOT_TOKEN_SECRET: 'bot' }),
      'secretsmanager.GetSecretValue': { SecretString: token },
    })
    expect(told).toContainEqual(
      expect.objectContaining({ level: 'fine', about: 'token', name: 'bot', says: 'the secret contains a bot token' }),
    )
    expect(wrong).toEqual([])
  })

  test('can have the token in the environment, which is a warning', async () => {
    const { wrong } = await ask(environment({ STATE: `dynamodb:${stack}`, TELEGRAM_BOT_TOKEN: token }))
    expect(wrong).toEqual([expect.objectContaining({ level: 'warning', about: 'token' })])
  })
})
