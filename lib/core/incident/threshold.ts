import type { KubeEvent } from '../event/event.ts'
import type { Threshold } from '../routing/ruleset.ts'
import type { Merged, Need, Sighting } from './merged.ts'

const none: Need = [1, 0, 0]

/** How often an event has to happen before it is shown. Once is enough if the record's own count reaches the threshold. */
export function needOf(
  threshold: Threshold | undefined,
  { count = 1, firstAt, lastAt }: Pick<KubeEvent, 'count' | 'firstAt' | 'lastAt'>,
): Need {
  if (!threshold) return none
  const { atLeast, withinMilliseconds: within = 0, isPerEvent } = threshold
  const span = firstAt === undefined || lastAt === undefined ? undefined : lastAt - firstAt
  const isEnough = within === 0 ? count >= atLeast : span !== undefined && surely(count, span, within) >= atLeast
  return isEnough ? none : [atLeast, within, isPerEvent ? 1 : 0]
}

/**
 * True once it has happened as often as one of the needs requires. Counts are lower bounds, so more sightings, in any order, never make it
 * false again.
 */
export function isReached({ needs, events, recent }: Pick<Merged, 'needs' | 'events' | 'recent'>): boolean {
  return needs.some(([atLeast, within, isPerEvent]) => {
    const counts = events.map(([, count]) => count)
    const total = isPerEvent ? Math.max(0, ...counts) : counts.reduce((sum, count) => sum + count, 0)
    return total >= atLeast && (within === 0 || mostWithin(recent, within, isPerEvent === 1) >= atLeast)
  })
}

/** The greatest number of occurrences in a window of this length. */
function mostWithin(recent: readonly Sighting[], within: number, isPerEvent: boolean): number {
  const ofEvents = [...Map.groupBy(recent, ([, id]) => id).values()].map((sightings) => sightings.toReversed())
  const inWindows = recent.map(([end]) => {
    const counts = ofEvents.map((sightings) => countIn(sightings, end - within, end))
    return isPerEvent ? Math.max(...counts) : counts.reduce((sum, count) => sum + count, 0)
  })
  const inJumps = ofEvents.flatMap((sightings) =>
    sightings.flatMap(([from, , before], index) =>
      sightings.slice(index + 1).map(([to, , after]) => surely(after - before, to - from, within)),
    ),
  )
  return Math.max(0, ...inWindows, ...inJumps)
}

function countIn(sightings: readonly Sighting[], from: number, to: number): number {
  const counts = sightings.filter(([at]) => at >= from && at <= to).map(([, , count]) => count)
  return counts.length === 0 ? 0 : Math.max(...counts) - Math.min(...counts) + 1
}

/** If something happened `times` times in a span, it happened at least this often in one window of the span. */
function surely(times: number, span: number, within: number): number {
  return Math.ceil(times / Math.max(1, Math.ceil(span / within)))
}
