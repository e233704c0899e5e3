import { type Severity, worse } from '../event/severity.ts'
import { isLater, type Latest } from './latest.ts'
import { compareText, compareVersions } from './order.ts'

/**
 * The merged state of an incident's events: a join semilattice. `merge` is idempotent, commutative and associative, and values only grow, so
 * repeated records, any order and concurrent invocations lead to the same state. Times are milliseconds since the epoch, 0 if unknown. Each list
 * has one order, so that equal states have equal JSON.
 */
export interface Merged {
  /** The events with the greatest (count, id), greatest first. */
  events: SeenEvent[]
  /** More events were seen than are stored, so totals are lower bounds. */
  hasMoreEvents: boolean
  /**
   * The greatest of (at, id, count), greatest first: they tell how often something happened within a window. Each (id, count) is stored once,
   * or one event with the same count at many times would displace all others.
   */
  recent: Sighting[]
  /**
   * The records whose times lay in the future when they came, by the greatest (at, id, count). When one comes again, its time may have passed,
   * but it must not count twice.
   */
  undated: SeenEvent[]
  /** The involved objects with the smallest ids, smallest first. An object that was dropped never comes back. */
  objects: SeenObject[]
  /** More objects were seen than are stored, so their number is estimated. */
  hasMoreObjects: boolean
  /** Like `objects`. */
  nodes: SeenNode[]
  firstAt: number
  lastAt: number
  severity: Severity
  /** How often it has to happen before it is shown: the least demanding needs of its rules. */
  needs: Need[]
  /** No rule lets it make a sound. */
  isSilent: boolean
  latest: Latest
}

/** An event's greatest record by (count, at, resourceVersion). `id` is the hash of its name, and `at` the time that it claims. */
export type SeenEvent = [id: string, count: number, at: number, resourceVersion: string]
export type Sighting = [at: number, id: string, count: number]
/** Only the first few have a name. */
export type SeenObject = [id: string, troubleAt: number, recoveredAt: number, name?: string]
export type SeenNode = [id: string, name?: string]
/** `withinMilliseconds` 0 means without a window; `isPerEvent` 1 means that one event alone has to reach it. */
export type Need = [atLeast: number, withinMilliseconds: number, isPerEvent: 0 | 1]

export const most = { events: 64, recent: 32, undated: 32, objects: 64, nodes: 32, names: 5, needs: 4 } as const

/** The union of both; `a` itself if `b` adds nothing. */
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

/** True of a record that was merged while its time lay in the future. */
export function isKnownUndated({ undated }: Merged, record: Pick<Merged, 'events' | 'undated'>): boolean {
  if (undated.length === 0 || record.undated.length > 0) return false
  return record.events.every((event) => undated.some((known) => isEqual(known, event)))
}

type Keyed = readonly [id: string, ...rest: unknown[]]

/** The items of both, joined by id; `a` itself if `b` adds nothing. */
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

/** The first items of both, in a total order; `a` itself if `b` adds nothing. */
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

/** `before` itself if `now` is equal. */
function asBefore<Item extends Keyed>(before: Item[], now: Item[]): Item[] {
  const isSame =
    now === before || (now.length === before.length && now.every((item, index) => isEqual(item, before[index])))
  return isSame ? before : now
}

function isEqual(a: Keyed, b: Keyed | undefined): boolean {
  return a === b || (a.length === b?.length && a.every((part, index) => part === b[index]))
}

function withoutObjectName(object: SeenObject, index: number): SeenObject {
  const [id, troubleAt, recoveredAt, name] = object
  return name === undefined || index < most.names ? object : [id, troubleAt, recoveredAt]
}

function withoutNodeName(node: SeenNode, index: number): SeenNode {
  return node[1] === undefined || index < most.names ? node : [node[0]]
}

function greaterEvent(a: SeenEvent, b: SeenEvent): SeenEvent {
  return (a[1] - b[1] || a[2] - b[2] || compareVersions(a[3], b[3])) >= 0 ? a : b
}

function joinedObject(a: SeenObject, b: SeenObject): SeenObject {
  const [id, troubleAt, recoveredAt, name = b[3]] = a
  if (b[1] <= troubleAt && b[2] <= recoveredAt && name === a[3]) return a
  const times = [Math.max(troubleAt, b[1]), Math.max(recoveredAt, b[2])] as const
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
