import type { KubeEvent } from '../event/event.ts'
import { codePoints } from '../format/clip.ts'
import { maskTokens } from '../format/mask.ts'
import { compareText, compareVersions } from './order.ts'

/** An incident's latest event, as far as a card shows it; texts are cut to what state has room for. */
export interface Latest {
  /** Milliseconds since the epoch, 0 if unknown. */
  at: number
  /** Decimal digits, or empty. */
  resourceVersion: string
  name: string
  namespace: string
  type: string
  reason: string
  message: string
  /** How many characters of the event message were cut off. */
  missing: number
  action: string
  kind: string
  objectNamespace: string
  objectName: string
  container: string
  related: { kind: string; namespace: string; name: string } | undefined
  component: string
  instance: string
  host: string
  eventTime: number | undefined
}

// In bytes of JSON. A Kubernetes name has at most 253 characters (DNS subdomain, RFC 1123); a forged record may say anything.
const room = { message: 2_000, name: 260, place: 120, word: 120 } as const

export function latestOf(event: KubeEvent): Latest {
  const { involvedObject, related } = event
  const message = maskTokens(event.message.trim())
  const kept = cutTo(message, room.message)
  return {
    at: event.at ?? 0,
    resourceVersion: versionOf(event),
    name: cutTo(event.name, room.name),
    namespace: cutTo(event.namespace, room.name),
    type: cutTo(event.type, room.word),
    reason: cutTo(event.reason, room.word),
    message: kept,
    missing: codePoints(message) - codePoints(kept),
    action: cutTo(event.action, room.word),
    kind: cutTo(involvedObject.kind, room.word),
    objectNamespace: cutTo(involvedObject.namespace, room.name),
    objectName: cutTo(involvedObject.name, room.name),
    container: cutTo(containerOf(involvedObject.fieldPath), room.place),
    related:
      related && (related.kind !== '' || related.name !== '')
        ? {
            kind: cutTo(related.kind, room.word),
            namespace: cutTo(related.namespace, room.place),
            name: cutTo(related.name, room.name),
          }
        : undefined,
    component: cutTo(event.component, room.place),
    instance: cutTo(event.instance, room.place),
    host: cutTo(event.host, room.place),
    eventTime: event.eventTime,
  }
}

/** By (at, resourceVersion, name); events that agree in these, which only odd ones do, by all of their text: a total order. */
export function isLater(a: Latest, b: Latest): boolean {
  const order = a.at - b.at || compareVersions(a.resourceVersion, b.resourceVersion) || compareText(a.name, b.name)
  return (order || compareText(JSON.stringify(a), JSON.stringify(b))) > 0
}

/** The event's resourceVersion as decimal digits without leading zeros; empty if it is none (etcd's revisions are 64-bit integers). */
export function versionOf({ resourceVersion }: Pick<KubeEvent, 'resourceVersion'>): string {
  return /^\d{1,20}$/.test(resourceVersion) ? resourceVersion.replace(/^0+/, '') : ''
}

/** The beginning of a text, without tokens, that takes at most `maxBytes` as UTF-8 in JSON; never half of a surrogate pair. */
export function cutTo(given: string, maxBytes: number): string {
  // Masked before it is cut, since half a token would not look like one.
  const text = maskTokens(given)
  if (text.length <= maxBytes && plain.test(text)) return text
  let bytes = 0
  let end = 0
  for (const character of text) {
    bytes += bytesInJson(character)
    if (bytes > maxBytes) return text.slice(0, end).toWellFormed()
    end += character.length
  }
  return text.toWellFormed()
}

// One byte each in JSON: nearly all that Kubernetes says.
const plain = /^[ !#-[\]-~]*$/

function bytesInJson(character: string): number {
  const code = character.codePointAt(0) ?? 0
  if (code < 0x20) return 6
  if (character === '"' || character === '\\') return 2
  if (code < 0x80) return 1
  if (code < 0x800) return 2
  return code < 0x10000 ? 3 : 4
}

function containerOf(fieldPath: string): string {
  return /^spec\.(?:c|initC|ephemeralC)ontainers\{(.+)\}$/.exec(fieldPath.slice(0, 300))?.[1] ?? ''
}
