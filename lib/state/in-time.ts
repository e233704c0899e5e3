import type { Clock } from '../clock.ts'
import { StateUnavailable, type Store } from '../incident/store.ts'
import { aroundStore } from './around.ts'

/**
 * Work with a store for one invocation, whose answer has to be out by `until` (ms since the epoch): from then on no call is begun, and none is
 * waited for. What it would have said is not known, as in an outage.
 */
export async function inTime<Result>(
  store: Store,
  until: number,
  clock: Clock,
  work: (store: Store) => Promise<Result>,
): Promise<Result> {
  const ended = new AbortController()
  const late = clock.sleep(until - clock.now(), ended.signal).then(() => {
    throw new StateUnavailable('it did not answer in time')
  })
  late.catch(() => {})
  const timely = aroundStore(store, async (_, call) => {
    if (clock.now() >= until) throw new StateUnavailable('no time was left')
    return Promise.race([call(), late])
  })
  try {
    return await work(timely)
  } finally {
    ended.abort()
  }
}
