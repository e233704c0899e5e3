import type { KubeEvent } from '../event/event.ts'
import type { Workload } from '../event/workload.ts'
import { codePoints, type Ends } from '../message/text/clip.ts'
import { endsWithin, headWithin } from '../message/text/room.ts'
import { shorten } from '../message/text/shorten.ts'
import { tidy, tidyBeginning } from '../message/text/tidy.ts'
import { isEcho } from './echo.ts'
import { compareText, compareVersions } from './order.ts'

/** The latest event that explains an incident, as far as a card shows it. Texts are cut to the size that is stored. */
export interface Latest {
  /** Milliseconds since the epoch, 0 if unknown. */
  at: number
  /** Decimal digits, or empty. */
  resourceVersion: string
  name: string
  namespace: string
  type: string
  reason: string
  /** The event message, or its beginning if it is long. */
  message: string
  /** How many characters between `message` and `tail` were left out. */
  missing: number
  tail: string
  action: string
  /** Of the involved object. */
  kind: string
  /** The kind of the involved object's owner, for example `Deployment` for a Pod. */
  ownerKind: string
  objectNamespace: string
  objectName: string
  container: string
  related: { kind: string; namespace: string; name: string } | undefined
  component: string
  instance: string
  host: string
  eventTime: number | undefined
  /** The rule that decided to show it; empty if none did. */
  rule: string
}

// In bytes of JSON. A Kubernetes name has at most 253 characters (DNS subdomain, RFC 1123); a forged record may contain anything.
const room = { message: 2_000, name: 260, place: 120, word: 120 } as const

export function latestOf(event: KubeEvent, { kind: ownerKind }: Pick<Workload, 'kind'>, rule: string): Latest {
  const { involvedObject, related } = event
  const { head, tail, missing } = endsOf(event.message)
  return {
    at: event.at ?? 0,
    resourceVersion: versionOf(event),
    name: cutTo(event.name, room.name),
    namespace: cutTo(event.namespace, room.name),
    type: cutTo(event.type, room.word),
    reason: cutTo(event.reason, room.word),
    message: head,
    missing,
    tail,
    action: cutTo(event.action, room.word),
    kind: cutTo(involvedObject.kind, room.word),
    ownerKind: cutTo(ownerKind, room.word),
    objectNamespace: cutTo(involvedObject.namespace, room.name),
    objectName: cutTo(involvedObject.name, room.name),
    container: cutTo(containerOf(involvedObject.fieldPath), room.place),
    related: related && relatedOf(related),
    component: cutTo(event.component, room.place),
    instance: cutTo(event.instance, room.place),
    host: cutTo(event.host, room.place),
    eventTime: event.eventTime,
    rule,
  }
}

/** A total order: an event that explains comes before its echoes; then by time, resourceVersion and name; then by all of the text. */
export function isLater(a: Latest, b: Latest): boolean {
  const order =
    Number(isEcho(b)) - Number(isEcho(a)) ||
    a.at - b.at ||
    compareVersions(a.resourceVersion, b.resourceVersion) ||
    compareText(a.name, b.name)
  return (order || compareText(JSON.stringify(a), JSON.stringify(b))) > 0
}

/** The event's resourceVersion as decimal digits without leading zeros; empty if it is none (etcd's revisions are 64-bit integers). */
export function versionOf({ resourceVersion }: Pick<KubeEvent, 'resourceVersion'>): string {
  return /^\d{1,20}$/.test(resourceVersion) ? resourceVersion.replace(/^0+/, '') : ''
}

// A forged record may have twenty fields of a megabyte each. Text far beyond the limit is not processed; in a message, it is only masked.
const mostRead = { message: 4_000, tail: 2_000, field: 2_000 } as const

function relatedOf({ kind, namespace, name }: NonNullable<KubeEvent['related']>): Latest['related'] {
  const kept = {
    kind: cutTo(kind, room.word),
    namespace: cutTo(namespace, room.place),
    name: cutTo(name, room.name),
  }
  return kept.kind === '' && kept.name === '' ? undefined : kept
}

/** Both ends of an event message, cleaned, without secrets and noise. It is masked before it is cut, since half a secret is not recognised. */
function endsOf(message: string): Ends {
  const tidied = tidy(message)
  if (tidied.length <= mostRead.message + mostRead.tail) return endsWithin(readable(tidied), room.message)
  const skipped = tidied.slice(mostRead.message, -mostRead.tail)
  // The line end takes the place of one skipped character.
  const read = `${tidied.slice(0, mostRead.message)}\n${tidied.slice(-mostRead.tail)}`
  const ends = endsWithin(readable(read), room.message)
  return { ...ends, missing: ends.missing + codePoints(skipped) - 1 }
}

function readable(tidied: string): string {
  return shorten(tidied).trim()
}

/**
 * The beginning of a name or word, cleaned and without secrets, in at most `maxBytes` bytes of UTF-8 in JSON. It is one line, since an event
 * must not add lines to a card.
 */
export function cutTo(text: string, maxBytes: number): string {
  if (text === '') return ''
  const line = tidyBeginning(text, mostRead.field)
  return headWithin(line.includes('\n') ? line.replaceAll('\n', ' ') : line, maxBytes)
}

function containerOf(fieldPath: string): string {
  return /^spec\.(?:c|initC|ephemeralC)ontainers\{(.+)\}$/.exec(fieldPath.slice(0, 300))?.[1] ?? ''
}
