import type { Entry } from './fold.ts'
import type { Body } from './incident.ts'
import type { SeenEvent } from './merged.ts'

/** What ended generations have counted, so that it is not counted again. */
export interface Counted {
  /** The newest, newest first. */
  events: CountedEvent[]
  /** Everything that happened until then counts as counted, since the details are no longer known. */
  since: number
}

/** An event's record; `at` is the time that it claims. */
export type CountedEvent = [id: string, count: number, at: number]

const mostEvents = 40

/** Adds what the present generation has counted. It ends at `after`. */
export function countedAfter({ counted, after: before, merged }: Body, after: number): Counted {
  const known = counted ?? { events: [], since: before }
  // An event that claims a future time matters only if the same record comes again, so it is dropped first.
  const ageOf = ([, , at]: CountedEvent) => (at > after ? 0 : at)
  const sightings = merged.recent.map(([at, id, count]): CountedEvent => [id, count, at])
  const seen = [...merged.events, ...merged.undated].map(toCounted)
  const all = withoutCovered([...known.events, ...seen, ...sightings], after)
  const newest = all.toSorted((a, b) => ageOf(b) - ageOf(a))
  // The times of dropped events are unknown; but all sightings after the oldest stored one are known.
  const unknownUntil = merged.hasMoreEvents ? Math.min(merged.recent.at(-1)?.[0] ?? after, after) : 0
  const since = Math.max(known.since, unknownUntil, ...newest.slice(mostEvents).map(ageOf))
  return { events: newest.slice(0, mostEvents), since }
}

/** True of a record that an ended generation has counted, as far as is known. */
export function isCounted(
  { after, counted }: Pick<Body, 'after' | 'counted'>,
  { at, merged }: Pick<Entry, 'at' | 'merged'>,
): boolean {
  if (!counted) return at > 0 && at <= after
  if (at > 0 && at <= counted.since) return true
  return merged.events.map(toCounted).some((one) => counted.events.some((known) => covers(known, one, after)))
}

function toCounted([id, count, at]: SeenEvent): CountedEvent {
  return [id, count, at]
}

/** An event dated after the end is new, unless it is the same record: a forged one may claim any time and count. */
function covers([id, count, at]: CountedEvent, other: CountedEvent, after: number): boolean {
  if (id !== other[0]) return false
  if (other[2] > after) return count === other[1] && at === other[2]
  return count >= other[1] && at >= other[2]
}

function withoutCovered(events: CountedEvent[], after: number): CountedEvent[] {
  const kept: CountedEvent[] = []
  for (const event of events.toSorted((a, b) => b[1] - a[1] || b[2] - a[2]))
    if (!kept.some((known) => covers(known, event, after))) kept.push(event)
  return kept
}
