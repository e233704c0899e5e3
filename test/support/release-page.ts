import { readFileSync } from 'node:fs'
import { isDeepStrictEqual } from 'node:util'
import { parse, stringify } from 'yaml'
import { defaults } from '../../infra/aws/settings/fields.ts'
import type { Settings, Source } from '../../infra/aws/settings/settings.ts'
import type { Statement } from '../../infra/aws/template/fragment.ts'
import { resources } from '../../infra/aws/template/template.ts'
import { type Parameter, parameterGroups } from '../../infra/release/parameters.ts'
import { fillIn, type Tree } from './cloudformation.ts'

/** The generated parts of docs/aws-without-serverless.md, by the name of their block. */
export function releasePageBlocks(): Record<string, string> {
  return {
    parameters: parametersTable(),
    functions: functionsTable(),
    rights: rightsTable(),
    'event source': yaml(propertiesOf(settingsWith({}), 'NotifyEventSource')),
    logins: loginsTable(),
    table: yaml(propertiesOf(settingsWith({}), 'StateTable')),
  }
}

function parametersTable(): string {
  const msk = flat(parameterGroups('msk'))
  const ofOwn = flat(parameterGroups('self-managed'))
  const rows = Object.entries({ ...msk, ...ofOwn }).map(([name, parameter]) => {
    const template = name in msk ? (name in ofOwn ? '' : 'MSK') : 'self-managed'
    const words = new Set([...(msk[name]?.AllowedValues ?? []), ...(ofOwn[name]?.AllowedValues ?? [])])
    const allowed = [...words].filter((word) => typeof word === 'string').map((word) => `\`${word}\``)
    const meaning = [inTable(parameter.Description), allowed.join(', ')].filter(Boolean).join(' ')
    return `| \`${name}\` | ${template} | ${meaning} | ${defaultOf(parameter)} |`
  })
  return ['| parameter | template | meaning | default |', '| --- | --- | --- | --- |', ...rows].join('\n')
}

function flat(groups: ReturnType<typeof parameterGroups>): Record<string, Parameter> {
  return Object.assign({}, ...Object.values(groups))
}

function inTable(text: string): string {
  return text.replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

function defaultOf({ Default }: Parameter): string {
  if (Default === undefined) return 'required'
  return Default === '' || Default === 0 ? '' : `\`${Default}\``
}

interface Service {
  provider: { runtime: string; architecture: string }
  functions: Record<
    'notify' | 'sweep',
    { handler: string; memorySize: number; timeout: number; maximumRetryAttempts?: number; maximumEventAge?: number }
  >
}

function functionsTable(): string {
  const { provider, functions }: Service = parse(readFileSync('serverless.yml', 'utf8'), { logLevel: 'error' })
  const { notify, sweep } = functions
  const both = (about: string, show: (one: Service['functions']['notify']) => unknown) =>
    `| ${about} | ${show(notify)} | ${show(sweep)} |`
  return [
    '| | `notify` | `sweep` |',
    '| --- | --- | --- |',
    both('handler', ({ handler }) => `\`${handler}\``),
    both('runtime', () => `\`${provider.runtime}\``),
    both('architecture', () => `\`${provider.architecture}\``),
    both('memory', ({ memorySize }) => `${memorySize} MB`),
    both('timeout', ({ timeout }) => `${timeout} s`),
    `| reserved concurrency | none; 1 with \`STATE=memory\` | none |`,
    `| asynchronous invocations | | ${sweep.maximumRetryAttempts} retries, maximum age ${sweep.maximumEventAge} s |`,
    `| invoked by | the event source | an EventBridge rule, \`rate(1 minute)\` |`,
  ].join('\n')
}

const cluster = 'arn:aws:kafka:<region>:<account>:cluster/<name>/<uuid>'
const brokers: Source = {
  type: 'self-managed',
  name: 'kafka',
  bootstrapServers: ['broker-1.example.com:9096'],
  login: 'none',
  topics: ['<topic>'],
}
const msk: Source = { type: 'msk', name: 'msk', clusterArn: cluster, login: 'iam', topics: ['<topic>'] }

function settingsWith(others: Partial<Settings>, source: Source = msk): Settings {
  return {
    ...defaults,
    stage: 'prod',
    sources: [source],
    environment: {},
    consumerGroup: '<group>',
    startingPosition: { atSeconds: 1_790_000_000 },
    tokenParameter: '/name/of/token',
    tags: {},
    alarmTopicArns: [],
    ...others,
  }
}

/** Each part of the permissions, with the settings that add it to those without. */
function rightsTable(): string {
  const none: Settings = { ...settingsWith({ state: 'memory' }), sources: [] }
  const { tokenParameter: _, ...tokenless } = none
  const secret = '<secret>'
  const mskNone: Source = { ...msk, login: 'none' }
  const of = (source: Source): Settings => ({ ...none, sources: [source] })
  const rows: [string, Settings, Settings?][] = [
    ['the token in SSM', none, tokenless],
    ['the token in Secrets Manager', { ...tokenless, tokenSecretArn: secret }, tokenless],
    ['the token, under a KMS key of yours', { ...none, tokenKeyArn: '<key>' }],
    ['`STATE=dynamodb:…`', { ...none, state: 'dynamodb' }],
    ['`CONFIG_FILE=ssm:/…`', { ...none, environment: { CONFIG_FILE: 'ssm:/name/of/rules' } }],
    ['`CONFIG_FILE=s3://…`', { ...none, environment: { CONFIG_FILE: 's3://bucket/rules.yml' } }],
    ['`notify`: MSK', of(mskNone)],
    ['`notify`: MSK, login `iam`', of(msk), of(mskNone)],
    ['`notify`: MSK, login `scram-sha-512`', of({ ...msk, login: 'scram-sha-512', secretArn: secret }), of(mskNone)],
    ['`notify`: MSK, login `mtls`', of({ ...msk, login: 'mtls', secretArn: secret }), of(mskNone)],
    ['`notify`: brokers of your own, any login with a secret', of({ ...brokers, login: 'plain', secretArn: secret })],
    ['`notify`: brokers of your own in a VPC', of({ ...brokers, subnets: ['subnet-1'], securityGroups: ['sg-1'] })],
    [
      '`notify`: a secret under a KMS key of yours',
      of({ ...brokers, login: 'plain', secretArn: secret, secretKeyArn: '<key>' }),
      of({ ...brokers, login: 'plain', secretArn: secret }),
    ],
  ]
  return [
    '| for | actions | resource |',
    '| --- | --- | --- |',
    rightsRow('logs', statementsOf(tokenless)),
    ...rows.map(([name, settings, without = none]) => {
      const known = statementsOf(without)
      const added = statementsOf(settings).filter((one) => !known.some((other) => isDeepStrictEqual(one, other)))
      return rightsRow(name, added)
    }),
  ].join('\n')
}

function rightsRow(name: string, statements: Statement[]): string {
  if (statements.length === 0) throw new Error(`${name} adds no permission`)
  const cells = statements.map(({ Action, Resource }) => ({
    actions: Action.map((action) => `\`${action}\``).join(', '),
    resource: [Resource]
      .flat()
      .map((one) => `\`${arnOf(one)}\``)
      .join(', '),
  }))
  const [first, ...others] = cells.map(({ actions, resource }) => `${actions} | ${resource} |`)
  return [`| ${name} | ${first}`, ...others.map((cell) => `| | ${cell}`)].join('\n')
}

/** What is in the place of a region and so on. */
const place = { 'AWS::Partition': 'aws', 'AWS::Region': '<region>', 'AWS::AccountId': '<account>' }

const arns: Record<string, string> = {
  NotifyLogGroup: 'arn:aws:logs:<region>:<account>:log-group:/aws/lambda/<function>:*',
  StateTable: 'arn:aws:dynamodb:<region>:<account>:table/<table>',
}

function arnOf(resource: unknown): string {
  if (typeof resource === 'string') return resource
  const { 'Fn::GetAtt': attribute, 'Fn::Sub': text } = resource as { 'Fn::GetAtt'?: string[]; 'Fn::Sub'?: string }
  return attribute
    ? (arns[attribute[0] ?? ''] ?? '')
    : (text ?? '').replace(/\$\{(\w+)\.Arn\}/, (_, id) => arns[id] ?? '')
}

function statementsOf(settings: Settings): Statement[] {
  const { Policies } = propertiesOf(settings, 'NotifyRole') as {
    Policies: { PolicyDocument: { Statement: Statement[] } }[]
  }
  return Policies.flatMap(({ PolicyDocument }) => PolicyDocument.Statement)
}

/** The properties of the resource whose logical ID begins so. */
function propertiesOf(settings: Settings, id: string): Tree {
  const { Resources } = fillIn({ ...resources(settings, '<table>') }, place)
  const [, resource] = Object.entries(Resources).find(([name]) => name.startsWith(id) && !name.endsWith('Alarm')) ?? []
  return (resource?.Properties ?? {}) as Tree
}

function loginsTable(): string {
  const logins: Source[] = (['plain', 'scram-sha-256', 'scram-sha-512', 'mtls', 'oauth'] as const).map((login) => ({
    ...brokers,
    login,
    secretArn: '<secret>',
  }))
  const rows = logins.map((source) => {
    const { SourceAccessConfigurations = [] } = propertiesOf(settingsWith({}, source), 'NotifyEventSource')
    const [access] = SourceAccessConfigurations as { Type: string }[]
    return `| \`${source.login}\` | \`${access?.Type}\` |`
  })
  return ['| login | type of the access configuration |', '| --- | --- |', ...rows].join('\n')
}

function yaml(value: unknown): string {
  return `\`\`\`yaml\n${stringify(value, { lineWidth: 0 })}\`\`\``
}
