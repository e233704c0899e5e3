import type { Latest } from '../incident/latest.ts'
import type { Spread, View } from '../incident/view.ts'
import { codePoints, grouped } from './clip.ts'
import { type Html, html, lines, plainText } from './html.ts'
import { code, joined, object, path, strong, word } from './parts.ts'
import { rate, times } from './when.ts'

export interface CardContext {
  /** IANA zone of the times shown. */
  timeZone: string
}

/**
 * The message for an incident: severity and reason, whose, the latest event message, then how often, when and where. Of the state alone,
 * not of the moment, so equal states have equal cards. At most 4,096 code points when parsed.
 */
export function card(view: View, { timeZone }: CardContext): Html {
  const top = lines([headline(view), whose(view)])
  const rest = lines([times(view, timeZone), touched(view), where(view), html`cluster ${code(view.identity.cluster)}`])
  return lines([top, quote(view.latest, top, rest), rest])
}

/** The last text of a message that a newer one of the same incident has replaced. */
export function replacedCard(view: View): Html {
  return lines([headline(view), whose(view), replacedNote])
}

export const replacedNote = html`↓ goes on in a newer message`

/** What is left of a card too long to be kept until its message shows it. */
export function lastCard(view: View): Html {
  return lines([headline(view), whose(view), html`${rate(view)}`])
}

// Telegram's message_text_length_max (TDLib OptionManager.cpp).
const maxCharacters = 4096

const marks = new Map([
  ['Warning', '🟠'],
  ['Normal', '🔵'],
  ['Error', '🔴'],
])

function headline({ severity, latest: { type, reason } }: View): Html {
  const mark = severity === 'critical' ? '🔴' : (marks.get(type) ?? '⚪')
  if (reason === '') return html`${mark} ${strong(type || 'Event')}`
  return type === '' ? html`${mark} ${strong(reason)}` : html`${mark} ${strong(reason)} · ${word(type)}`
}

function whose({ latest, objects, identity }: View): Html | undefined {
  const { kind, objectNamespace: namespace, objectName: name } = latest
  if (objects.count > 1) {
    const workload = path(identity.namespace, identity.workload.name)
    return html`${code(workload)} · ${number(objects)} ${nounOf(objects)}`
  }
  if (kind !== '' || name !== '') return object({ kind, namespace, name })
  const itself = path(latest.namespace, latest.name)
  return itself === '' ? undefined : html`Event ${code(itself)}`
}

// Long ones are collapsed until the reader taps them.
const longMessage = 400

function quote({ message, missing }: Latest, top: Html, rest: Html): Html | undefined {
  if (message === '') return undefined
  const shown = code(message, room(message, top, rest), missing)
  return message.length > longMessage
    ? html`<blockquote expandable>${shown}</blockquote>`
    : html`<blockquote>${shown}</blockquote>`
}

// Markup is never shorter than what a reader sees of it, so most cards need no counting.
function room(text: string, top: Html, rest: Html): number {
  const others = (count: (html: Html) => number) => count(top) + count(rest) + 2
  if (text.length + others(({ markup }) => markup.length) + maxNote <= maxCharacters) return maxCharacters
  return maxCharacters - others((html) => codePoints(plainText(html)))
}

// `… (+1,234,567 characters)`
const maxNote = 30

// A reader wants to know which, not all of them.
const mostNames = 5

function touched({ objects, nodes }: View): Html | undefined {
  return joined([
    objects.count > 1 ? html`${nounOf(objects)} ${list(objects)}` : undefined,
    nodes.count > 1 ? html`nodes ${list(nodes)}` : undefined,
  ])
}

/** `pods`, `ReplicaSets`; `objects` where they are of several kinds. */
function nounOf({ names }: Spread): string {
  const kinds = new Set(names.map((name) => kindAndName(name).kind))
  const [kind = ''] = kinds
  if (kinds.size !== 1 || !plainKind.test(kind)) return 'objects'
  return kind === 'Pod' ? 'pods' : `${kind}s`
}

const plainKind = /^[A-Z][A-Za-z]{1,40}$/

function list(spread: Spread): Html {
  const { names, count, isEstimate } = spread
  const isOneKind = nounOf(spread) !== 'objects'
  const shown = names.slice(0, mostNames).map((text) => {
    const { kind, name } = kindAndName(text)
    return isOneKind || kind === '' ? code(name) : html`${word(kind)} ${code(name)}`
  })
  const others = count - shown.length
  const rest = others > 0 ? ` and ${isEstimate ? 'about ' : ''}${grouped(others)} more` : ''
  return html`${lines(shown, ', ')}${rest}`
}

function kindAndName(text: string): { kind: string; name: string } {
  const space = text.indexOf(' ')
  return space < 0 ? { kind: '', name: text } : { kind: text.slice(0, space), name: text.slice(space + 1) }
}

function number({ count, isEstimate }: Spread): string {
  return `${isEstimate ? 'about ' : ''}${grouped(count)}`
}

function where({ latest, objects, nodes }: View): Html | undefined {
  const { kind, objectName, container, related, action, component, instance, host, reason } = latest
  const isNode = kind === 'Node' && objectName === host
  const isNewInstance = instance !== '' && instance !== host && instance !== component
  return joined([
    container !== '' && objects.count <= 1 ? html`container ${code(container)}` : undefined,
    host !== '' && !isNode && nodes.count <= 1 ? html`node ${code(host)}` : undefined,
    component !== '' ? code(component) : undefined,
    isNewInstance && nodes.count <= 1 ? html`on ${code(instance)}` : undefined,
    action !== '' && action !== reason ? html`action ${word(action)}` : undefined,
    related ? html`related ${object(related)}` : undefined,
  ])
}
