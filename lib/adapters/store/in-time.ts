import { StateUnavailable, type Store } from '../../pipeline/ports.ts'
import type { Clock } from '../clock.ts'
import { aroundStore } from './around.ts'

// A process that finds this much time gone was frozen: nobody waits for its answer, and what it has begun is better ended properly.
const frozenMilliseconds = 3_000

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
  const isLate = () => clock.now() >= until && clock.now() < until + frozenMilliseconds
  const late = clock.sleep(until - clock.now(), ended.signal).then(() => {
    if (isLate()) throw new StateUnavailable('it did not answer in time')
    return new Promise<never>(() => {})
  })
  late.catch(() => {})
  const timely = aroundStore(store, async (_, call) => {
    if (isLate()) throw new StateUnavailable('no time was left')
    return Promise.race([call(), late])
  })
  try {
    return await work(timely)
  } finally {
    ended.abort()
  }
}
