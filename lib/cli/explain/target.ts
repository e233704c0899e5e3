import type { Button, Incident } from '../../core/incident/incident.ts'
import { shortId } from '../../core/incident/key.ts'
import type { ChatState } from '../../core/rate-limit/chat.ts'
import type { Threshold } from '../../core/routing/compiled.ts'
import type { Ruling } from '../../core/routing/router.ts'
import type { Target } from '../../core/routing/target.ts'
import { readText, tidyText } from '../../emulator/text.ts'
import { outgoingMessageOf } from '../../pipeline/deliver/outgoing-message.ts'
import type { Expected } from '../inspect/incidents.ts'
import type { Tools } from '../inspect/tools.ts'
import { localMoment, oneLine, plainLine, spanOf } from '../inspect/words.ts'

/** What a chat would show. */
export interface ShownMessage {
  /** As a reader sees it. */
  text: string
  markup: string
  buttons: Button[]
  isSilent: boolean
  /** It replaces the text of the incident's message. */
  isEdit: boolean
}

/** What becomes of a record in one of its targets. */
export interface TargetExplanation {
  target: string
  /** Routes that lead there; empty: it is the default. */
  routes: string[]
  incident: string
  /** Before this record. */
  state: string
  outcome: string
  /** What keeps Telegram from taking it, by what the state knows of the chat. */
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

/** What becomes of a record in a target, in words. */
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
    chat: troubleOf(chat, context),
    message: messageOf(expected, target, context),
  }
}

function troubleOf(chat: ChatState | undefined, { timeZone, now }: Context): string | null {
  if (chat?.broken)
    return `Telegram refuses it since ${localMoment(chat.broken.since, timeZone)}, so all is pending: ${oneLine(chat.broken.why)}`
  if (chat && chat.coolDownUntil > now)
    return `Telegram takes nothing before ${localMoment(chat.coolDownUntil, timeZone)}`
  return null
}

/** What an incident stands at, in words. */
export function incidentStateText(
  incident: Incident | undefined,
  isStored: boolean,
  { timeZone }: Pick<Context, 'timeZone'>,
): string {
  if (!incident) return 'none yet'
  const { isBelow, merged, generation, suppression } = incident.body
  const { shown, pendingSince, lease, refused } = incident.delivery
  const parts = [
    ...(shown ? [`shown, message last changed at ${localMoment(shown.at, timeZone)}`] : []),
    ...(isBelow && !shown ? ['not shown yet'] : []),
    ...(merged.events.length > 0 ? [`happened ${times(totalOf(incident))}`] : []),
    ...(generation > 1 ? [`generation ${generation}`] : []),
    ...(pendingSince === undefined ? [] : [`pending since ${localMoment(pendingSince, timeZone)}`]),
    ...(suppression ? [`suppressed by ${suppression.kind} ${plainLine(suppression.name)}`] : []),
    ...(lease ? ['a request was under way'] : []),
    ...(refused === undefined ? [] : ['its text was refused']),
  ]
  return `${isStored ? '' : 'in this run: '}${parts.join(', ')}`
}

function outcomeOf(
  { outcome, decision, incident, until }: Expected,
  { rule, threshold }: Extract<Ruling, { action: 'show' }>,
  { timeZone }: Context,
): string {
  const said = `${outcome.outcome}: ${outcome.why}`
  switch (outcome.why) {
    case 'below atLeast':
      return `${outcome.outcome}: ${plainLine(rule ?? '')} below atLeast ${progressOf(incident, threshold)}`
    case 'shown':
    case 'updated':
      return `${said} (${reasons[decision.why] ?? decision.why})`
    case 'throttled':
      return `${said}: its message was edited a moment ago, and is again at ${localMoment(until ?? 0, timeZone)}`
    case 'quiet hours':
    case 'retry later':
      return `${said} until ${localMoment(until ?? 0, timeZone)}`
    case 'ended before':
      return `${said} the present incident of its kind began`
    default:
      return said
  }
}

const reasons: Record<string, string> = {
  'next generation': 'a new message: the incident before was over',
  'now worse': 'a new message: it has become worse',
  'message gone': 'a new message: the one before is gone',
  repeats: 'it has happened again',
}

/** `(2 of 3)` */
function progressOf(incident: Incident, threshold: Threshold | undefined): string {
  if (!threshold) return ''
  const { atLeast, isPerEvent } = threshold
  const counts = incident.body.merged.events.map(([, count]) => count)
  const total = isPerEvent ? Math.max(0, ...counts) : totalOf(incident)
  const span = spanOf(threshold)
  return total < atLeast ? `(${total} of ${atLeast}${span})` : `(${total} in all, but not ${atLeast}${span})`
}

function totalOf({ body: { merged } }: Incident): number {
  return merged.events.reduce((sum, [, count]) => sum + count, 0)
}

function times(count: number): string {
  return count === 1 ? 'once' : `${count} times`
}

/** What is sent now, or will be when it is due. */
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
    return { text: textOf(markup), markup, buttons, isSilent, isEdit: decision.action === 'edit' }
  }
  if (decision.action === 'nothing') return null
  const { markup, buttons = [] } = renderer.text(incident.body)
  return {
    text: textOf(markup),
    markup,
    buttons,
    isSilent: incident.body.merged.isSilent,
    isEdit: incident.delivery.shown !== undefined,
  }
}

/** As Telegram reads the markup. */
function textOf(markup: string): string {
  const read = readText(markup, 'HTML')
  const tidied = read.kind === 'read' ? tidyText(read.formatted) : read
  return tidied.kind === 'read' ? tidied.formatted.text : oneLine(markup, 4_096)
}
