import type { App } from '../../app/app.ts'
import { readRecords } from '../../core/event/record.ts'
import type { Clock, KafkaBatchResponse } from '../../pipeline/ports.ts'
import type { RecordedBatch } from '../recording.ts'

export interface Drive {
  app: Pick<App, 'notify' | 'sweep' | 'nextDue'>
  clock: Clock
  batches: readonly RecordedBatch[]
  /** True: waits between batches as long as in the recording. */
  followsRecording: boolean
  sweepEverySeconds: number
  /** How long to retry a returned batch, and to deliver pending incidents at the end. */
  mostMinutes: number
  /** Stops after the current invocation. */
  signal?: AbortSignal
  onBatch?: (number: number, batch: RecordedBatch) => void
  /** So many records of a batch were returned, and are sent again. */
  onReturn?: (left: number) => void
  onPending?: (swept: Swept) => void
}

export interface Driven {
  invocations: number
  /** The number of pending incidents, and when the next is due, in milliseconds since the epoch. */
  pending: number
  nextAt: number | undefined
  /** Records that would still be in Kafka. */
  undelivered: number
}

interface Swept {
  pending: number
  /** When the next incident is due, in milliseconds since the epoch; undefined if none is. */
  nextAt: number | undefined
}

// The timeouts of the functions in serverless.yml.
const notifyMilliseconds = 300_000
const sweepMilliseconds = 60_000
// Lambda's own time between retries varies.
const retryMilliseconds = 10_000

/** Plays Kafka and the scheduler: invokes the program with one batch after another, retries returned records, and sweeps until nothing is due. */
export async function drive({
  app,
  clock,
  batches,
  followsRecording,
  sweepEverySeconds,
  mostMinutes,
  signal,
  onBatch = () => {},
  onReturn = () => {},
  onPending = () => {},
}: Drive): Promise<Driven> {
  const sweepMillisecondsApart = sweepEverySeconds * 1_000
  const mostMilliseconds = mostMinutes * 60_000
  let invocations = 0
  let report: Swept = { pending: 0, nextAt: undefined }

  for (const [index, batch] of batches.entries()) {
    if (followsRecording && batch.at !== undefined) await sweepUntil(batch.at)
    onBatch(index + 1, batch)
    const left = await deliver(batch)
    if (left === 0 && !signal?.aborted) continue
    // A batch that is not done blocks its partitions.
    const behind = batches.slice(index + 1).reduce((sum, { size }) => sum + size, 0)
    return { invocations, ...(await sweep()), undelivered: left + behind }
  }
  report = await sweep()
  await sweepUntil(clock.now() + mostMilliseconds, true)
  return { invocations, ...report, undelivered: 0 }

  async function sweep(): Promise<Swept> {
    const startedAt = clock.now()
    const { pending, retryAt } = await app.sweep(sweepMilliseconds)
    const times = [retryAt, await app.nextDue(startedAt)].flatMap((at) => at ?? [])
    return { pending, nextAt: times.length === 0 ? undefined : Math.min(...times) }
  }

  async function deliver(batch: RecordedBatch): Promise<number> {
    const until = clock.now() + mostMilliseconds
    for (let { event } = batch; ; ) {
      invocations += 1
      event = comingBack(event, await app.notify(event, notifyMilliseconds))
      const left = readRecords(event).length
      // The invocation may have changed what is pending.
      report = { pending: report.pending, nextAt: clock.now() }
      if (left === 0 || clock.now() >= until || signal?.aborted) return left
      onReturn(left)
      await clock.sleep(retryMilliseconds, signal)
      if (signal?.aborted) return left
    }
  }

  /** Waits and sweeps until then, or, at the end, until nothing is due. */
  async function sweepUntil(until: number, isEnd = false) {
    while (report.nextAt !== undefined && !signal?.aborted) {
      if (isEnd) onPending(report)
      const soonest = clock.now() + sweepMillisecondsApart
      const steps = Math.max(0, Math.ceil((report.nextAt - soonest) / sweepMillisecondsApart))
      const at = soonest + steps * sweepMillisecondsApart
      if (at > until) break
      await clock.sleep(at - clock.now(), signal)
      if (signal?.aborted) return
      report = await sweep()
    }
    if (!isEnd) await clock.sleep(until - clock.now(), signal)
  }
}

/** The records that Kafka sends again: in each named partition, all from the first named offset. */
function comingBack(
  { records, ...event }: RecordedBatch['event'],
  { batchItemFailures }: KafkaBatchResponse,
): RecordedBatch['event'] {
  const from = new Map<string, number>()
  for (const { itemIdentifier } of batchItemFailures) {
    const { partition, offset } = itemIdentifier
    from.set(partition, Math.min(from.get(partition) ?? offset, offset))
  }
  const left = [...from].map(([partition, offset]) => [
    partition,
    (records[partition] ?? []).filter((record) => offsetOf(record) >= offset),
  ])
  return { ...event, records: Object.fromEntries(left) }
}

function offsetOf(record: unknown): number {
  const offset = Number((record as { offset?: unknown } | null)?.offset)
  return Number.isSafeInteger(offset) ? offset : -1
}
