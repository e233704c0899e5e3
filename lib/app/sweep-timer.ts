import { followProblems } from '../core/ongoing-problems.ts'
import type { Clock, Log } from '../pipeline/ports.ts'
import { orOutage } from '../pipeline/ports.ts'
import type { App } from './app.ts'

/** The worker's replacement for Lambda's schedule. */
export interface SweepTimer {
  /** Sweeps as soon as something is due, and at least once a minute. Resolves after `signal` has stopped it. */
  run(signal: AbortSignal): Promise<void>
  /** A batch has ended. It may have left something that is due before the next planned sweep. */
  wake(): void
}

const sweepMilliseconds = 30_000
const intervalMilliseconds = { least: 2_000, most: 60_000 }
// Many batches in a row cause one look at what is due.
const wakeMilliseconds = 500

export function createSweepTimer(app: Pick<App, 'sweep' | 'nextDue'> & { log: Log }, clock: Clock): SweepTimer {
  const problems = followProblems()
  let woken = new AbortController()

  return {
    wake: () => woken.abort(),
    async run(signal) {
      let sweepAt = clock.now()
      let sweptAt = sweepAt
      while (!signal.aborted) {
        const now = clock.now()
        if (now >= sweepAt) {
          woken = new AbortController()
          sweptAt = now
          const retryAt = await sweep()
          sweepAt = withinInterval(earliest(retryAt, await nextDue(sweptAt)))
          continue
        }
        await clock.sleep(sweepAt - now, AbortSignal.any([signal, woken.signal]))
        if (!woken.signal.aborted) continue
        await clock.sleep(Math.max(0, Math.min(sweepAt - clock.now(), wakeMilliseconds)), signal)
        woken = new AbortController()
        sweepAt = Math.min(sweepAt, withinInterval(await nextDue(sweptAt)))
      }
    },
  }

  /** Returns when to retry what could not be delivered, in ms since the epoch. */
  async function sweep(): Promise<number | undefined> {
    try {
      const { retryAt } = await app.sweep(sweepMilliseconds)
      const afterSeconds = problems.end('sweep', clock.now())
      if (afterSeconds !== undefined) app.log.info('sweeps work again', { afterSeconds })
      return retryAt
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error)
      if (problems.isDue('sweep', text, clock.now())) app.log.error('sweep failed', { error: text })
      return undefined
    }
  }

  /** What becomes due after the start of the last sweep; what was due before is in that sweep's result. */
  async function nextDue(after: number): Promise<number | undefined> {
    const found = await orOutage(() => app.nextDue(after)).catch((error: Error) => ({ outage: error.message }))
    return 'value' in found ? found.value : undefined
  }

  function withinInterval(at = Number.POSITIVE_INFINITY): number {
    const { least, most } = intervalMilliseconds
    const now = clock.now()
    return Math.min(Math.max(at, now + least), now + most)
  }
}

function earliest(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined || other === undefined ? (one ?? other) : Math.min(one, other)
}
