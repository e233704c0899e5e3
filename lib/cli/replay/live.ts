import { systemClock } from '../../adapters/clock.ts'
import { createApp } from '../../app/app.ts'
import type { Config } from '../../app/config/config.ts'
import { isoTime } from '../../core/event/time.ts'
import type { RecordedBatch } from '../recording.ts'
import { drive } from './drive.ts'
import { isComplete, type ReplaySummary } from './summary.ts'
import { startTally, type Tally } from './tally.ts'

/** The program on a recording, to the bot and chat of this configuration, in real time. */
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
    console.error('ending after what is under way; once more to end at once')
    stop.abort()
  })
  const times = batches.flatMap(({ at }) => at ?? [])
  try {
    const driven = await drive({
      app,
      clock,
      batches,
      followsRecording: false,
      sweepEverySeconds: 10,
      mostMinutes,
      signal: stop.signal,
      onReturn: (left) => console.error(`handed back: ${left} (${returned(tally)}), tried again`),
      onBatch: (number, { size }) => console.error(`batch ${number} of ${batches.length}: ${size} records`),
      onPending: ({ pending, nextAt }) =>
        console.error(
          `${pending} pending${nextAt === undefined ? '' : `, the next one due at ${isoTime(nextAt).slice(11, 19)} UTC`}`,
        ),
    })
    const { notices, ...counts } = tally.counts()
    for (const notice of notices) console.error(`note: ${notice}`)
    return {
      records: batches.reduce((sum, { size }) => sum + size, 0),
      batches: batches.length,
      recordedMinutes: Math.round(((times.at(-1) ?? 0) - (times[0] ?? 0)) / 60_000),
      minutes: Math.round((clock.now() - startedAt) / 60_000),
      ...counts,
      ...driven,
    }
  } finally {
    await app.close()
  }
}

function returned(tally: Tally): string {
  const names = Object.keys(tally.counts().outcomes).filter((name) => name.startsWith('returned'))
  return names.map((name) => name.replace('returned: ', '')).join(', ')
}

/** What an operator can do about what is left. */
export function howToGoOn(summary: ReplaySummary, state: string | undefined): string {
  if (isComplete(summary)) return 'Nothing is left.'
  const isDurable = state !== undefined && state !== 'memory'
  return isDurable
    ? `It is kept in ${state}, and any program with this STATE pays it: the next batch, or npx serverless invoke local -f sweep. The same command again sends what was not shown, and nothing twice.`
    : 'Nothing of it is kept, since the state is memory: with --state sqlite:<file> what is left is paid by the next run.'
}
