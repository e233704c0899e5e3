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
  /** The greatest of (at, id, count), greatest first: what repetition within a window is read from. */
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

export function merge(a: Merged, b: Merged): Merged {
  const events = joined(a.events, b.events, greaterEvent).sort(byCountAndId)
  const objects = joined(a.objects, b.objects, joinedObject).sort(byId)
  const nodes = joined(a.nodes, b.nodes, (node) => node).sort(byId)
  const firsts = [a.firstAt, b.firstAt].filter((at) => at > 0)
  return {
    events: events.slice(0, most.events),
    hasMoreEvents: a.hasMoreEvents || b.hasMoreEvents || events.length > most.events,
    recent: distinct([...a.recent, ...b.recent])
      .sort(bySighting)
      .slice(0, most.recent),
    undated: distinct([...a.undated, ...b.undated])
      .sort(byClaim)
      .slice(0, most.undated),
    objects: objects
      .slice(0, most.objects)
      .map(([id, trouble, relief, name], index) =>
        name !== undefined && index < most.names ? [id, trouble, relief, name] : [id, trouble, relief],
      ),
    hasMoreObjects: a.hasMoreObjects || b.hasMoreObjects || objects.length > most.objects,
    nodes: nodes
      .slice(0, most.nodes)
      .map(([id, name], index) => (name !== undefined && index < most.names ? [id, name] : [id])),
    firstAt: firsts.length === 0 ? 0 : Math.min(...firsts),
    lastAt: Math.max(a.lastAt, b.lastAt),
    severity: worse(a.severity, b.severity),
    needs: distinct([...a.needs, ...b.needs])
      .sort(byDemand)
      .slice(0, most.needs),
    isSilent: a.isSilent && b.isSilent,
    latest: isLater(b.latest, a.latest) ? b.latest : a.latest,
  }
}

/** True of a record that was merged when its time was still to come. */
export function isKnownUndated({ undated }: Merged, { events: [seen] }: Pick<Merged, 'events'>): boolean {
  return seen !== undefined && undated.some((one) => one.every((part, index) => part === seen[index]))
}

function distinct<Item extends readonly (string | number)[]>(items: Item[]): Item[] {
  return [...new Map(items.map((item) => [String(item), item])).values()]
}

type Keyed = readonly [id: string, ...rest: unknown[]]

function joined<Item extends Keyed>(a: Item[], b: Item[], join: (one: Item, other: Item) => Item): Item[] {
  const items = new Map(a.map((item) => [item[0], item]))
  for (const item of b) {
    const known = items.get(item[0])
    items.set(item[0], known ? join(known, item) : item)
  }
  return [...items.values()]
}

function greaterEvent(a: SeenEvent, b: SeenEvent): SeenEvent {
  return (a[1] - b[1] || a[2] - b[2] || compareVersions(a[3], b[3])) >= 0 ? a : b
}

function joinedObject(a: SeenObject, b: SeenObject): SeenObject {
  const [id, trouble, relief, name = b[3]] = a
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
