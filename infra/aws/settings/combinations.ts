import { parseConfig } from '../../../lib/app/config/config.ts'
import { isRemote, parseRemote, remoteForm } from '../../../lib/app/config/remote.ts'
import { isTimeZone } from '../../../lib/core/event/time.ts'
import { maskTokens } from '../../../lib/core/message/text/mask.ts'
import type { Path } from '../../../lib/core/routing/problem.ts'
import { groupOf, identityOf, pollerGroupOf } from '../template/event-sources.ts'
import type { Value } from '../template/fragment.ts'
import { tableName } from '../template/names.ts'
import { environmentOf, resources } from '../template/template.ts'
import type { Problem } from './read.ts'
import type { Settings, Source } from './settings.ts'

interface Context {
  stage: string
  now: number
  /** The settings as they were given, without defaults. */
  given: Record<string, unknown>
  /** These places have already been reported. */
  wrong: Path[]
}

/** Finds combinations that AWS refuses, or accepts without effect. Each setting has its form by now. The comments name the source of each rule. */
export function combinationProblems(settings: Settings, context: Context): Problem[] {
  const problems = [
    ...stageProblems(context),
    ...settings.sources.flatMap((source, index) =>
      sourceProblems(source, context).map(({ path, text }) => ({ path: ['sources', index, ...path], text })),
    ),
    ...nameProblems(settings),
    ...sameTopicProblems(settings),
    ...deliveryProblems(settings, context),
    ...pollerGroupProblems(settings),
    ...functionProblems(settings, context),
    ...environmentProblems(settings),
    ...sizeProblems(settings),
    ...regionProblems(settings, context),
    ...secretProblems(context),
  ]
  const known = new Set(context.wrong.map((path) => JSON.stringify(path)))
  return problems.filter(({ path }) => !known.has(JSON.stringify(path)))
}

function stageProblems({ stage }: Context): Problem[] {
  return /^[a-zA-Z][a-zA-Z0-9-]{0,39}$/.test(stage)
    ? []
    : [{ path: ['--stage'], text: `must be a letter and at most 39 letters, digits and "-", not "${stage}"` }]
}

/** Of each type of source: the settings it needs, those it cannot have, and the ways in which Lambda logs in to it. */
export const sourceTypes = {
  msk: {
    needs: ['clusterArn'],
    // MSK says itself where its brokers are and which CA they have.
    cannotHave: ['bootstrapServers', 'rootCaSecretArn', 'rootCaKeyArn', 'subnets', 'securityGroups'],
    logins: ['iam', 'scram-sha-512', 'mtls', 'none'],
  },
  'self-managed': {
    needs: ['bootstrapServers'],
    cannotHave: ['clusterArn'],
    logins: ['plain', 'scram-sha-256', 'scram-sha-512', 'mtls', 'oauth', 'none'],
  },
} as const

const ofOauth = ['oauthScope', 'oauthAudience', 'oauthLogicalCluster', 'oauthIdentityPool']

function sourceProblems(source: Source, { wrong }: Context): Problem[] {
  const { type, login, name } = source
  const { needs, cannotHave, logins } = sourceTypes[type]
  const has = (field: string) => source[field as keyof Source] !== undefined
  const isWrong = (field: string) => wrong.some((path) => path[0] === 'sources' && path.includes(field))
  const needed = (field: string, why: string): Problem[] =>
    has(field) || isWrong(field) ? [] : [{ path: [], text: `${field} is missing; ${why} needs it` }]
  const excess = (field: string, why: string): Problem[] =>
    has(field) ? [{ path: [field], text: `must not be set with ${why}` }] : []
  const hasSecret = login !== 'iam' && login !== 'none'
  const isServerless = /-s\d+$/.test(String(source.clusterArn))
  const isScramOfMsk = type === 'msk' && login === 'scram-sha-512'

  return [
    ...needs.flatMap((field) => needed(field, `type: ${type}`)),
    ...cannotHave.flatMap((field) => excess(field, `type: ${type}`)),
    ...((logins as readonly string[]).includes(login)
      ? []
      : [{ path: ['login'], text: `must be ${logins.join(', ')} with type: ${type}, not ${login}` }]),
    // MSK Serverless has IAM only (MSK Developer Guide, MSK Serverless).
    ...(isServerless && login !== 'iam' && !isWrong('login')
      ? [{ path: ['login'], text: `must be iam, since ${name} is MSK Serverless, not ${login}` }]
      : []),
    ...(hasSecret
      ? needed('secretArn', `login: ${login}`)
      : ['secretArn', 'secretKeyArn'].flatMap((field) => excess(field, `login: ${login}`))),
    ...(login === 'oauth' ? [] : ofOauth.flatMap((field) => excess(field, `login: ${login}`))),
    ...(has('rootCaSecretArn') || isWrong('rootCaSecretArn')
      ? []
      : has('rootCaKeyArn')
        ? [{ path: ['rootCaKeyArn'], text: 'is the key of rootCaSecretArn, which is missing' }]
        : []),
    // MSK takes only SCRAM secrets with this prefix and a key of the customer (MSK Developer Guide, Sign-in credentials authentication).
    ...(isScramOfMsk ? needed('secretKeyArn', 'a SCRAM secret of MSK') : []),
    ...(isScramOfMsk && has('secretArn') && !/:secret:AmazonMSK_/.test(String(source.secretArn))
      ? [{ path: ['secretArn'], text: 'must be a secret whose name begins with AmazonMSK_, which MSK requires' }]
      : []),
    ...(has('subnets') === has('securityGroups') || isWrong('subnets') || isWrong('securityGroups')
      ? []
      : [{ path: [], text: 'subnets and securityGroups must be set together' }]),
    // Over the internet AWS requires a login (AWS Lambda Developer Guide, Configuring self-managed Apache Kafka event sources).
    ...(type === 'self-managed' && login === 'none' && !has('subnets') && !isWrong('subnets')
      ? [{ path: ['login'], text: 'must not be none without subnets: over the internet AWS requires a login' }]
      : []),
  ]
}

/** For AWS it would be the same event source twice (aws-cdk #26416). */
function sameTopicProblems({ sources }: Settings): Problem[] {
  const readers = new Map<string, Source>()
  return sources.flatMap((source, index) =>
    source.topics.flatMap((topic, at) => {
      const { clusterArn, bootstrapServers } = source
      if (!clusterArn && !bootstrapServers) return []
      const key = JSON.stringify([identityOf(source), topic])
      const reader = readers.get(key) ?? source
      readers.set(key, reader)
      const text = `the source "${reader.name}" reads the topic "${topic}" of the same cluster already`
      return reader === source ? [] : [{ path: ['sources', index, 'topics', at], text }]
    }),
  )
}

/** Names and consumer groups must be unique (AWS Lambda API Reference, ConsumerGroupId: at most 200 characters). */
function nameProblems({ sources, consumerGroup }: Settings): Problem[] {
  const names = sources.map(({ name }) => name)
  return sources.flatMap(({ name, topics }, index) => [
    ...(names.indexOf(name) === index
      ? []
      : [{ path: ['sources', index], text: `two sources have the name "${name}"; give this one another name` }]),
    ...topics.flatMap((topic, at) => {
      const path = ['sources', index, 'topics', at]
      const group = String(groupOf(consumerGroup, name, topic))
      if (topics.indexOf(topic) !== at) return [{ path, text: `the topic "${topic}" is given twice` }]
      return group.length > 200
        ? [
            {
              path,
              text: `its consumer group would have ${group.length} characters, and AWS accepts 200; set a shorter consumerGroup`,
            },
          ]
        : []
    }),
  ])
}

const ofProvisioned = [
  'minimumPollers',
  'maximumPollers',
  'pollerGroup',
  'maximumRetries',
  'maximumRecordAgeSeconds',
  'onFailure',
]

function deliveryProblems(settings: Settings, { given, now }: Context): Problem[] {
  const { delivery, minimumPollers, maximumPollers, startingPosition, filters = [], onFailure, sources } = settings
  const topics = sources.flatMap((source) => source.topics)
  return [
    ...(delivery === 'on-demand' ? ofProvisioned : []).flatMap((name) =>
      name in given
        ? [{ path: [name], text: 'must not be set with delivery: on-demand, which has no such setting' }]
        : [],
    ),
    ...(minimumPollers > maximumPollers
      ? [{ path: ['minimumPollers'], text: `must be at most maximumPollers, ${maximumPollers}, not ${minimumPollers}` }]
      : []),
    ...(typeof startingPosition === 'object' && startingPosition.atSeconds * 1_000 > now
      ? [{ path: ['startingPosition'], text: 'must not be in the future' }]
      : []),
    // Only the value can be filtered, and a pattern has at most 4096 characters (AWS Lambda Developer Guide, Control which events Lambda sends).
    ...filters.flatMap((filter, index) => {
      const path = ['filters', index]
      const wrongKeys = Object.keys(filter).filter((key) => key !== 'value')
      if (wrongKeys.length > 0) return [{ path, text: `can only match on value, not on ${wrongKeys.join(', ')}` }]
      return JSON.stringify(filter).length > 4_096 ? [{ path, text: 'must have at most 4096 characters as JSON' }] : []
    }),
    ...(topics.some((topic) => onFailure === `kafka://${topic}`)
      ? [{ path: ['onFailure'], text: 'must not be a topic that the function reads' }]
      : []),
  ]
}

/** AWS Lambda API Reference, ProvisionedPollerConfig. */
function pollerGroupProblems(settings: Settings): Problem[] {
  if (settings.delivery === 'on-demand') return []
  const sizes = new Map<Value, number>()
  for (const source of settings.sources) {
    const group = pollerGroupOf(source, settings)
    if (group !== undefined) sizes.set(group, (sizes.get(group) ?? 0) + source.topics.length)
  }
  return [...sizes].flatMap(([group, size]) => {
    const pollers = size * settings.maximumPollers
    return [
      ...(size > 100
        ? [{ path: ['sources'], text: `the poller group ${group} would have ${size} topics, and AWS accepts 100` }]
        : []),
      ...(pollers > 2_000
        ? [
            {
              path: ['maximumPollers'],
              text: `the ${size} topics of the poller group ${group} would have ${pollers} pollers together, and AWS accepts 2000`,
            },
          ]
        : []),
    ]
  })
}

const ofTable = ['tableKeyArn', 'tableRecovery', 'tableProtection', 'retainTable']
const setElsewhere: Record<string, string> = { STATE: 'state', FAILURE_MODE: 'delivery' }

function functionProblems({ state, environment }: Settings, { given, wrong }: Context): Problem[] {
  // AWS counts names and values together (AWS Lambda quotas); 300 bytes are left for those that the template adds.
  const bytes = Object.entries(environment).reduce(
    (sum, [name, value]) => sum + Buffer.byteLength(name + String(value)),
    300,
  )
  const configFile = String(environment.CONFIG_FILE ?? '')
  return [
    ...(state === 'memory' ? ofTable : []).flatMap((name) =>
      name in given ? [{ path: [name], text: 'must not be set with state: memory, which has no table' }] : [],
    ),
    ...('tokenParameter' in given && 'tokenSecretArn' in given
      ? [{ path: ['tokenSecretArn'], text: 'must not be set together with tokenParameter' }]
      : []),
    ...('environment' in given && !environment.TELEGRAM_CHAT_ID && !wrong.some(([name]) => name === 'environment')
      ? [{ path: ['environment'], text: 'TELEGRAM_CHAT_ID is missing' }]
      : []),
    ...Object.keys(setElsewhere).flatMap((name) =>
      name in environment ? [{ path: ['environment', name], text: `is set by the setting ${setElsewhere[name]}` }] : [],
    ),
    ...(bytes > 4_096 ? [{ path: ['environment'], text: `has ${bytes} bytes, and AWS accepts 4096; shorten it` }] : []),
    ...(isRemote(configFile) && !parseRemote(configFile)
      ? [{ path: ['environment', 'CONFIG_FILE'], text: `must be ${remoteForm}, or a file in this folder` }]
      : []),
    ...(isRemote(configFile) && /[*?$]/.test(configFile)
      ? [
          {
            path: ['environment', 'CONFIG_FILE'],
            text: 'must not have "*", "?" or "$", which would widen the role of the functions',
          },
        ]
      : []),
    ...('configKeyArn' in given && !isRemote(configFile)
      ? [{ path: ['configKeyArn'], text: 'is only for a CONFIG_FILE like ssm:/name or s3://bucket/key' }]
      : []),
  ]
}

/** Finds variables that the functions would refuse at each start, and a time zone that they would ignore. */
function environmentProblems(settings: Settings): Problem[] {
  const { environment, stage } = settings
  const parsed = parseConfig({
    ...(environmentOf(settings) as Record<string, string>),
    STATE: settings.state === 'dynamodb' ? `dynamodb:${tableName(stage)}` : 'memory',
    // Lambda sets these.
    AWS_LAMBDA_FUNCTION_NAME: 'notify',
    AWS_REGION: 'region',
    AWS_ACCESS_KEY_ID: 'id',
    AWS_SECRET_ACCESS_KEY: 'key',
  })
  const found = 'problems' in parsed ? parsed.problems : []
  const zone = String(environment.TZ ?? '')
  return [
    ...found.flatMap((problem) => {
      const [, name = '', text = ''] = /^(\w+) (.+)$/s.exec(problem) ?? []
      // Other settings have their own checks.
      return environment[name] ? [{ path: ['environment', name], text }] : []
    }),
    ...(zone === '' || isTimeZone(zone.replace(/^:/, ''))
      ? []
      : [{ path: ['environment', 'TZ'], text: `must be an IANA time zone, for example Europe/Berlin, not "${zone}"` }]),
  ]
}

// The functions, their log groups, the schedule, its permission and its retries, and the bucket with its policy come from osls.
const resourcesOfOsls = 9
const outputsOfOsls = 1

/** IAM quotas, and CloudFormation quotas. IAM with MSK needs two ARNs for each topic. */
function sizeProblems(settings: Settings): Problem[] {
  const { Resources, Outputs = {} } = resources(settings, tableName(settings.stage))
  const sizes = [
    {
      size: JSON.stringify(Resources.NotifyRole?.Properties.Policies).length,
      most: 10_240,
      text: (size: number) => `the policy of the role would have ${size} characters, and IAM accepts 10240`,
    },
    {
      size: Object.keys(Resources).length + resourcesOfOsls,
      most: 500,
      text: (size: number) => `the stack would have ${size} resources, and CloudFormation accepts 500`,
    },
    {
      size: Object.keys(Outputs).length + outputsOfOsls,
      most: 200,
      text: (size: number) => `the stack would have ${size} outputs, and CloudFormation accepts 200`,
    },
  ]
  return sizes
    .filter(({ size, most }) => size > most)
    .map(({ size, text }) => ({
      path: ['sources'],
      text: `too many topics: ${text(size)}; deploy some of the topics as another stage`,
    }))
}

/** AWS does not look into other regions. */
function regionProblems({ region }: Settings, { given }: Context): Problem[] {
  if (region === undefined)
    return [{ path: ['region'], text: 'is missing; set it to the region of your brokers, or use --region' }]
  const wanted = partitionOf(region)
  return textsIn(given).flatMap(({ path, text }) => {
    const [, partition, service, its] = /^arn:([^:]+):([^:]+):([^:]*):/.exec(text) ?? []
    if (partition === undefined) return []
    if (partition !== wanted)
      return [{ path, text: `must be an ARN of ${wanted}, since the region is ${region}, not of ${partition}` }]
    return its !== '' && its !== region
      ? [{ path, text: `must be in ${region}, where the functions are deployed, not in ${its} (${service})` }]
      : []
  })
}

/** The template is stored in S3, and anyone who may describe the stack or the functions can read it. */
function secretProblems({ given }: Context): Problem[] {
  return textsIn(given).flatMap(({ path, text }) => [
    ...(maskTokens(text) === text
      ? []
      : [{ path, text: 'contains a bot token, and the template is stored in S3; see tokenParameter' }]),
    ...(/:\/\/[^/\s]*@/.test(text)
      ? [{ path, text: 'contains a user name or a password in a URL, and the template is stored in S3' }]
      : []),
  ])
}

function textsIn(value: unknown, path: Path = []): { path: Path; text: string }[] {
  if (typeof value !== 'object' || value === null) return [{ path, text: String(value) }]
  return Object.entries(value).flatMap(([key, item]) =>
    textsIn(item, [...path, Array.isArray(value) ? Number(key) : key]),
  )
}

export function partitionOf(region: string): string {
  if (region.startsWith('cn-')) return 'aws-cn'
  return region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws'
}
