import { gunzipSync } from 'node:zlib'
import { systemClock } from '../adapters/clock.ts'
import type { App } from '../app/app.ts'
import type { DeadLetter } from '../pipeline/ports.ts'
import { drive } from './drive.ts'
import type { Tally } from './tally.ts'

export interface Resent {
  /** It is shown, or the state will see to it. */
  isDone: boolean
  /** What became of it, in words. */
  what: string
}

/** Sends a deadLetter record through the program once more, at its own place. `tally` reads the program's log. */
export async function resend(app: App, record: DeadLetter, tally: Tally): Promise<Resent> {
  const { topic, partition, offset, why, detail, gzip, bytes, sha256 } = record
  const place = `${topic}/${partition}/${offset}`
  if (why === 'unreadable')
    return { isDone: false, what: `its value is not known (${detail}); Kafka may still have it at ${place}` }
  if (gzip === undefined) {
    const what = `its value was too large to keep (${bytes} bytes of base64 with SHA-256 ${sha256}); Kafka may still have it at ${place}`
    return { isDone: false, what }
  }
  const event = {
    records: { [`${topic}-${partition}`]: [{ topic, partition, offset, value: originalValue(record, gzip) }] },
  }
  const batches = [{ at: undefined, event, size: 1 }]
  await drive({ app, clock: systemClock, batches, followsRecording: false, sweepEverySeconds: 10, mostMinutes: 0 })
  const outcomes = tally.outcomesOf(topic, partition, offset)
  // Returned is kept as well: whether the state has it is not known here.
  const isDone = outcomes.length > 0 && outcomes.every((outcome) => /^(sent|pending|skipped)/.test(outcome))
  return { isDone, what: outcomes.join('; ') || 'without outcome' }
}

/** As Lambda would give it: base64, but what was none is given as it came. */
function originalValue({ why }: DeadLetter, gzip: string): string {
  const bytes = gunzipSync(Buffer.from(gzip, 'base64'))
  return why === 'not base64' ? bytes.toString('utf8') : bytes.toString('base64')
}
