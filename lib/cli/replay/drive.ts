import type { App } from '../../app/app.ts'
import { readRecords } from '../../core/event/record.ts'
import type { Clock, KafkaBatchResponse } from '../../pipeline/ports.ts'
import type { RecordedBatch } from '../recording.ts'

export interface Drive {
  app: Pick<App, 'notify' | 'sweep' | 'nextDue'>
  clock: Clock
  batches: readonly RecordedBatch[]
  /** Whether as much time lies between the batches as there was. */
  followsRecording: boolean
  sweepEverySeconds: number
  /** How long it goes on for a batch that comes back, and for what is pending at the end. */
  mostMinutes: number
  /** Ends it after what is under way. */
  signal?: AbortSignal
  onBatch?: (number: number, batch: RecordedBatch) => void
  /** So many records of a batch were handed back, and are handed out again. */
  onReturn?: (left: number) => void
  onPending?: (swept: Swept) => void
}

export interface Driven {
  invocations: number
  /** How many incidents are still pending, and when the next is due, in ms since the epoch. */
  pending: number
  nextAt: number | undefined
  /** Records that still were in Kafka. */
  undelivered: number
}

interface Swept {
  pending: number
  /** When something is due again, in ms since the epoch; undefined if nothing is. */
  nextAt: number | undefined
}

// As long as the functions in serverless.yml.
const notifyMilliseconds = 300_000
const sweepMilliseconds = 60_000
// Lambda tries again sooner or later than this.
const retryMilliseconds = 10_000

/** Hands out batches one after another, each until Kafka would go on, and sweeps between them and after the last until nothing is due. */
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
    // Its partitions wait behind it.
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
      // What was pending before may be paid, and more may be pending.
      report = { pending: report.pending, nextAt: clock.now() }
      if (left === 0 || clock.now() >= until || signal?.aborted) return left
      onReturn(left)
      await clock.sleep(retryMilliseconds, signal)
      if (signal?.aborted) return left
    }
  }

  /** Passes the time until then, or, at the end, until nothing is due. */
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

/** What Kafka hands out again: of each named partition all from the first named offset on. */
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
