import type { AwsAccess } from '../../adapters/aws/request.ts'
import { isTimeZone } from '../../core/event/time.ts'
import { type LinkTemplate, linkForm, parseLinkTemplate } from '../../core/message/link.ts'
import { maskTokens } from '../../core/message/text/mask.ts'
import { type Language, languages } from '../../core/message/words/languages.ts'
import type { Ruleset } from '../../core/routing/compiled.ts'
import { defaultRuleset, type RulesetContext } from '../../core/routing/ruleset.ts'
import { parseTarget, type Target } from '../../core/routing/target.ts'
import { readAwsAccess } from './aws.ts'
import { type Environment, openReader, type Reader } from './environment.ts'
import { readState, type StateSetting } from './state.ts'

/** Where the bot token comes from; for `parameter` (SSM) and `secret` (Secrets Manager) with what it takes to ask AWS for it. */
export type TokenSource =
  | { kind: 'given'; token: string }
  | { kind: 'parameter' | 'secret'; name: string; access: AwsAccess }

export interface Config {
  token: TokenSource
  /** Rules, routes and targets: of CONFIG_FILE, or the program's own. */
  ruleset: Ruleset
  apiRoot: string
  /** Undefined: each record's topic stands for its cluster. */
  cluster: string | undefined
  timeZone: string
  language: Language
  /** What a button of each card opens. */
  link: LinkTemplate | undefined
  state: StateSetting
  /** False: each record is an incident, and a message, of its own. */
  hasIncidents: boolean
  failureMode: 'partial' | 'throw'
  logLevel: LogLevel
  /** Run by `serverless invoke local`. */
  isInvokedLocally: boolean
  /** The dimension of CloudWatch's metrics; undefined outside Lambda. */
  functionName: string | undefined
  /** What an operator should know at start although the program runs. */
  warnings: string[]
}

export type LogLevel = (typeof logLevels)[number]
const logLevels = ['debug', 'info', 'warn', 'error'] as const

/** Reads the configuration file, or supplies the defaults if there is none. */
export type RoutingSource = (context: Omit<RulesetContext, 'compile'>) => ReadRouting

/**
 * The configuration in environment variables and the file that they name, or every problem in it at once. An empty variable counts as not
 * given.
 */
export function parseConfig(
  environment: Environment,
  routing: RoutingSource = noFile,
): { config: Config } | { problems: string[] } {
  const reader = openReader(environment)
  const { optional, oneOf } = reader
  const zone = readTimeZone(optional('TZ'))
  const state = readState(reader, isInLambda(reader))
  const target = reader.required(
    'TELEGRAM_CHAT_ID',
    'a chat id as -1001234567890, with thread -1001234567890:42, or @channel',
    parseTarget,
  )
  // What else is wrong in the file is told, too.
  const { ruleset, ...read } = routing({ target: target ?? nowhere, timeZone: zone.timeZone })
  for (const problem of read.problems) reader.problem(problem)
  const isDurable = state !== undefined && state.state.kind !== 'memory'
  const config = {
    token: readTokenSource(reader),
    ruleset: isDurable ? ruleset : withoutState(ruleset),
    apiRoot:
      reader.read('TELEGRAM_API_ROOT', 'a URL as https://api.telegram.org, without the bot token', parseApiRoot) ??
      'https://api.telegram.org',
    cluster: reader.read('CLUSTER_NAME', 'at most 100 characters', (text) => (text.length <= 100 ? text : undefined)),
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

/** What is wrong or worth to know in a routing file, in words. */
export interface ReadRouting {
  ruleset: Ruleset
  /** Every one: where in the file, what was given, what was expected. With one of these the ruleset is not to be used. */
  problems: string[]
  warnings: string[]
  /** What it asks for in vain where nothing durable is kept. */
  needState: string[]
}

const noFile: RoutingSource = (context) => ({
  // The program's own patterns need no check.
  ruleset: defaultRuleset({ ...context, compile: (source) => new RegExp(source) }),
  ...{ problems: [], warnings: [], needState: [] },
})

const nowhere: Target = { name: '-1', chat: '-1', threadId: undefined }

/** Memory can't hold anything until the morning, and nobody sweeps it. */
function withoutState({ quiet, ...ruleset }: Ruleset): Ruleset {
  return {
    ...ruleset,
    suppressed: undefined,
    watchdog: undefined,
    quiet: quiet.map((hours) => ({ ...hours, action: 'silent' })),
  }
}

/** True for what BotFather gives: the bot's id, a colon, a secret (telegram-bot-api ClientManager.cpp: at most 80 bytes, no slash). */
export function isToken(text: string): boolean {
  return text.length <= 80 && /^\d{1,20}:[\w-]+$/.test(text)
}

function readTokenSource(reader: Reader): TokenSource | undefined {
  const names = ['TELEGRAM_BOT_TOKEN', 'TELEGRAM_BOT_TOKEN_PARAMETER', 'TELEGRAM_BOT_TOKEN_SECRET']
  const given = names.filter((name) => reader.optional(name) !== undefined)
  const [name = ''] = given
  const value = reader.optional(name) ?? ''
  if (given.length !== 1) {
    const found = given.length === 0 ? 'none is given' : `given ${given.join(' and ')}`
    reader.problem(`${names.join(', ')}: ${found}, expected exactly one`)
    return undefined
  }
  if (name === 'TELEGRAM_BOT_TOKEN') {
    if (isToken(value)) return { kind: 'given', token: value }
    reader.problem(
      `${name}: given ${value.length} characters of another form, expected a bot token as 123456789:AAE… from @BotFather`,
    )
    return undefined
  }
  if (maskTokens(value) !== value) {
    reader.problem(`${name}: given a bot token itself, expected the name of what holds it`)
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
    warnings: [`TZ: given "${given}", expected an IANA time zone as Europe/Berlin; times are shown in UTC`],
  }
}

function parseApiRoot(text: string): string | undefined {
  if (!URL.canParse(text)) return undefined
  const { protocol, pathname, search, hash } = new URL(text)
  const isRoot = /^https?:$/.test(protocol) && search === '' && hash === '' && !/\/bot\d/.test(pathname)
  return isRoot ? text.replace(/\/+$/, '') : undefined
}
