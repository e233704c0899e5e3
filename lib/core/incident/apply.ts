import { countedAfter, isCounted } from './counted.ts'
import type { Change, Entry } from './fold.ts'
import type { Body, Incident, Renderer, Shown } from './incident.ts'
import { isKnownUndated, type Merged, merge } from './merged.ts'
import { isReached } from './threshold.ts'

export interface Applied {
  body: Body
  /** True of an entry that the incident contained already, or that the change contains twice. */
  isUnchanged: (entry: Entry) => boolean
  /** True of an entry that an ended generation has counted. */
  isEndedBefore: (entry: Entry) => boolean
  hasChanged: boolean
}

/**
 * Merges a change into an incident. `renderer` makes the last text of a generation that ends by it. Pure. A time after `now`, for example of a
 * node whose clock is slightly ahead, does not end a generation.
 */
export function apply(
  { identity, entries, quietMilliseconds }: Change,
  before: Incident | undefined,
  renderer: Renderer,
  now: number,
): Applied {
  const ended = new Set<Entry>()
  const known = new Set<Entry>()
  let body = before && withoutShownEnding(before)
  for (const entry of entries) {
    if (body && isCounted(body, entry)) ended.add(entry)
    else if (!body) body = withThreshold({ identity, generation: 1, after: 0, merged: entry.merged, isBelow: true })
    // A record never changes: with INCIDENTS=off the stored incident is a receipt.
    else if (identity.record !== undefined || isKnownUndated(body.merged, entry.merged)) known.add(entry)
    else if (before && opensNext(body, before.delivery.shown, Math.min(entry.at, now), quietMilliseconds, now))
      body = nextGeneration(body, entry, renderer, now)
    else {
      const merged = merge(body.merged, entry.merged)
      if (merged === body.merged) known.add(entry)
      else body = grown(body, merged)
    }
  }
  return {
    body: body as Body,
    hasChanged: body !== undefined && ended.size + known.size < entries.length,
    isUnchanged: (entry) => known.has(entry),
    isEndedBefore: (entry) => ended.has(entry),
  }
}

/** An event after the quiet time opens the next generation, which is sent with a sound. A generation that was not shown cannot end. */
function opensNext(
  { generation, merged }: Body,
  shown: Shown | undefined,
  at: number,
  quietMilliseconds: number,
  now: number,
): boolean {
  if (shown?.generation !== generation || at === 0) return false
  const { lastAt } = merged
  // Without a time, or with one to come that an earlier version believed, it counts as of when it was shown.
  return at > (lastAt > 0 && lastAt <= now ? lastAt : shown.at) + quietMilliseconds
}

function nextGeneration(body: Body, { merged }: Entry, renderer: Renderer, now: number): Body {
  const { identity, generation, merged: last } = body
  const after = last.lastAt > 0 && last.lastAt <= now ? last.lastAt : body.after
  const counted = countedAfter(body, after)
  const next = { identity, generation: generation + 1, after, counted, merged, isBelow: true as const }
  return withThreshold({ ...next, ended: { generation, ...renderer.last(body) } })
}

function withThreshold({ isBelow, ...body }: Body): Body {
  return isBelow && !isReached(body.merged) ? { ...body, isBelow } : body
}

/** The last text of a generation is not needed once its message has been replaced. */
function withoutShownEnding({ body, delivery: { shown } }: Incident): Body {
  if (!body.ended || shown?.generation === body.ended.generation) return body
  const { ended: _, ...rest } = body
  return rest
}

/** A new event is shown, so the incident is no longer suppressed. */
function grown({ suppression: _, ...body }: Body, merged: Merged): Body {
  return withThreshold({ ...body, merged })
}
