import type { Body, Incident } from '../core/incident/incident.ts'
import { type Clock, orOutage, StateUnavailable } from './ports.ts'

/** Another writer came first: the value as it is now; undefined if there is none. */
export interface Conflict<Value> {
  current: Value | undefined
}

// Kafka or the next sweep brings it again.
const mostConflicts = 50

/**
 * Read, change, write if unchanged, else again: `attempt` plans a change of the value and writes it on the condition that nobody else has
 * written since it was read. Resolves with its result. Rejects with StateUnavailable if others keep coming first.
 */
export async function updateWithRetry<Value, Result extends object>(
  name: string,
  read: Value | undefined,
  attempt: (value: Value | undefined) => Promise<Result | Conflict<Value>>,
): Promise<Result> {
  let value = read
  for (let tries = 0; tries < mostConflicts; tries += 1) {
    const tried = await attempt(value)
    if (!('current' in tried)) return tried
    value = tried.current
  }
  throw new StateUnavailable(`${name} changes too often`)
}

/** Why an update was not made. */
export interface UpdateFailure {
  why: 'state unavailable' | 'deadline'
  detail: string
}

const mostAtOnce = 16
// Each failure may take seconds, and what is not saved now comes again.
const mostOutages = 16

/**
 * Makes independent updates in parallel. Starts none after the deadline, and none after the store has failed for many of them. The results
 * come in the order of the items. Rejects for bugs only.
 */
export async function updateAll<Item, Value>(
  items: Iterable<Item>,
  { deadline, clock }: { deadline: number; clock: Clock },
  update: (item: Item) => Promise<Value>,
): Promise<({ value: Value } | { failure: UpdateFailure })[]> {
  let outages = 0
  return inParallel([...items], async (item) => {
    if (clock.now() >= deadline) return { failure: { why: 'deadline', detail: 'no time was left' } }
    if (outages >= mostOutages) return { failure: unavailable('it has failed for others') }
    const updated = await orOutage(() => update(item))
    if ('value' in updated) return updated
    outages += 1
    return { failure: unavailable(updated.outage) }
  })
}

export function unavailable(detail: string): UpdateFailure {
  return { why: 'state unavailable', detail }
}

async function inParallel<Item, Result>(items: Item[], work: (item: Item) => Promise<Result>): Promise<Result[]> {
  const results: Result[] = []
  const queue = items.entries()
  const worker = async () => {
    for (const [index, item] of queue) results[index] = await work(item)
  }
  await Promise.all(Array.from({ length: Math.min(mostAtOnce, items.length) }, worker))
  return results
}

/**
 * The same body object as before, so that its text is rendered once, unless the stored incident has another version: if the answer
 * to a write was lost and the write is repeated, DynamoDB returns the present incident, into which another invocation may have merged.
 */
export function withKnownBody(saved: Incident, body: Body, version: number): Incident {
  return saved.version === version ? { ...saved, body } : saved
}
