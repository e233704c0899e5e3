import type { Clock } from './clock.ts'
import { timingOf } from './incident/decide.ts'
import type { Change } from './incident/fold.ts'
import { type Applied, apply, type Body, type Incident, type Renderer } from './incident/incident.ts'
import { StateUnavailable, type Store } from './incident/store.ts'

/** A change whose merge is saved, or, with `failure`, is not: then its records have to come again. */
export type Kept = { change: Change } & (
  | { incident: Incident; applied: Applied; wasOwed: boolean }
  | { failure: { why: 'state unavailable' | 'deadline'; detail: string } }
)

interface KeepDependencies {
  store: Store
  renderer: Renderer
  clock: Clock
}

/**
 * Merges changes into their incidents' state: one read for all, one conditional write for each that changes. The saved merge is the
 * receipt; from then on nothing depends on the records. A claim is neither waited for nor touched.
 */
export async function keep(changes: Change[], deadline: number, dependencies: KeepDependencies): Promise<Kept[]> {
  const { store, clock } = dependencies
  let known: Map<string, Incident>
  try {
    known = await store.readIncidents(changes.map(({ key }) => key))
  } catch (error) {
    const failure = unavailable(error)
    return changes.map((change) => ({ change, failure }))
  }
  return inParallel(changes, async (change) => {
    if (clock.now() >= deadline) return { change, failure: { why: 'deadline', detail: '' } }
    try {
      return await save(change, known.get(change.key), dependencies)
    } catch (error) {
      return { change, failure: unavailable(error) }
    }
  })
}

// Somebody else's merge came first as often as this: then Kafka may bring it again.
const mostConflicts = 20

async function save(
  change: Change,
  read: Incident | undefined,
  { store, renderer, clock }: KeepDependencies,
): Promise<Kept> {
  let before = read
  const wasOwed = before?.owedSince !== undefined
  for (let tries = 0; tries < mostConflicts; tries += 1) {
    const applied = apply(change, before, renderer)
    if (!applied.hasChanged && before) return { change, incident: before, applied, wasOwed }
    const timing = timingOf(merged(change.key, before, applied.body), renderer, clock.now())
    const written = await store.saveBody(change.key, applied.body, timing, before?.version ?? 0)
    if ('saved' in written) return { change, incident: written.saved, applied, wasOwed }
    before = written.current
  }
  throw new StateUnavailable(`incident ${change.key} changes too often`)
}

function merged(key: string, before: Incident | undefined, body: Body): Incident {
  return { ...(before ?? { key, version: 0, revision: 0, older: [] }), ...body }
}

function unavailable(error: unknown): { why: 'state unavailable'; detail: string } {
  if (error instanceof StateUnavailable) return { why: 'state unavailable', detail: error.message }
  throw error
}

const mostAtOnce = 16

async function inParallel<Item, Result>(items: Item[], work: (item: Item) => Promise<Result>): Promise<Result[]> {
  const results: Result[] = []
  const queue = items.entries()
  const worker = async () => {
    for (const [index, item] of queue) results[index] = await work(item)
  }
  await Promise.all(Array.from({ length: Math.min(mostAtOnce, items.length) }, worker))
  return results
}
