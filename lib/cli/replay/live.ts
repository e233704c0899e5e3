import { systemClock } from '../../adapters/clock.ts'
import { createApp } from '../../app/app.ts'
import type { Config } from '../../app/config/config.ts'
import { isoTime } from '../../core/event/time.ts'
import type { RecordedBatch } from '../recording.ts'
import { plural } from '../terminal.ts'
import { drive } from './drive.ts'
import { isComplete, type ReplaySummary, summarise } from './summary.ts'
import { startTally, type Tally } from './tally.ts'

/** Sends a recording through the program to the configured bot and chat, in real time. */
export async function sendLive(
  batches: readonly RecordedBatch[],
  { config, mostMinutes }: { config: Config; mostMinutes: number },
): Promise<ReplaySummary> {
  const clock = systemClock
  const tally = startTally()
  const app = createApp(config, { clock, write: tally.write })
  const startedAt = clock.now()
  const stop = new AbortController()
  process.once('SIGINT', () => {
    console.error('stopping after the current batch; press Ctrl-C again to stop at once')
    stop.abort()
  })
  try {
    const driven = await drive({
      app,
      clock,
      batches,
      followsRecording: false,
      sweepEverySeconds: 10,
      mostMinutes,
      signal: stop.signal,
      onReturn: (left) => console.error(`${plural(left, 'record')} returned (${returned(tally)}); retrying`),
      onBatch: (number, { size }) => console.error(`batch ${number} of ${batches.length}: ${plural(size, 'record')}`),
      onPending: ({ pending, nextAt }) =>
        console.error(
          `${pending} pending${nextAt === undefined ? '' : `; the next is due at ${isoTime(nextAt).slice(11, 19)} UTC`}`,
        ),
    })
    const counts = tally.counts()
    for (const warning of counts.warnings) console.error(`note: ${warning}`)
    return summarise(batches, { startedAt, now: clock.now(), counts, driven })
  } finally {
    await app.close()
  }
}

function returned(tally: Tally): string {
  const names = Object.keys(tally.counts().outcomes).filter((name) => name.startsWith('returned'))
  return names.map((name) => name.replace('returned: ', '')).join(', ')
}

/** How to deliver what is left. */
export function howToGoOn(summary: ReplaySummary, state: string | undefined): string {
  if (isComplete(summary)) return 'Nothing is left.'
  const isDurable = state !== undefined && state !== 'memory'
  return isDurable
    ? `Pending incidents are stored in ${state}. Run the same command again to deliver them: nothing is sent twice.`
    : 'STATE=memory stores nothing. Use --state sqlite:<file>, so that the next run can deliver what is left.'
}
