import type { TokenSource } from '../../app/config/config.ts'
import type { StateSetting } from '../../app/config/state.ts'
import type { CompiledRule, Conditions, Threshold } from '../../core/routing/compiled.ts'
import type { Matcher } from '../../core/routing/match.ts'
import type { QuietHours } from '../../core/routing/quiet.ts'
import { durationOf, plainLine } from '../inspect/words.ts'

/** `namespace is batch-*; cause is job-failed or crash-loop; not if workload is canary`, and for no condition `everything`. */
export function conditionsOf({ match, except }: Conditions): string {
  const asked = match ? askedBy(match) : ''
  const excepted = except ? askedBy(except) : ''
  return `${asked || everything}${excepted && `; not if ${excepted}`}`
}

/** What no condition is. */
export const everything = 'everything'

function askedBy({ conditions, olderThan }: Matcher): string {
  const parts = conditions.map(({ field, patterns }) => {
    const texts = patterns.map(({ source }) => plainLine(source))
    if (texts.every((text) => text === '')) return `no ${field}`
    if (field === 'message') return `message has ${orList(texts.map(asRegex))}`
    return `${field} is ${orList(texts.map((text) => text || 'none'))}`
  })
  return [...parts, ...(olderThan === undefined ? [] : [`older than ${durationOf(olderThan)}`])].join('; ')
}

/** Those of messages need no slashes, but are easier to make out with them. */
function asRegex(source: string): string {
  return /^\/.+\/$/.test(source) ? source : `/${source}/`
}

function orList(texts: string[]): string {
  return texts.length < 2 ? texts.join('') : `${texts.slice(0, -1).join(', ')} or ${texts.at(-1)}`
}

/** `show after 3 in 10m, as critical` */
export function actionOf({ action, threshold, severity, isSilent, hint, link }: CompiledRule): string {
  if (action === 'drop') return 'drop'
  const parts = [
    `show${threshold ? afterOf(threshold) : ''}`,
    ...(severity ? [`as ${severity}`] : []),
    ...(isSilent ? ['without a sound'] : []),
    ...(hint === undefined ? [] : ['with a hint']),
    ...(link === undefined ? [] : ['with a link']),
  ]
  return parts.join(', ')
}

function afterOf({ atLeast, withinMilliseconds, isPerEvent }: Threshold): string {
  const span = withinMilliseconds === undefined ? '' : ` in ${durationOf(withinMilliseconds)}`
  return ` after ${atLeast}${span}${isPerEvent ? ' of one event' : ''}`
}

const weekdays = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']

/** `Sat, Sun 20:00–08:00 Europe/Berlin` */
export function quietHoursText({ days, from, to, zone }: QuietHours): string {
  const named = days && [...days].map((day) => weekdays[day])
  return `${named ? `${named.join(', ')} ` : ''}${timeOfDay(from)}–${timeOfDay(to)} ${zone}`
}

export function quietActionOf({ action, to, below }: QuietHours): string {
  return `below ${below}: ${action === 'delay' ? `delayed until ${timeOfDay(to)}` : 'without a sound'}`
}

function timeOfDay(minutes: number): string {
  const two = (number: number) => String(number).padStart(2, '0')
  return `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`
}

/** Where the token comes from; never the token. */
export function tokenOf(source: TokenSource): string {
  if (source.kind === 'given') return 'from TELEGRAM_BOT_TOKEN'
  const name = plainLine(source.name)
  return source.kind === 'parameter' ? `from SSM, parameter ${name}` : `from Secrets Manager, secret ${name}`
}

/** The variable that says where the token is. */
export function tokenVariableOf({ kind }: TokenSource): string {
  return {
    given: 'TELEGRAM_BOT_TOKEN',
    parameter: 'TELEGRAM_BOT_TOKEN_PARAMETER',
    secret: 'TELEGRAM_BOT_TOKEN_SECRET',
  }[kind]
}

export function stateSettingText(state: StateSetting, hasIncidents: boolean): string {
  const message = hasIncidents ? 'one message an incident' : 'one message an event'
  switch (state.kind) {
    case 'memory':
      return `memory, forgotten with its process; ${message}`
    case 'sqlite':
      return `file ${plainLine(state.file)}; ${message}`
    case 'dynamodb':
      return `DynamoDB table ${plainLine(state.table)}; ${message}`
  }
}
