import type { AwsAccess } from '../../adapters/aws/request.ts'
import { isTimeZone } from '../../core/event/time.ts'
import { type LinkTemplate, linkForm, parseLinkTemplate } from '../../core/message/link.ts'
import { maskTokens } from '../../core/message/text/mask.ts'
import { type Language, languages } from '../../core/message/words/languages.ts'
import { defaultRuleset, type RulesetContext } from '../../core/routing/compile-ruleset.ts'
import { eitherOf } from '../../core/routing/problem.ts'
import type { Ruleset } from '../../core/routing/ruleset.ts'
import { parseTarget, type Target } from '../../core/routing/target.ts'
import { type LogLevel, logLevels } from '../../pipeline/ports.ts'
import { readAwsAccess } from './aws.ts'
import { type Environment, listed, openReader, type Reader } from './environment.ts'
import type { LiveRules } from './live-rules.ts'
import { readState, type StateSetting } from './state.ts'

/** Where the bot token comes from: given directly, or stored in AWS as a `parameter` (SSM) or a `secret` (Secrets Manager). */
export type TokenSource =
  | { kind: 'given'; token: string }
  | { kind: 'parameter' | 'secret'; name: string; access: AwsAccess }

export interface Config {
  token: TokenSource
  /** From CONFIG_FILE, or the defaults. */
  ruleset: Ruleset
  /** Set if CONFIG_FILE is outside of the package: the rules as they are now. `ruleset` has those of the start. */
  liveRules?: LiveRules
  apiRoot: string
  /** Undefined: each record's topic is its cluster's name. */
  cluster: string | undefined
  timeZone: string
  language: Language
  /** The address that the button of each card opens. */
  link: LinkTemplate | undefined
  state: StateSetting
  /** False: each record becomes its own message. */
  hasIncidents: boolean
  failureMode: 'partial' | 'throw'
  logLevel: LogLevel
  /** True under `serverless invoke local`. */
  isInvokedLocally: boolean
  /** The dimension of CloudWatch's metrics; undefined outside Lambda. */
  functionName: string | undefined
  /** Settings that have no effect or may be a mistake. */
  warnings: string[]
}

export type ParsedConfig = { config: Config } | { problems: string[] }

/** Reads the configuration file, or supplies the defaults if there is none. */
export type RoutingSource = (context: Omit<RulesetContext, 'compile'>) => ReadRouting

/** Reads the configuration from environment variables and the routing file, or lists every problem. An empty variable counts as not set. */
export function parseConfig(environment: Environment, routing: RoutingSource = noFile): ParsedConfig {
  const reader = openReader(environment)
  const { optional, oneOf } = reader
  const zone = readTimeZone(optional('TZ'))
  const state = readState(reader, isInLambda(reader))
  const target = reader.required(
    'TELEGRAM_CHAT_ID',
    'a chat ID, for example -1001234567890, -1001234567890:42 for a thread, or @channel',
    parseTarget,
  )
  // The file is checked even if the target is wrong, so that all problems are reported at once.
  const { ruleset, ...read } = routing({ target: target ?? nowhere, timeZone: zone.timeZone })
  for (const problem of read.problems) reader.problem(problem)
  const isDurable = state !== undefined && state.state.kind !== 'memory'
  const config = {
    token: readTokenSource(reader),
    ruleset: isDurable ? ruleset : withoutState(ruleset),
    apiRoot:
      reader.read(
        'TELEGRAM_API_ROOT',
        'a URL without a bot token, for example https://api.telegram.org',
        parseApiRoot,
      ) ?? 'https://api.telegram.org',
    cluster: reader.read('CLUSTER_NAME', 'a name of at most 100 characters', (text) =>
      text.length <= 100 ? text : undefined,
    ),
    timeZone: zone.timeZone,
    language: oneOf('CARD_LANGUAGE', Object.keys(languages) as Language[], 'en'),
    link: reader.read('LINK_TEMPLATE', linkForm, parseLinkTemplate),
    ...state,
    failureMode: oneOf('FAILURE_MODE', ['partial', 'throw'], isInLambda(reader) ? undefined : 'partial'),
    logLevel: oneOf('LOG_LEVEL', logLevels, 'info'),
    isInvokedLocally: optional('IS_LOCAL') !== undefined,
    functionName: isInLambda(reader) ? optional('AWS_LAMBDA_FUNCTION_NAME') : undefined,
    warnings: [...zone.warnings, ...read.warnings, ...(isDurable ? [] : read.needState)],
  }
  return reader.problems.length === 0 ? { config: config as Config } : { problems: reader.problems }
}

export function isInLambda({ optional }: Reader): boolean {
  return optional('AWS_LAMBDA_FUNCTION_NAME') !== undefined && optional('IS_LOCAL') === undefined
}

/** A routing file as read, with messages for people. */
export interface ReadRouting {
  ruleset: Ruleset
  /** Mistakes, each with its line. If there are any, do not use the ruleset. */
  problems: string[]
  warnings: string[]
  /** Warnings about settings that are ignored with STATE=memory. */
  needState: string[]
}

const noFile: RoutingSource = (context) => ({
  // The built-in patterns are known to be fast.
  ruleset: defaultRuleset({ ...context, compile: (source) => new RegExp(source) }),
  problems: [],
  warnings: [],
  needState: [],
})

const nowhere: Target = { name: '-1', chat: '-1', threadId: undefined }

/** Without a durable store nothing can be delayed, and no sweep sends reports. */
function withoutState({ quiet, ...ruleset }: Ruleset): Ruleset {
  return {
    ...ruleset,
    suppressed: undefined,
    watchdog: undefined,
    quiet: quiet.map((hours) => ({ ...hours, action: 'silent' })),
  }
}

/** True for a bot's ID, a colon and a secret (telegram-bot-api ClientManager.cpp: at most 80 bytes, no slash). */
export function isToken(text: string): boolean {
  return text.length <= 80 && /^\d{1,20}:[\w-]+$/.test(text)
}

function readTokenSource(reader: Reader): TokenSource | undefined {
  const names = ['TELEGRAM_BOT_TOKEN', 'TELEGRAM_BOT_TOKEN_PARAMETER', 'TELEGRAM_BOT_TOKEN_SECRET']
  const given = names.filter((name) => reader.optional(name) !== undefined)
  const [name = ''] = given
  const value = reader.optional(name) ?? ''
  if (given.length !== 1) {
    const isMissing = given.length === 0
    const [first, ...others] = names
    reader.problem(
      isMissing
        ? `${first} is not set; set it or ${eitherOf(others)}`
        : `${listed(given)} are set; set only one of them`,
    )
    return undefined
  }
  if (name === 'TELEGRAM_BOT_TOKEN') {
    if (isToken(value)) return { kind: 'given', token: value }
    reader.problem(`${name}: this does not look like a bot token; @BotFather's look like 123456789:AAE…`)
    return undefined
  }
  if (maskTokens(value) !== value) {
    const kind = name === 'TELEGRAM_BOT_TOKEN_SECRET' ? 'secret' : 'parameter'
    reader.problem(`${name} contains a bot token; it must be the name of the ${kind} that contains it`)
    return undefined
  }
  const access = readAwsAccess(reader, name)
  return access && { kind: name === 'TELEGRAM_BOT_TOKEN_SECRET' ? 'secret' : 'parameter', name: value, access }
}

function readTimeZone(given: string | undefined): { timeZone: string; warnings: string[] } {
  // Lambda sets TZ=:UTC (AWS Lambda Developer Guide, Defined runtime environment variables).
  const timeZone = given?.replace(/^:/, '') || 'UTC'
  if (isTimeZone(timeZone)) return { timeZone, warnings: [] }
  return {
    timeZone: 'UTC',
    warnings: [`TZ must be an IANA time zone, for example Europe/Berlin, not "${given}"; times are shown in UTC`],
  }
}

function parseApiRoot(text: string): string | undefined {
  if (!URL.canParse(text)) return undefined
  const { protocol, pathname, search, hash } = new URL(text)
  const isRoot = /^https?:$/.test(protocol) && search === '' && hash === '' && !/\/bot\d/.test(pathname)
  return isRoot ? text.replace(/\/+$/, '') : undefined
}
