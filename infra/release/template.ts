import { sourceTypes } from '../aws/settings/combinations.ts'
import { defaults } from '../aws/settings/fields.ts'
import type { Login, Settings, Source } from '../aws/settings/settings.ts'
import { mappingsOf } from '../aws/template/event-sources.ts'
import type { Value } from '../aws/template/fragment.ts'
import { tableName } from '../aws/template/names.ts'
import { environmentOf, resources } from '../aws/template/template.ts'
import { clearLeftOut, withThrow } from '../aws/update.ts'
import { combineAll, ifOf, isNothing, noValue, type ParameterChoice, type ReleaseTemplate, yesOrNo } from './combine.ts'
import { type Kind, needsSecret, type Parameter, parameterGroups } from './parameters.ts'
import { equals, isSet, or, templateRules } from './rules.ts'

/** The resources that osls packages for each `state`: functions, log groups and schedule. */
export interface Packaged {
  dynamodb: Record<string, PackagedResource>
  memory: Record<string, PackagedResource>
}

type Chosen = Record<string, string>

interface PackagedResource {
  Type: string
  Properties: Record<string, unknown>
}

// osls generates these; infra/aws/template makes the rest. The bucket is that of the Serverless Framework.
const packagedTypes = new Set([
  'AWS::Lambda::Function',
  'AWS::Lambda::EventInvokeConfig',
  'AWS::Lambda::Permission',
  'AWS::Logs::LogGroup',
  'AWS::Events::Rule',
])

// A text that CloudFormation replaces in `Fn::Sub`.
const stageText = `$\{Stage}`

/** Values of CONFIG_FILE that the builders understand, with what stands for them in the template. */
const configFiles: Record<string, { name: string; part: string; parameters: string }> = {
  parameter: { name: 'ssm:/config-parameter', part: '/config-parameter', parameters: `$\{ConfigParameter}` },
  object: {
    name: 's3://config-bucket/config-key',
    part: 'config-bucket/config-key',
    parameters: `$\{ConfigBucket}/$\{ConfigKey}`,
  },
}

/** A CloudFormation template with parameters, for people without the Serverless Framework. */
export function releasedTemplate(kind: Kind, packaged: Packaged, packagedStage: string, version: string): object {
  const groups = parameterGroups(kind)
  const parameters: Record<string, Parameter> = Object.assign({}, ...Object.values(groups))
  const names = Object.keys(parameters)
  const withStage = (part: object) => JSON.parse(JSON.stringify(part).replaceAll(`-${packagedStage}`, `-${stageText}`))
  const functions: Packaged = withStage(packaged)
  const combined = combineAll(choicesOf(kind), (chosen) => {
    return build(kind, chosen, functions[chosen.HasTable === 'yes' ? 'dynamodb' : 'memory'], version)
  })
  const optionals = {
    ...Object.fromEntries(names.map((name) => [conditionOf(name), isSet(name)])),
    HasTableProtection: equals('TableProtection', 'yes'),
    HasTableRecovery: equals('TableRecovery', 'yes'),
  }
  const { Conditions, Resources, Outputs } = finish(withPlainNames(kind, combined), parameters) as ReleaseTemplate
  return {
    AWSTemplateFormatVersion: '2010-09-09',
    Description: `kube-eventer-telegram ${version}: Kubernetes events from ${kind === 'msk' ? 'Amazon MSK' : 'self-managed Kafka'} in Telegram`,
    Metadata: {
      'AWS::CloudFormation::Interface': {
        ParameterGroups: Object.entries(groups).map(([heading, group]) => ({
          Label: { default: heading },
          Parameters: Object.keys(group),
        })),
      },
    },
    Parameters: parameters,
    Rules: templateRules(kind),
    Conditions: usedConditions({ ...optionals, ...Conditions }, { Resources, Outputs }),
    Resources,
    Outputs,
  }
}

/** The one event source is `NotifyEventSource`, and what belongs to it has names with the same beginning. */
function withPlainNames(kind: Kind, template: ReleaseTemplate): ReleaseTemplate {
  const [mapping] = mappingsOf(settingsOf(kind, {}))
  const id = mapping?.id.replace('Notify', '') ?? ''
  const text = JSON.stringify(template).replaceAll(id, 'EventSource')
  return JSON.parse(
    Object.values(configFiles).reduce((all, { part, parameters }) => all.replaceAll(part, () => parameters), text),
  )
}

/** The settings on which more than a value depends: which resources, statements or properties there are. */
function choicesOf(kind: Kind): ParameterChoice[] {
  const logins: readonly Login[] = sourceTypes[kind].logins
  const withSecret = logins.filter(needsSecret)
  const withoutSecret = logins.filter((login) => !needsSecret(login))
  return [
    yesOrNo('HasTable', equals('State', 'dynamodb')),
    yesOrNo('HasEventSource', equals('WithEventSource', 'yes')),
    yesOrNo('HasDashboard', equals('WithDashboard', 'yes')),
    yesOrNo('IsProvisioned', or(equals('Delivery', 'provisioned'), equals('Delivery', 'switching'))),
    yesOrNo('IsSwitching', or(equals('Delivery', 'switching'), equals('Delivery', 'to-on-demand'))),
    yesOrNo('StartsAtTime', equals('StartingPosition', 'time')),
    yesOrNo('HasTokenSecretArn', isSet('TokenSecretArn')),
    ...(kind === 'self-managed'
      ? [yesOrNo('HasSubnet1', isSet('Subnet1')), yesOrNo('HasRootCaSecretArn', isSet('RootCaSecretArn'))]
      : []),
    {
      setting: 'Config',
      options: [
        { value: 'parameter', condition: { name: 'HasConfigParameter', test: isSet('ConfigParameter') } },
        { value: 'object', condition: { name: 'HasConfigBucket', test: isSet('ConfigBucket') } },
        { value: 'none' },
      ],
    },
    // Rules makes sure that each login has its secret, and no other.
    yesOrNo('HasSecretArn', isSet('SecretArn')),
    oneOf('LoginWithSecret', withSecret),
    oneOf('LoginWithoutSecret', withoutSecret),
  ]
}

function oneOf(setting: string, values: string[]): ParameterChoice {
  const others = values.slice(0, -1).map((value) => ({
    value,
    condition: { name: `LoginIs${pascalCase(value)}`, test: equals('Login', value) },
  }))
  return { setting, options: [...others, { value: values.at(-1) ?? '' }] }
}

function conditionOf(parameter: string): string {
  return `Has${parameter}`
}

function pascalCase(text: string): string {
  return text.replace(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase())
}

function build(kind: Kind, chosen: Chosen, functions: Packaged['memory'], version: string): ReleaseTemplate {
  const parts = buildSteady(kind, chosen, functions, version)
  if (chosen.IsSwitching !== 'yes') return parts
  // As infra/aws/update.ts does it for serverless.yml: the pollers first, and a function that fits both.
  const before = buildSteady(kind, { ...chosen, IsProvisioned: 'yes' }, functions, version)
  return { ...parts, ...withThrow(clearLeftOut({ ...parts }, { ...before })) }
}

function buildSteady(kind: Kind, chosen: Chosen, packaged: Packaged['memory'], version: string): ReleaseTemplate {
  const settings = settingsOf(kind, chosen)
  const { Conditions = {}, Resources, Outputs = {} } = resources(settings, tableName(settings.stage))
  const variables = environmentOf(settings)
  const functions = Object.entries(packaged)
    .filter(([, { Type }]) => packagedTypes.has(Type))
    .map(([id, resource]) => [id, functionPart(resource, variables, version)])
  return { Conditions, Resources: { ...Object.fromEntries(functions), ...Resources }, Outputs }
}

/** A resource of osls with parameters. */
function functionPart({ Type, ...others }: PackagedResource, variables: Record<string, Value>, version: string) {
  const { Properties } = others
  if (Type === 'AWS::Logs::LogGroup')
    return { Type, ...others, Properties: { ...Properties, RetentionInDays: { Ref: 'LogRetentionDays' } } }
  if (Type !== 'AWS::Lambda::Function') return { Type, ...others }
  const [zip] = /[^/]+$/.exec(String((Properties.Code as { S3Key: string }).S3Key)) ?? []
  // Another version is another key, or CloudFormation would not see new code.
  const Code = { S3Bucket: { Ref: 'CodeBucket' }, S3Key: `\${CodePrefix}/${version}/${zip}` }
  return { Type, ...others, Properties: { ...Properties, Code, Environment: { Variables: variables } } }
}

function settingsOf(kind: Kind, chosen: Chosen): Settings {
  const hasTokenSecret = chosen.HasTokenSecretArn === 'yes'
  return defined({
    ...defaults,
    stage: stageText,
    sources: chosen.HasEventSource === 'no' ? [] : [sourceOf(kind, chosen)],
    environment: environment(chosen.Config),
    consumerGroup: orElse('ConsumerGroup', `kube-eventer-telegram-lambda-${stageText}`),
    startingPosition: chosen.StartsAtTime === 'yes' ? { atSeconds: { Ref: 'StartingTime' } } : 'beginning',
    delivery: chosen.IsProvisioned === 'yes' ? 'provisioned' : 'on-demand',
    minimumPollers: { Ref: 'MinimumPollers' },
    maximumPollers: { Ref: 'MaximumPollers' },
    pollerGroup: orNothing('PollerGroup'),
    batchSize: { Ref: 'BatchSize' },
    state: chosen.HasTable === 'yes' ? 'dynamodb' : 'memory',
    tableProtection: { 'Fn::If': [conditionOf('TableProtection'), true, false] },
    tableRecovery: { 'Fn::If': [conditionOf('TableRecovery'), true, false] },
    tokenParameter: hasTokenSecret
      ? undefined
      : orElse('TokenParameter', `/kube-eventer-telegram/${stageText}/bot-token`),
    tokenSecretArn: hasTokenSecret ? { Ref: 'TokenSecretArn' } : undefined,
    tokenKeyArn: orNothing('TokenKeyArn'),
    configKeyArn: chosen.Config === 'none' ? undefined : orNothing('ConfigKeyArn'),
    tags: {},
    alarmTopicArns: [orNothing('AlarmTopicArn')],
    dashboard: chosen.HasDashboard === 'yes',
  })
}

function sourceOf(kind: Kind, chosen: Chosen): Source {
  const hasSecret = chosen.HasSecretArn === 'yes'
  const shared = {
    type: kind,
    name: kind === 'msk' ? 'msk' : 'kafka',
    login: hasSecret ? chosen.LoginWithSecret : chosen.LoginWithoutSecret,
    secretArn: hasSecret ? { Ref: 'SecretArn' } : undefined,
    secretKeyArn: hasSecret ? orNothing('SecretKeyArn') : undefined,
    topics: [{ Ref: 'Topic' }],
  }
  if (kind === 'msk') return defined({ ...shared, clusterArn: { Ref: 'ClusterArn' } })
  const network = {
    subnets: [{ Ref: 'Subnet1' }, orNothing('Subnet2'), orNothing('Subnet3')],
    securityGroups: [{ Ref: 'SecurityGroup' }],
  }
  const oauth = {
    oauthScope: orNothing('OauthScope'),
    oauthAudience: orNothing('OauthAudience'),
    oauthLogicalCluster: orNothing('OauthLogicalCluster'),
    oauthIdentityPool: orNothing('OauthIdentityPool'),
  }
  return defined({
    ...shared,
    bootstrapServers: [{ Ref: 'BootstrapServers' }],
    rootCaSecretArn: chosen.HasRootCaSecretArn === 'yes' ? { Ref: 'RootCaSecretArn' } : undefined,
    ...(shared.login === 'oauth' ? oauth : {}),
    ...(chosen.HasSubnet1 === 'yes' ? network : {}),
  })
}

/** Variables that are not set are left out. */
function environment(config = ''): Record<string, Value> {
  const CONFIG_FILE = configFiles[config]?.name
  return {
    TELEGRAM_CHAT_ID: { Ref: 'ChatId' },
    TELEGRAM_API_ROOT: orNothing('ApiRoot'),
    CLUSTER_NAME: orNothing('ClusterName'),
    TZ: orNothing('TimeZone'),
    CARD_LANGUAGE: orNothing('CardLanguage'),
    LINK_TEMPLATE: orNothing('LinkTemplate'),
    LOG_LEVEL: orNothing('LogLevel'),
    ...(CONFIG_FILE ? { CONFIG_FILE } : {}),
  }
}

/** The value of a parameter. If it is empty, what holds the value is left out. */
function orNothing(parameter: string): Value {
  return { 'Fn::If': [conditionOf(parameter), { Ref: parameter }, noValue] }
}

function orElse(parameter: string, text: string): Value {
  return { 'Fn::If': [conditionOf(parameter), { Ref: parameter }, { 'Fn::Sub': text }] }
}

/** Without properties that are undefined. */
function defined<Result>(properties: object): Result {
  return Object.fromEntries(Object.entries(properties).filter(([, value]) => value !== undefined)) as Result
}

/** Fills parameters into texts, makes a list of a parameter that is one, and leaves out what lacks its value. */
function finish(value: unknown, parameters: Record<string, Parameter>): unknown {
  if (typeof value === 'string') return /\$\{\w+\}/.test(value) ? { 'Fn::Sub': value } : value
  if (Array.isArray(value)) {
    const [only] = value
    const isList = value.length === 1 && parameters[only?.Ref]?.Type === 'CommaDelimitedList'
    return isList ? only : value.map((item) => finish(withoutNothing(item), parameters))
  }
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      key,
      key === 'Fn::Sub' ? item : finish(withoutEmpty(item), parameters),
    ]),
  )
}

/** A statement without its resource, or an access without its address, is left out as a whole. */
function withoutNothing(item: unknown): unknown {
  if (typeof item !== 'object' || item === null) return item
  for (const [key, value] of Object.entries(item)) {
    const found = key === 'Resource' || key === 'URI' ? optionalIn(value) : undefined
    if (found) return { 'Fn::If': [found.condition, { ...item, [key]: found.value }, noValue] }
  }
  return item
}

/** A list whose only item is left out is left out as well. */
function withoutEmpty(list: unknown): unknown {
  const found = Array.isArray(list) ? optionalIn(list) : undefined
  return found ? { 'Fn::If': [found.condition, found.value, noValue] } : list
}

/** The condition under which a value exists, and the value without the condition. */
function optionalIn(value: unknown): { condition: unknown; value: unknown } | undefined {
  const [condition, inner, otherwise] = ifOf(value) ?? []
  if (condition && isNothing(otherwise)) return { condition, value: inner }
  if (Array.isArray(value)) {
    const found = value.length === 1 ? optionalIn(value[0]) : undefined
    return found && { ...found, value: [found.value] }
  }
  const [separator, items] = (value as { 'Fn::Join'?: [string, unknown] })['Fn::Join'] ?? []
  if (!Array.isArray(items)) return undefined
  const found = items.map(optionalIn).find((one) => one !== undefined)
  if (!found) return undefined
  return { ...found, value: { 'Fn::Join': [separator, items.map((one) => optionalIn(one)?.value ?? one)] } }
}

/** Without conditions that nothing uses. */
function usedConditions(conditions: Record<string, unknown>, parts: object): Record<string, unknown> {
  const used = new Set<string>()
  const look = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return
    for (const [key, item] of Object.entries(value)) {
      const name = key === 'Fn::If' ? item[0] : key === 'Condition' ? item : undefined
      if (typeof name === 'string' && name in conditions && !used.has(name)) {
        used.add(name)
        look(conditions[name])
      }
      look(item)
    }
  }
  look(parts)
  return Object.fromEntries(Object.entries(conditions).filter(([name]) => used.has(name)))
}
