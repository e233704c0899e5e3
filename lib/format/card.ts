import type { KubeEvent } from '../event/event.ts'
import type { ObjectReference } from '../event/schema.ts'
import { type LocalTime, localTime } from '../event/time.ts'
import { clip, codePoints, grouped } from './clip.ts'
import { type Html, html, lines, plainText } from './html.ts'

export interface CardContext {
  cluster: string
  /** IANA zone of the times shown. */
  timeZone: string
  /** An earlier try to send this record ended without an answer. */
  isRepeatPossible?: boolean
}

/** The message for one event: severity and reason, whose, the event message, then the rest. At most 4,096 code points when parsed. */
export function card(event: KubeEvent, { cluster, timeZone, isRepeatPossible = false }: CardContext): Html {
  const top = lines([isRepeatPossible ? html`↻ possibly repeated` : undefined, headline(event), whose(event)])
  const rest = lines([times(event, timeZone), where(event), html`cluster ${code(cluster)}`])
  return lines([top, quote(event.message, top, rest), rest])
}

// Telegram's message_text_length_max (TDLib OptionManager.cpp).
const maxCharacters = 4096
// A Kubernetes name has at most 253 characters (DNS subdomain, RFC 1123); a forged record may say anything.
const maxName = 253
const maxWord = 100

const severities = new Map([
  ['Warning', '🟠'],
  ['Normal', '🔵'],
  ['Error', '🔴'],
])

function headline({ type, reason }: KubeEvent): Html {
  const mark = severities.get(type) ?? '⚪'
  if (reason === '') return html`${mark} ${strong(type || 'Event')}`
  return type === '' ? html`${mark} ${strong(reason)}` : html`${mark} ${strong(reason)} · ${word(type)}`
}

function whose({ involvedObject, namespace, name }: KubeEvent): Html | undefined {
  if (involvedObject.kind !== '' || involvedObject.name !== '') return object(involvedObject)
  const itself = path(namespace, name)
  return itself === '' ? undefined : html`Event ${code(itself)}`
}

function object({ kind, namespace, name }: ObjectReference): Html {
  const named = path(namespace, name)
  if (named === '') return word(kind)
  return kind === '' ? code(named) : html`${word(kind)} ${code(named)}`
}

// Long ones are collapsed until the reader taps them.
const longMessage = 400

function quote(message: string, top: Html, rest: Html): Html | undefined {
  const text = message.trim()
  if (text === '') return undefined
  const shown = code(text, room(text, top, rest))
  return text.length > longMessage
    ? html`<blockquote expandable>${shown}</blockquote>`
    : html`<blockquote>${shown}</blockquote>`
}

// Markup is never shorter than what a reader sees of it, so most cards need no counting.
function room(text: string, top: Html, rest: Html): number {
  const others = (count: (html: Html) => number) => count(top) + count(rest) + 2
  if (text.length + others(({ markup }) => markup.length) <= maxCharacters) return maxCharacters
  return maxCharacters - others((html) => codePoints(plainText(html)))
}

function times(event: KubeEvent, timeZone: string): Html | undefined {
  const { count, firstAt = event.at, lastAt = event.at, eventTime } = event
  const isSecond = (one: number | undefined, other: number | undefined) => second(one) === second(other)
  const isOwn = eventTime !== undefined && !isSecond(eventTime, firstAt) && !isSecond(eventTime, lastAt)
  const parts = [
    count !== undefined && count > 1 ? html`×${grouped(count)}` : undefined,
    firstAt === undefined || lastAt === undefined
      ? undefined
      : span(localTime(firstAt, timeZone), localTime(lastAt, timeZone)),
    isOwn ? html`event time ${moment(localTime(eventTime, timeZone))}` : undefined,
  ]
  return joined(parts)
}

function span(first: LocalTime, last: LocalTime): Html {
  if (first.date === last.date && first.time === last.time && first.offset === last.offset) return moment(last)
  const end = first.date === last.date ? last.time : `${last.date} ${last.time}`
  const offset = first.offset === last.offset ? '' : ` ${first.offset}`
  return html`${first.date} ${first.time}${offset} – ${end} ${last.offset}`
}

function moment({ date, time, offset }: LocalTime): Html {
  return html`${date} ${time} ${offset}`
}

function where({ involvedObject, related, action, component, instance, host, reason }: KubeEvent): Html | undefined {
  const container = /^spec\.(\w*[cC]ontainers)\{(.+)\}$/.exec(involvedObject.fieldPath)?.[2]
  const isNode = involvedObject.kind === 'Node' && involvedObject.name === host
  const isNewInstance = instance !== '' && instance !== host && instance !== component
  return joined([
    container ? html`container ${code(container)}` : undefined,
    host !== '' && !isNode ? html`node ${code(host)}` : undefined,
    component !== '' ? code(component) : undefined,
    isNewInstance ? html`on ${code(instance)}` : undefined,
    action !== '' && action !== reason ? html`action ${word(action)}` : undefined,
    related && (related.kind !== '' || related.name !== '') ? html`related ${object(related)}` : undefined,
  ])
}

function joined(parts: (Html | undefined)[]): Html | undefined {
  const line = lines(parts, ' · ')
  return line.markup === '' ? undefined : line
}

function second(milliseconds: number | undefined): number | undefined {
  return milliseconds === undefined ? undefined : Math.floor(milliseconds / 1000)
}

function path(namespace: string, name: string): string {
  return namespace === '' ? name : `${namespace}/${name}`
}

// Telegram makes links, mentions and commands of what looks like one (app.py, @oncall, /readyz); never inside code.
const plainWord = /^[A-Za-z0-9 ]+$/

function word(value: string): Html {
  return plainWord.test(value) ? html`${clip(value, maxWord)}` : code(value, maxWord)
}

function strong(value: string): Html {
  return plainWord.test(value) ? html`<b>${clip(value, maxWord)}</b>` : code(value, maxWord)
}

function code(value: string, room = 2 * maxName + 1): Html {
  return html`<code>${clip(value, room)}</code>`
}
