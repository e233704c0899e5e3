import type { EachBatchPayload } from 'kafkajs'
import { decode } from '../../core/event/decode.ts'
import type { Clock, KafkaBatchResponse } from '../../pipeline/ports.ts'
import { type KafkaMessage, type LambdaKafkaEvent, messagesToLambdaEvent } from './lambda-event.ts'
import { type AssignedPartition, partitionName, updateProgress } from './progress.ts'

/** Processes a batch, as Lambda's handler does. */
export type BatchHandler = (event: LambdaKafkaEvent) => Promise<KafkaBatchResponse>

interface FetchedBatchOptions {
  handle: BatchHandler
  bootstrapServers: string
  clock: Clock
  position: AssignedPartition
  /** The consumer is stopping: the current chunk is finished, and no further one is started. */
  isStopping: () => boolean
  /** Pauses the partition before it is read again from `next`. `error`: the handler has failed; without one, a record was returned. */
  backOff: (next: number, pause: () => () => void, error: unknown) => void
  /** Called after each chunk of which no record was returned. */
  done: () => void
}

// A rebalance waits for the current chunk. kube-eventer's bursts are rarely larger.
const mostRecords = 500
// A chunk is in memory several times at once: as base64, as text, as JSON.
const mostBytes = 8 * 1_048_576

/**
 * Processes what was fetched from a partition: calls the handler, and commits up to the first returned record, not beyond. Then it backs the
 * partition off, longer each time, and reads again from that record. Rejects with the error of the group or a broker.
 */
export async function processFetchedBatch(
  { batch, heartbeat, ...payload }: EachBatchPayload,
  { handle, bootstrapServers, clock, position, isStopping, backOff, done }: FetchedBatchOptions,
): Promise<void> {
  const { topic, partition } = batch
  updateProgress(position, { end: Number(batch.highWatermark) }, clock.now())
  for (const messages of chunksOf(batch.messages)) {
    if (isStopping() || !payload.isRunning() || payload.isStale()) return
    // If the group is rebalancing, this throws and the member rejoins at once. The records are fetched again.
    await heartbeat()
    const heartbeats = startHeartbeats(heartbeat, clock)
    const ended = await attempt(() => handle(messagesToLambdaEvent(topic, partition, messages, bootstrapServers)))
    const groupError = await heartbeats.stop()
    const next = nextOffset(messages, ended, partitionName(topic, partition))
    const lastDone = messages.findLast(({ offset }) => Number(offset) < next)
    if (lastDone) {
      await commit(next, groupError, { batch, ...payload }, clock)
      payload.resolveOffset(lastDone.offset)
      Object.assign(position, { doneAt: timeOf(lastDone) ?? clock.now(), tries: 0 })
      updateProgress(position, { next }, clock.now())
    }
    const isReturned = next <= lastOffset(messages)
    if (isReturned) backOff(next, payload.pause, 'error' in ended ? ended.error : undefined)
    else done()
    if (groupError) throw groupError
    if (isReturned) return
  }
}

/** Each chunk has at least one record, however large. */
function* chunksOf(messages: readonly KafkaMessage[]): Generator<KafkaMessage[]> {
  let chunk: KafkaMessage[] = []
  let bytes = 0
  for (const message of messages) {
    const size = sizeOf(message)
    if (chunk.length > 0 && (chunk.length >= mostRecords || bytes + size > mostBytes)) {
      yield chunk
      chunk = []
      bytes = 0
    }
    chunk.push(message)
    bytes += size
  }
  if (chunk.length > 0) yield chunk
}

function sizeOf({ key, value }: KafkaMessage): number {
  return (key?.length ?? 0) + (value?.length ?? 0)
}

type HandlerResult = { response: KafkaBatchResponse } | { error: unknown }

async function attempt(run: () => Promise<KafkaBatchResponse>): Promise<HandlerResult> {
  try {
    return { response: await run() }
  } catch (error) {
    return { error }
  }
}

/** The offset to read next: that of the first returned record. */
function nextOffset(messages: readonly KafkaMessage[], ended: HandlerResult, mapKey: string): number {
  if ('error' in ended) return Number(messages[0]?.offset)
  const returned = ended.response.batchItemFailures
    .filter(({ itemIdentifier }) => itemIdentifier.partition === mapKey)
    .map(({ itemIdentifier }) => itemIdentifier.offset)
  return returned.reduce((least, offset) => Math.min(least, offset), lastOffset(messages) + 1)
}

function lastOffset(messages: readonly KafkaMessage[]): number {
  return Number(messages.at(-1)?.offset)
}

const heartbeatMilliseconds = 2_000
// A batch that takes longer never ends: then another member should get its partition.
const mostHeartbeatMilliseconds = 120_000

/** Sends heartbeats during a batch, so that the group keeps this member. `stop` resolves with the group's error, if it sent one. */
function startHeartbeats(heartbeat: () => Promise<void>, clock: Clock): { stop(): Promise<Error | undefined> } {
  const stopped = new AbortController()
  const until = clock.now() + mostHeartbeatMilliseconds
  let groupError: Error | undefined

  async function sendHeartbeats() {
    while (clock.now() < until) {
      await clock.sleep(heartbeatMilliseconds, stopped.signal)
      if (stopped.signal.aborted) return
      try {
        await heartbeat()
      } catch (error) {
        // kafkajs reconnects by itself after a connection error; if it matters, the commit fails.
        if (isGroupError(error)) groupError = error
      }
    }
  }

  const sending = sendHeartbeats()
  return {
    async stop() {
      stopped.abort()
      await sending
      return groupError
    },
  }
}

// While the group rebalances it still accepts commits of this generation; it accepts none from an unknown member.
const groupErrorTypes = [
  'REBALANCE_IN_PROGRESS',
  'ILLEGAL_GENERATION',
  'NOT_COORDINATOR_FOR_GROUP',
  'UNKNOWN_MEMBER_ID',
]

function isGroupError(error: unknown): error is Error {
  return error instanceof Error && 'type' in error && groupErrorTypes.includes(String(error.type))
}

const mostCommits = 3
const commitRetryMilliseconds = 500

/**
 * Not through the consumer's commitOffsets: once the consumer is stopping, that does nothing and reports no error (kafkajs 2.2.4, runner.js),
 * so the batch that it waits for would be delivered again.
 */
async function commit(
  next: number,
  groupError: Error | undefined,
  {
    batch: { topic, partition },
    commitOffsetsIfNecessary,
  }: Pick<EachBatchPayload, 'batch' | 'commitOffsetsIfNecessary'>,
  clock: Clock,
): Promise<void> {
  const offsets = { topics: [{ topic, partitions: [{ partition, offset: String(next) }] }] }
  for (let tries = 1; ; tries += 1) {
    try {
      await commitOffsetsIfNecessary(offsets)
      return
    } catch (error) {
      // A member outside the group cannot commit. The group's error says why, and kafkajs then rejoins.
      if (groupError) throw groupError
      if (tries >= mostCommits || !(error as { retriable?: boolean }).retriable) throw error
      await clock.sleep(commitRetryMilliseconds * tries)
    }
  }
}

/** The record's Kafka timestamp or, if it has none, the time of its event. */
function timeOf({ timestamp, value }: KafkaMessage): number | undefined {
  if (Number(timestamp) > 0) return Number(timestamp)
  const decoded = decode(value?.toString('base64'))
  return 'event' in decoded ? decoded.event.at : undefined
}
