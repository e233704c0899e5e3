import type { Merged, Need, Sighting } from './merged.ts'

/** True once it has happened as often as one of its rules asks for. */
export function isReached(merged: Pick<Merged, 'needs' | 'events' | 'recent' | 'firstAt'>): boolean {
  return merged.needs.some((need) => meets(need, merged))
}

function meets(
  [atLeast, within]: Need,
  { events, recent, firstAt }: Pick<Merged, 'events' | 'recent' | 'firstAt'>,
): boolean {
  if (events.reduce((sum, [, count]) => sum + count, 0) < atLeast) return false
  if (within === 0 || atLeast <= 1) return true
  const isSure = recent.some(([at, , count]) => count >= atLeast * Math.max(1, Math.ceil((at - firstAt) / within)))
  return isSure || mostWithin(recent, within) >= atLeast
}

/** The most that has certainly happened in a span of this length: a count that went from 1 to 12 is eleven at once. */
function mostWithin(recent: Sighting[], within: number): number {
  const before = new Map<string, number>()
  const happened = recent.toReversed().map(([at, id, count]) => {
    const known = before.get(id)
    before.set(id, Math.max(known ?? 0, count))
    return { at, times: known === undefined ? 1 : Math.max(0, count - known) }
  })
  let most = 0
  let sum = 0
  let first = 0
  for (const { at, times } of happened) {
    sum += times
    for (let oldest = happened[first]; oldest && oldest.at <= at - within; oldest = happened[first]) {
      sum -= oldest.times
      first += 1
    }
    most = Math.max(most, sum)
  }
  return most
}
