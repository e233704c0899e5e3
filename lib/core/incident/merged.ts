import { type Severity, worse } from '../event/severity.ts'
import { isLater, type Latest } from './latest.ts'
import { compareText, compareVersions } from './order.ts'

/**
 * What is known of an incident: a join semilattice. `merge` is idempotent, commutative and associative and nothing in it ever falls, so
 * repeats, any order and concurrent invocations end in the same state. Times are milliseconds since the epoch, 0 where none is known.
 * Lists have one order each, so that equal states have equal JSON.
 */
export interface Merged {
  /** The events with the greatest (count, id), greatest first. */
  events: SeenEvent[]
  /** More events were seen than are kept: totals are lower bounds. */
  hasMoreEvents: boolean
  /**
   * The greatest of (at, id, count), greatest first, each (id, count) once: what repetition within a window is read from. The same count of
   * an event at many times would else take the place of all other events.
   */
  recent: Sighting[]
  /**
   * The records whose times lay in the future when they came, by the greatest (at, id, count): when one comes again, its time may not, and
   * it must not count for more than it did.
   */
  undated: SeenEvent[]
  /** The involved objects with the smallest ids, smallest first; one left out never returns. */
  objects: SeenObject[]
  /** More objects were seen than are kept: their number is estimated, and the incident ends by quiet time only. */
  hasMoreObjects: boolean
  /** Like `objects`. */
  nodes: SeenNode[]
  firstAt: number
  lastAt: number
  severity: Severity
  /** How often it has to happen before it is shown, by one rule or another: the least demanding of them. */
  needs: Need[]
  /** No rule lets it ring. */
  isSilent: boolean
  latest: Latest
}

/** Of an event's greatest record by (count, at, resourceVersion), where `at` is what it claims; `id` stands for its name. */
export type SeenEvent = [id: string, count: number, at: number, resourceVersion: string]
export type Sighting = [at: number, id: string, count: number]
/** `name` is kept for the first few only. */
export type SeenObject = [id: string, trouble: number, relief: number, name?: string]
export type SeenNode = [id: string, name?: string]
/** `withinMilliseconds` 0: in all; `isPerEvent` 1: one event alone. */
export type Need = [atLeast: number, withinMilliseconds: number, isPerEvent: 0 | 1]

export const most = { events: 64, recent: 32, undated: 32, objects: 64, nodes: 32, names: 5, needs: 4 } as const

/** What both know together; `a` itself where `b` adds nothing to it. */
export function merge(a: Merged, b: Merged): Merged {
  const events = joined(a.events, b.events, greaterEvent, byCountAndId)
  const objects = joined(a.objects, b.objects, joinedObject, byId)
  const nodes = joined(a.nodes, b.nodes, (node) => node, byId)
  const both: Merged = {
    events: asBefore(a.events, first(events, most.events)),
    hasMoreEvents: a.hasMoreEvents || b.hasMoreEvents || events.length > most.events,
    recent: latestSightings(a.recent, b.recent),
    undated: united(a.undated, b.undated, byClaim, most.undated),
    objects: asBefore(a.objects, first(objects, most.objects).map(withoutObjectName)),
    hasMoreObjects: a.hasMoreObjects || b.hasMoreObjects || objects.length > most.objects,
    nodes: asBefore(a.nodes, first(nodes, most.nodes).map(withoutNodeName)),
    firstAt: a.firstAt === 0 || b.firstAt === 0 ? Math.max(a.firstAt, b.firstAt) : Math.min(a.firstAt, b.firstAt),
    lastAt: Math.max(a.lastAt, b.lastAt),
    severity: worse(a.severity, b.severity),
    needs: united(a.needs, b.needs, byDemand, most.needs),
    isSilent: a.isSilent && b.isSilent,
    latest: isLater(b.latest, a.latest) ? b.latest : a.latest,
  }
  return fields.every((field) => both[field] === a[field]) ? a : both
}

const fields = Object.keys({
  events: true,
  hasMoreEvents: true,
  recent: true,
  undated: true,
  objects: true,
  hasMoreObjects: true,
  nodes: true,
  firstAt: true,
  lastAt: true,
  severity: true,
  needs: true,
  isSilent: true,
  latest: true,
} satisfies Record<keyof Merged, true>) as (keyof Merged)[]

/** True of a record whose time is believed now, and was not when it was merged. */
export function isKnownUndated({ undated }: Merged, record: Pick<Merged, 'events' | 'undated'>): boolean {
  if (undated.length === 0 || record.undated.length > 0) return false
  return record.events.every((event) => undated.some((known) => isEqual(known, event)))
}

type Keyed = readonly [id: string, ...rest: unknown[]]

/** The items of both, those of one id joined to one; `a` itself where `b` adds nothing. */
function joined<Item extends Keyed>(
  a: Item[],
  b: Item[],
  join: (one: Item, other: Item) => Item,
  order: (one: Item, other: Item) => number,
): Item[] {
  let items = a
  for (const item of b) {
    const index = items.findIndex(([id]) => id === item[0])
    const known = items[index]
    const next = known ? join(known, item) : item
    if (next === known) continue
    if (items === a) items = [...a]
    items[known ? index : items.length] = next
  }
  return items === a ? a : items.sort(order)
}

/** Each (id, count) at its latest time. */
function latestSightings(a: Sighting[], b: Sighting[]): Sighting[] {
  const isLatest = (one: Sighting, others: Sighting[]) =>
    !others.some(([at, id, count]) => id === one[1] && count === one[2] && at > one[0])
  const kept = a.every((one) => isLatest(one, b)) ? a : a.filter((one) => isLatest(one, b))
  const added = b.filter((one) => isLatest(one, a))
  return united(kept, added, bySighting, most.recent)
}

/** The first items of both, in an order in which no two different ones are equal; `a` itself where `b` adds nothing. */
function united<Item>(a: Item[], b: Item[], order: (one: Item, other: Item) => number, atMost: number): Item[] {
  let items = a
  for (const item of b) {
    const index = items.findIndex((one) => order(item, one) <= 0)
    const place = index < 0 ? items.length : index
    const there = items[place]
    const isKnown = there !== undefined && order(item, there) === 0
    if (!isKnown && place < atMost) items = items.toSpliced(place, 0, item)
  }
  return first(items, atMost)
}

function first<Item>(items: Item[], atMost: number): Item[] {
  return items.length > atMost ? items.slice(0, atMost) : items
}

/** `before` itself if `now` says the same. */
function asBefore<Item extends Keyed>(before: Item[], now: Item[]): Item[] {
  const isSame =
    now === before || (now.length === before.length && now.every((item, index) => isEqual(item, before[index])))
  return isSame ? before : now
}

function isEqual(a: Keyed, b: Keyed | undefined): boolean {
  return a === b || (a.length === b?.length && a.every((part, index) => part === b[index]))
}

function withoutObjectName(object: SeenObject, index: number): SeenObject {
  const [id, trouble, relief, name] = object
  return name === undefined || index < most.names ? object : [id, trouble, relief]
}

function withoutNodeName(node: SeenNode, index: number): SeenNode {
  return node[1] === undefined || index < most.names ? node : [node[0]]
}

function greaterEvent(a: SeenEvent, b: SeenEvent): SeenEvent {
  return (a[1] - b[1] || a[2] - b[2] || compareVersions(a[3], b[3])) >= 0 ? a : b
}

function joinedObject(a: SeenObject, b: SeenObject): SeenObject {
  const [id, trouble, relief, name = b[3]] = a
  if (b[1] <= trouble && b[2] <= relief && name === a[3]) return a
  const times = [Math.max(trouble, b[1]), Math.max(relief, b[2])] as const
  return name === undefined ? [id, ...times] : [id, ...times, name]
}

function byCountAndId(a: SeenEvent, b: SeenEvent): number {
  return b[1] - a[1] || compareText(b[0], a[0])
}

function byClaim(a: SeenEvent, b: SeenEvent): number {
  return b[2] - a[2] || compareText(b[0], a[0]) || b[1] - a[1] || compareVersions(b[3], a[3])
}

function bySighting(a: Sighting, b: Sighting): number {
  return b[0] - a[0] || compareText(b[1], a[1]) || b[2] - a[2]
}

function byDemand(a: Need, b: Need): number {
  const span = ([, within]: Need) => within || Number.MAX_SAFE_INTEGER
  return a[0] - b[0] || span(b) - span(a) || a[2] - b[2]
}

function byId(a: Keyed, b: Keyed): number {
  return compareText(a[0], b[0])
}
