import type { Incident, Timing } from '../../../lib/core/incident/incident.ts'
import type { Clock, Store, Written } from '../../../lib/pipeline/ports.ts'
import { bodyOf, type TestClock } from './builders.ts'

export const hour = 3_600_000

/** The place of a store's data. Each connection is like the store of another process. */
export interface Place {
  connect(clock: Clock): Promise<Store>
  close(): Promise<void> | void
}

export interface Context {
  place: Place
  store: Store
  /** Another store in the same place. */
  other: Store
  clock: TestClock
  /** Used by this test only. */
  key: string
  read(): Promise<Incident | undefined>
  /** Saves a first merge that is due and pending. */
  open(): Promise<Incident>
  soon(): Required<Omit<Timing, 'urgency'>>
  later(): { expiresAt: number }
}

export function contextOf({
  place,
  store,
  other,
  clock,
  key,
}: Pick<Context, 'place' | 'store' | 'other' | 'clock' | 'key'>): Context {
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
