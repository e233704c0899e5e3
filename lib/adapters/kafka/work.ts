import type { EachBatchPayload } from 'kafkajs'
import { decode } from '../../core/event/decode.ts'
import type { KafkaBatchResponse } from '../../core/outcome.ts'
import type { Clock } from '../clock.ts'
import { type KafkaMessage, type LambdaKafkaEvent, messagesToLambdaEvent } from './event.ts'
import { startPulse } from './heartbeats.ts'
import { follow, nameOf, type Position } from './progress.ts'

/** What is done with a batch: Lambda's handler, or something of its shape. */
export type Handle = (event: LambdaKafkaEvent) => Promise<KafkaBatchResponse>

export interface Work {
  handle: Handle
  bootstrapServers: string
  clock: Clock
  position: Position
  /** This consumer is to end: what is under way is finished, and nothing begun. */
  isEnded: () => boolean
  onFailure: (error: unknown) => void
  /** Lets the partition rest before it is read again from `next` on. */
  hold: (next: number, pause: () => () => void) => void
}

// A rebalance waits until what is under way is done; kube-eventer's bursts are seldom larger.
const mostRecords = 500
// All of a chunk is in memory several times at once: as base64, as text, as JSON.
const mostBytes = 8 * 1_048_576

/**
 * Works on what was fetched of a partition: hands it to the handler, and commits up to the first record that is handed back, not beyond; then
 * the partition is held for longer and longer, and begins with that record again. Rejects with what the group or a broker said.
 */
export async function work({ batch, heartbeat, ...payload }: EachBatchPayload, dependencies: Work): Promise<void> {
  const { topic, partition } = batch
  const { handle, bootstrapServers, clock, position } = dependencies
  follow(position, { end: Number(batch.highWatermark) }, clock.now())
  for (const messages of chunksOf(batch.messages)) {
    if (dependencies.isEnded() || !payload.isRunning() || payload.isStale()) return
    // If the group waits for this member it has to join at once: what was fetched comes again.
    await heartbeat()
    const pulse = startPulse(heartbeat, clock)
    const ended = await attempt(() => handle(messagesToLambdaEvent(topic, partition, messages, bootstrapServers)))
    const said = await pulse.stop()
    if ('error' in ended) dependencies.onFailure(ended.error)
    const next = nextOf(messages, ended, nameOf(topic, partition))
    const done = messages.findLast(({ offset }) => Number(offset) < next)
    if (done) {
      await commit(next, said, { batch, ...payload }, clock)
      payload.resolveOffset(done.offset)
      Object.assign(position, { doneAt: timeOf(done) ?? clock.now(), tries: 0 })
      follow(position, { next }, clock.now())
    }
    const isHeld = next <= lastOf(messages)
    if (isHeld) dependencies.hold(next, payload.pause)
    if (said) throw said
    if (isHeld) return
  }
}

/** Each has at least one record, however large that is. */
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

type Ended = { answer: KafkaBatchResponse } | { error: unknown }

async function attempt(run: () => Promise<KafkaBatchResponse>): Promise<Ended> {
  try {
    return { answer: await run() }
  } catch (error) {
    return { error }
  }
}

/** The offset from which on the partition is to be read next: that of the first record that came back. */
function nextOf(messages: readonly KafkaMessage[], ended: Ended, mapKey: string): number {
  if ('error' in ended) return Number(messages[0]?.offset)
  const returned = ended.answer.batchItemFailures
    .filter(({ itemIdentifier }) => itemIdentifier.partition === mapKey)
    .map(({ itemIdentifier }) => itemIdentifier.offset)
  return returned.reduce((least, offset) => Math.min(least, offset), lastOf(messages) + 1)
}

function lastOf(messages: readonly KafkaMessage[]): number {
  return Number(messages.at(-1)?.offset)
}

const mostCommits = 3
const commitAgainMilliseconds = 500

/**
 * Not by the consumer's own commitOffsets: once it is to stop, that one does nothing and says so to nobody (kafkajs 2.2.4, runner.js), and
 * the batch that it waits for would come again.
 */
async function commit(
  next: number,
  said: Error | undefined,
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
      // Whoever is out of the group can't commit: it says why, and kafkajs joins again.
      if (said) throw said
      if (tries >= mostCommits || !(error as { retriable?: boolean }).retriable) throw error
      await clock.sleep(commitAgainMilliseconds * tries)
    }
  }
}

/** When it came to Kafka, or, of a record that says nothing of it, when its event happened. */
function timeOf({ timestamp, value }: KafkaMessage): number | undefined {
  if (Number(timestamp) > 0) return Number(timestamp)
  const decoded = decode(value?.toString('base64'))
  return 'event' in decoded ? decoded.event.at : undefined
}
