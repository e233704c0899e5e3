import type { Clock } from '../../../lib/adapters/clock.ts'
import type { Incident } from '../../../lib/core/incident/incident.ts'
import type { Store, Timing, Written } from '../../../lib/pipeline/ports.ts'
import { bodyOf, type TestClock } from './incidents.ts'

export const hour = 3_600_000

/** Where a store keeps its state; each connection is a store of its own, as another process has it. */
export interface Place {
  connect(clock: Clock): Promise<Store>
  close(): Promise<void> | void
}

/** What one test of a store works with. */
export interface Bench {
  place: Place
  store: Store
  /** On the same state. */
  other: Store
  clock: TestClock
  /** Nobody else's. */
  key: string
  read(): Promise<Incident | undefined>
  /** A first merge, due and pending. */
  open(): Promise<Incident>
  soon(): Required<Omit<Timing, 'urgency'>>
  later(): { expiresAt: number }
}

export function benchOf({
  place,
  store,
  other,
  clock,
  key,
}: Pick<Bench, 'place' | 'store' | 'other' | 'clock' | 'key'>): Bench {
  const soon = () => ({ pendingSince: clock.now(), due: clock.now(), expiresAt: clock.now() + 2 * hour })
  return {
    place,
    store,
    other,
    clock,
    key,
    soon,
    later: () => ({ expiresAt: clock.now() + 2 * hour }),
    read: async () => (await other.readIncidents([key])).get(key),
    open: async () => saved(await store.saveBody(key, bodyOf(), soon(), 0)),
  }
}

export function saved(written: Written): Incident {
  if ('current' in written) throw new Error(`not saved: ${JSON.stringify(written)}`)
  return written.saved
}
