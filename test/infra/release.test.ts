import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { readSettings } from '../../infra/aws/settings/read.ts'
import type { Settings } from '../../infra/aws/settings/settings.ts'
import { mappingsOf } from '../../infra/aws/template/event-sources.ts'
import { functionName, tableName } from '../../infra/aws/template/names.ts'
import { environmentOf, resources } from '../../infra/aws/template/template.ts'
import { type Template as DeployedTemplate, fitUpdate } from '../../infra/aws/update.ts'
import type { Kind } from '../../infra/release/parameters.ts'
import { type Packaged, releasedTemplate } from '../../infra/release/template.ts'
import { fillIn, refusalsOf, type Tree } from '../support/cloudformation.ts'

const version = '1.2.3'
const stage = 'from-osls'

/** What osls packages, without the properties that nothing changes. */
function functionsOf(names: string[], of: string, variables: object = {}): Packaged['memory'] {
  const parts = names.flatMap((name) => [
    [
      `${name}LambdaFunction`,
      {
        Type: 'AWS::Lambda::Function',
        Properties: {
          FunctionName: functionName(of, name.toLowerCase()),
          Code: { S3Bucket: { Ref: 'ServerlessDeploymentBucket' }, S3Key: `serverless/1/${name.toLowerCase()}.zip` },
          MemorySize: 256,
          Environment: { Variables: variables },
        },
      },
    ],
    [
      `${name}LogGroup`,
      {
        Type: 'AWS::Logs::LogGroup',
        Properties: { LogGroupName: `/aws/lambda/${functionName(of, name.toLowerCase())}`, RetentionInDays: 30 },
      },
    ],
  ])
  return { ...Object.fromEntries(parts), ServerlessDeploymentBucket: { Type: 'AWS::S3::Bucket', Properties: {} } }
}

const packaged = { dynamodb: functionsOf(['Notify', 'Sweep'], stage), memory: functionsOf(['Notify'], stage) }
const templates: Record<Kind, Tree> = {
  msk: { ...releasedTemplate('msk', packaged, stage, version) },
  'self-managed': { ...releasedTemplate('self-managed', packaged, stage, version) },
}

const aws = {
  'AWS::Partition': 'aws',
  'AWS::Region': 'eu-central-1',
  'AWS::AccountId': '123456789012',
  'AWS::URLSuffix': 'amazonaws.com',
}
const shared = { CodeBucket: 'code', StartingTime: 1_790_000_000 }

const folder = 'infra/examples/settings/'
const examples = readdirSync(folder).filter((file) => /^(?:msk|self-managed)-/.test(file))

function settingsOf(text: string, parameters: string[] = []): Settings {
  const given = { text, fileName: 'settings.yml', stage: 'prod', region: 'eu-central-1', parameters, now: 0 }
  const { settings, problems } = readSettings(given)
  expect(problems).toEqual([])
  const [source] = settings.sources
  if (!source) throw new Error('no source')
  const name = source.type === 'msk' ? 'msk' : 'kafka'
  const startingPosition =
    settings.startingPosition === 'first-deployment' ? { atSeconds: shared.StartingTime } : settings.startingPosition
  return { ...settings, sources: [{ ...source, name }], startingPosition }
}

/** The parameters with which a released template means these settings. */
function parametersOf(settings: Settings): Tree {
  const [source] = settings.sources
  const { clusterArn, bootstrapServers, login, secretArn, secretKeyArn, rootCaSecretArn, topics = [] } = source ?? {}
  const [Subnet1, Subnet2, Subnet3] = source?.subnets ?? []
  const all = {
    ...shared,
    ChatId: settings.environment.TELEGRAM_CHAT_ID,
    TimeZone: settings.environment.TZ,
    TokenSecretArn: settings.tokenSecretArn,
    TokenKeyArn: settings.tokenKeyArn,
    ClusterArn: clusterArn,
    BootstrapServers: bootstrapServers?.join(','),
    Login: login,
    SecretArn: secretArn,
    SecretKeyArn: secretKeyArn,
    RootCaSecretArn: rootCaSecretArn,
    Subnet1,
    Subnet2,
    Subnet3,
    SecurityGroup: source?.securityGroups?.[0],
    Topic: topics[0],
    Delivery: settings.delivery,
    BatchSize: settings.batchSize,
    State: settings.state,
    TableProtection: settings.tableProtection ? 'yes' : 'no',
    TableRecovery: settings.tableRecovery ? 'yes' : 'no',
    WithDashboard: settings.dashboard ? 'yes' : 'no',
    AlarmTopicArn: settings.alarmTopicArns[0],
    StartingPosition: settings.startingPosition === 'beginning' ? 'beginning' : 'time',
  }
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined))
}

/** What `serverless deploy` would deploy, with the logical IDs of a released template. */
function deployedBy(settings: Settings): Tree {
  const { Conditions = {}, Resources, Outputs = {} } = resources(settings, tableName(settings.stage))
  const names = settings.state === 'dynamodb' ? ['Notify', 'Sweep'] : ['Notify']
  const { ServerlessDeploymentBucket: _, ...functions } = functionsOf(names, settings.stage, environmentOf(settings))
  for (const { Type, Properties } of Object.values(functions))
    if (Type === 'AWS::Lambda::Function')
      Properties.Code = {
        S3Bucket: 'code',
        S3Key: String((Properties.Code as Tree).S3Key).replace('serverless/1', `kube-eventer-telegram/${version}`),
      }
  const text = JSON.stringify({ Conditions, Resources: { ...functions, ...Resources }, Outputs })
  const id = mappingsOf(settings)[0]?.id.replace('Notify', '') ?? ''
  // A description cannot name a parameter's value.
  return JSON.parse(
    text.replaceAll(id || 'no event source', 'EventSource').replace(/mapping of \S+ in/, 'mapping of the topic in'),
  )
}

function expectSame(settings: Settings, parameters = parametersOf(settings)) {
  const template = templates[settings.sources[0]?.type ?? 'msk']
  expect(refusalsOf(template, parameters)).toEqual([])
  expect(fillIn(template, { ...aws, ...parameters })).toEqual(fillIn(deployedBy(settings), aws))
}

describe.each(examples)('the released template deploys %s as serverless.yml does', (file) => {
  const text = readFileSync(folder + file, 'utf8')

  it.each([
    'the defaults',
    'delivery=on-demand',
    'state=memory',
    'tableProtection=true tableRecovery=true',
    'dashboard=false alarmTopicArns=["arn:aws:sns:eu-central-1:123456789012:ops"]',
    'startingPosition=beginning batchSize=7',
    'tokenSecretArn=arn:aws:secretsmanager:eu-central-1:123456789012:secret:token-AbCdEf delivery=on-demand',
  ])('with %s', (line) => {
    const given = line.split(' ').filter((word) => word.includes('='))
    expectSame(settingsOf(text, given))
  })
})

it.each([
  ['ssm:/telegram/rules', { ConfigParameter: '/telegram/rules' }],
  ['s3://rules-of-mine/telegram/rules.yml', { ConfigBucket: 'rules-of-mine', ConfigKey: 'telegram/rules.yml' }],
])('the released template reads rules from %s as serverless.yml does', (CONFIG_FILE, place) => {
  const key = 'arn:aws:kms:eu-central-1:123456789012:key/12345678-1234-1234-1234-123456789012'
  const { environment, ...others } = settingsOf(readFileSync(`${folder}msk-iam.yml`, 'utf8'))
  for (const keys of [{}, { configKeyArn: key }]) {
    const settings = { ...others, ...keys, environment: { ...environment, CONFIG_FILE } }
    const parameters = { ...parametersOf(settings), ...place, ...('configKeyArn' in keys && { ConfigKeyArn: key }) }
    expect(JSON.stringify(deployedBy(settings))).toContain(CONFIG_FILE.replace(/^\w+:\/+/, ''))
    expectSame(settings, parameters)
  }
})

it('the released template without its event source is serverless.yml without sources', () => {
  const settings = settingsOf(readFileSync(`${folder}msk-iam.yml`, 'utf8'))
  const parameters = { ...parametersOf(settings), WithEventSource: 'no' }
  expect(fillIn(templates.msk, { ...aws, ...parameters })).toEqual(
    fillIn(deployedBy({ ...settings, sources: [] }), aws),
  )
})

describe('a switch of the delivery', () => {
  const settings = settingsOf(readFileSync(`${folder}msk-iam.yml`, 'utf8'))
  const deploy = (Delivery: string) =>
    fillIn(templates.msk, { ...aws, ...parametersOf(settings), Delivery }) as unknown as DeployedTemplate
  const fitted = (next: string, deployed: string) => {
    const state = { template: deploy(deployed), areMappingsReady: true, unreservedConcurrency: undefined }
    return fitUpdate(deploy(next), state, 0).template
  }

  it('to on-demand takes the pollers back, as `serverless deploy` does', () => {
    expect(deploy('to-on-demand')).toEqual(fitted('on-demand', 'switching'))
    expect(deploy('to-on-demand').Resources.NotifyEventSource?.Properties).toMatchObject({
      ProvisionedPollerConfig: {},
    })
  })

  it('to on-demand begins with FAILURE_MODE=throw, as `serverless deploy` does', () => {
    const pollers = (template: DeployedTemplate) => template.Resources.NotifyEventSource?.Properties
    expect(pollers(deploy('switching'))).toEqual(pollers(fitted('on-demand', 'provisioned') as DeployedTemplate))
    expect(JSON.stringify(deploy('switching'))).toContain('"FAILURE_MODE":"throw"')
  })

  it('to provisioned leaves FAILURE_MODE=throw until the pollers are there, as `serverless deploy` does', () => {
    expect(deploy('switching')).toEqual(fitted('provisioned', 'on-demand'))
    expect(JSON.stringify(deploy('switching'))).toContain('"FAILURE_MODE":"throw"')
    expect(JSON.stringify(deploy('provisioned'))).toContain('"FAILURE_MODE":"partial"')
  })
})

describe('the released template refuses', () => {
  const secret = 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:AmazonMSK_one-AbCdEf'
  const key = 'arn:aws:kms:eu-central-1:123456789012:key/12345678-1234-1234-1234-123456789012'
  const required = { ...shared, ChatId: '-1001', Topic: 'kube-events' }
  const msk = {
    ...required,
    Login: 'iam',
    ClusterArn: 'arn:aws:kafka:eu-central-1:123456789012:cluster/events/12345678-1234-1234-1234-123456789012-1',
  }
  const ofOwn = {
    ...required,
    Login: 'plain',
    SecretArn: secret,
    BootstrapServers: 'a.example.com:9096,b.example.com:9096',
  }

  it('no parameters that are right', () => {
    expect(refusalsOf(templates.msk, msk)).toEqual([])
    expect(refusalsOf(templates['self-managed'], ofOwn)).toEqual([])
  })

  it.each<[Kind, Tree, string]>([
    ['msk', { ChatId: 'ops' }, 'ChatId is wrong'],
    ['msk', { Login: 'plain' }, 'Login is wrong'],
    ['msk', { ClusterArn: 'events' }, 'ClusterArn is wrong'],
    ['msk', { Stage: 'a-stage-that-makes-names-of-functions-too-long' }, 'Stage is wrong'],
    ['msk', { BatchSize: 10_001 }, 'BatchSize is wrong'],
    ['msk', { Delivery: 'shared' }, 'Delivery is wrong'],
    ['msk', { StartingTime: 0 }, 'Set StartingTime to the output of: date +%s'],
    ['msk', { SecretArn: secret }, 'Login iam and none take no SecretArn.'],
    ['msk', { Login: 'mtls' }, 'This Login needs SecretArn.'],
    [
      'msk',
      { Login: 'scram-sha-512', SecretArn: secret },
      'MSK requires a customer managed key for a SCRAM secret: set SecretKeyArn.',
    ],
    ['msk', { SecretKeyArn: key }, 'SecretKeyArn is the key of SecretArn, which is missing.'],
    ['msk', { TokenSecretArn: secret, TokenParameter: '/token' }, 'Set TokenParameter or TokenSecretArn, not both.'],
    ['msk', { ConfigBucket: 'rules' }, 'Set ConfigBucket and ConfigKey together.'],
    [
      'msk',
      { ConfigParameter: '/rules', ConfigBucket: 'rules', ConfigKey: 'rules.yml' },
      'Set ConfigParameter, or ConfigBucket and ConfigKey, not both.',
    ],
    ['msk', { ConfigKeyArn: key }, 'ConfigKeyArn needs ConfigParameter or ConfigBucket.'],
    ['self-managed', { Login: 'iam' }, 'Login is wrong'],
    ['self-managed', { BootstrapServers: 'a.example.com' }, 'BootstrapServers is wrong'],
    [
      'self-managed',
      { Login: 'none', SecretArn: '' },
      'AWS requires credentials over the internet: set Login, or Subnet1 and SecurityGroup.',
    ],
    ['self-managed', { Subnet1: 'subnet-0123456789abcdef0' }, 'Set Subnet1 and SecurityGroup together.'],
    ['self-managed', { Subnet2: 'subnet-0123456789abcdef0' }, 'Set Subnet1 before Subnet2.'],
    ['self-managed', { OauthScope: 'kafka' }, 'The parameters Oauth… need Login oauth.'],
  ])('%s %o', (kind, wrong, text) => {
    expect(refusalsOf(templates[kind], { ...(kind === 'msk' ? msk : ofOwn), ...wrong })).toContain(text)
  })

  it('a stage that CloudFormation would accept, and whose names would be too long', () => {
    const pattern = new RegExp(String((templates.msk.Parameters as Record<string, Tree>).Stage?.AllowedPattern))
    expect(pattern.test('x'.repeat(35))).toBe(true)
    expect(pattern.test('x'.repeat(36))).toBe(false)
    expect(functionName('x'.repeat(35), 'notify')).toBe(`kube-eventer-telegram-${'x'.repeat(35)}-notify`)
  })
})
