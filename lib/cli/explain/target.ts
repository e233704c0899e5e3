import type { Button, Incident } from '../../core/incident/incident.ts'
import { shortId } from '../../core/incident/key.ts'
import type { ChatState } from '../../core/rate-limit/chat.ts'
import type { Ruling } from '../../core/routing/router.ts'
import type { Threshold } from '../../core/routing/ruleset.ts'
import type { Target } from '../../core/routing/target.ts'
import { type FormattedText, readText, tidyText } from '../../emulator/text.ts'
import { outgoingMessageOf } from '../../pipeline/deliver/outgoing-message.ts'
import type { Expected } from '../inspect/incidents.ts'
import type { Tools } from '../inspect/tools.ts'
import { localMoment, oneLine, plainLine, spanText } from '../inspect/words.ts'

/** What the chat would show. */
export interface ShownMessage {
  /** As a reader sees it. */
  text: string
  markup: string
  buttons: Button[]
  isSilent: boolean
  /** True if it edits the incident's message. */
  isEdit: boolean
}

/** The outcome of a record for one target. */
export interface TargetExplanation {
  target: string
  /** The routes that lead to it; empty: it is the default. */
  routes: string[]
  incident: string
  /** Before this record. */
  state: string
  outcome: string
  /** Why the chat takes no messages now, as far as the state knows. */
  chat: string | null
  message: ShownMessage | null
}

interface Context {
  tools: Tools
  timeZone: string
  now: number
}

interface Where {
  target: Target
  ruling: Extract<Ruling, { action: 'show' }>
  routes: string[]
  chat: ChatState | undefined
}

/** The outcome of a record for a target, in words. */
export function explainTarget(
  expected: Expected,
  { target, ruling, routes, chat }: Where,
  context: Context,
): TargetExplanation {
  return {
    target: context.tools.nameOf(target),
    routes,
    incident: shortId(expected.key),
    state: incidentStateText(expected.before, expected.isStored, context),
    outcome: outcomeOf(expected, ruling, context),
    chat: chatText(chat, context),
    message: messageOf(expected, target, context),
  }
}

/** Why the chat takes no messages now. */
function chatText(chat: ChatState | undefined, { timeZone, now }: Context): string | null {
  if (chat?.broken)
    return `refused by Telegram since ${localMoment(chat.broken.since, timeZone)}, so its incidents stay pending: ${oneLine(chat.broken.why)}`
  if (chat && chat.coolDownUntil > now) return `cool-down until ${localMoment(chat.coolDownUntil, timeZone)}`
  return null
}

/** The state of an incident in words. */
export function incidentStateText(
  incident: Incident | undefined,
  isStored: boolean,
  { timeZone }: Pick<Context, 'timeZone'>,
): string {
  if (!incident) return 'none yet'
  const { isBelow, merged, generation, suppression } = incident.body
  const { shown, pendingSince, lease, retry, refused } = incident.delivery
  const parts = [
    ...(shown ? [`shown, message last updated at ${localMoment(shown.at, timeZone)}`] : []),
    ...(isBelow && !shown ? ['not shown yet'] : []),
    ...(merged.events.length > 0 ? [`happened ${times(totalOf(incident))}`] : []),
    ...(generation > 1 ? [`generation ${generation}`] : []),
    ...(pendingSince === undefined ? [] : [`pending since ${localMoment(pendingSince, timeZone)}`]),
    ...(suppression ? [`suppressed by ${suppression.kind} ${plainLine(suppression.name)}`] : []),
    ...(lease ? [`leased until ${localMoment(lease.until, timeZone)}`] : []),
    ...(retry && retry.at > 0 ? [`retry at ${localMoment(retry.at, timeZone)} (${oneLine(retry.why)})`] : []),
    ...(refused === undefined ? [] : ['its text was refused by Telegram']),
  ]
  return `${isStored ? '' : 'from earlier records: '}${parts.join(', ')}`
}

function outcomeOf(
  { outcome, decision, incident, until }: Expected,
  { rule, threshold }: Extract<Ruling, { action: 'show' }>,
  { timeZone }: Context,
): string {
  const text = `${outcome.outcome}: ${outcome.why}`
  const untilText = `until ${localMoment(until ?? 0, timeZone)}`
  switch (outcome.why) {
    case 'below atLeast':
      return `${text} of rule ${plainLine(rule ?? '')}${progressOf(incident, threshold)}`
    case 'shown':
    case 'updated':
      return `${text} (${reasons[decision.why] ?? decision.why})`
    case 'throttled':
      return `${text} ${untilText}, because its message was edited a moment ago`
    case 'quiet hours':
    case 'retry later':
      return `${text} ${untilText}`
    case 'ended before':
      return `${text} (counted by an incident that is over)`
    default:
      return text
  }
}

const reasons: Record<string, string> = {
  'next generation': 'a new message, because the incident before is over',
  'now worse': 'a new message, because the severity has risen',
  'message gone': 'a new message, because the one before was deleted',
  repeats: 'an edit: it happened again',
}

/** `: 2 of 3 times within 10m` */
function progressOf(incident: Incident, threshold: Threshold | undefined): string {
  if (!threshold) return ''
  const { atLeast, isPerEvent } = threshold
  const counts = incident.body.merged.events.map(([, count]) => count)
  const total = isPerEvent ? Math.max(0, ...counts) : totalOf(incident)
  const span = spanText(threshold)
  return `: ${total < atLeast ? `${total} of` : `${total} in total, fewer than`} ${atLeast} times${span}`
}

function totalOf({ body: { merged } }: Incident): number {
  return merged.events.reduce((sum, [, count]) => sum + count, 0)
}

function times(count: number): string {
  return count === 1 ? 'once' : `${count} times`
}

/** The message that is sent now, or later if the incident is pending. */
function messageOf(
  { decision, incident, request, outcome }: Expected,
  target: Target,
  { tools, now }: Context,
): ShownMessage | null {
  const { renderer } = tools
  if (request) {
    if (decision.action === 'edit older' || outcome.outcome === 'skipped') return null
    const message = outgoingMessageOf(request, { target, urgency: 'critical', renderer, now })
    const { markup, buttons, isSilent } = message
    return { text: readMarkup(markup).text, markup, buttons, isSilent, isEdit: decision.action === 'edit' }
  }
  if (decision.action === 'nothing') return null
  const { markup, buttons = [] } = renderer.text(incident.body)
  return {
    text: readMarkup(markup).text,
    markup,
    buttons,
    isSilent: incident.body.merged.isSilent,
    isEdit: incident.delivery.shown !== undefined,
  }
}

/** The markup as Telegram reads it. */
export function readMarkup(markup: string): FormattedText {
  const read = readText(markup, 'HTML')
  const tidied = read.kind === 'read' ? tidyText(read.formatted) : read
  return tidied.kind === 'read' ? tidied.formatted : { text: oneLine(markup, 4_096), entities: [] }
}
