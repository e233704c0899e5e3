import type { Clock } from '../adapters/clock.ts'
import { type Applied, apply } from '../core/incident/apply.ts'
import { timingOf } from '../core/incident/decide.ts'
import type { Change } from '../core/incident/fold.ts'
import { type Incident, type Renderer, withBody } from '../core/incident/incident.ts'
import { orOutage, StateUnavailable, type Store } from './ports.ts'

/** A change whose merge is saved, or, with `failure`, is not: then its records have to come again. */
export type Kept = { change: Change } & (
  | { incident: Incident; applied: Applied; wasPending: boolean }
  | { failure: { why: 'state unavailable' | 'deadline'; detail: string } }
)

interface KeepDependencies {
  store: Store
  renderer: Renderer
  clock: Clock
}

/**
 * Merges changes into their incidents' state: one read for all, one conditional write for each that changes. The saved merge is the
 * receipt; from then on nothing depends on the records. A lease is neither waited for nor touched.
 */
export async function keep(changes: Change[], deadline: number, dependencies: KeepDependencies): Promise<Kept[]> {
  const { store, clock } = dependencies
  const read = await orOutage(() => store.readIncidents(changes.map(({ key }) => key)))
  if ('outage' in read) return changes.map((change) => ({ change, failure: unavailable(read.outage) }))
  let outages = 0
  return inParallel(changes, async (change) => {
    if (clock.now() >= deadline) return { change, failure: { why: 'deadline', detail: '' } }
    if (outages >= mostOutages) return { change, failure: unavailable('it has failed for others') }
    const saved = await orOutage(() => save(change, read.value.get(change.key), dependencies))
    if ('value' in saved) return saved.value
    outages += 1
    return { change, failure: unavailable(saved.outage) }
  })
}

// Each takes seconds, and what is not kept comes again.
const mostOutages = 16

// Somebody else's merge came first as often as this: then Kafka may bring it again.
const mostConflicts = 20

async function save(
  change: Change,
  read: Incident | undefined,
  { store, renderer, clock }: KeepDependencies,
): Promise<Kept> {
  let before = read
  const wasPending = before?.pendingSince !== undefined
  for (let tries = 0; tries < mostConflicts; tries += 1) {
    const applied = apply(change, before, renderer, clock.now())
    if (!applied.hasChanged && before) return { change, incident: before, applied, wasPending }
    const timing = timingOf(withBody(change.key, before, applied.body), renderer, clock.now())
    const written = await store.saveBody(change.key, applied.body, timing, before?.version ?? 0)
    if ('saved' in written) return { change, incident: written.saved, applied, wasPending }
    before = written.current
  }
  throw new StateUnavailable(`incident ${change.key} changes too often`)
}

function unavailable(detail: string): { why: 'state unavailable'; detail: string } {
  return { why: 'state unavailable', detail }
}

const mostAtOnce = 16

/** The results in the order of the items. */
export async function inParallel<Item, Result>(
  items: Item[],
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = []
  const queue = items.entries()
  const worker = async () => {
    for (const [index, item] of queue) results[index] = await work(item)
  }
  await Promise.all(Array.from({ length: Math.min(mostAtOnce, items.length) }, worker))
  return results
}
