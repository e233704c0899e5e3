import { randomBytes } from 'node:crypto'
import { systemClock } from '../../adapters/clock.ts'
import { type ConsumedRecord, messageToConsumed } from '../../adapters/kafka/lambda-event.ts'
import { type Client, withAdmin } from '../broker.ts'
import { fill, isWaiting, openPartitionQueue, type PartitionQueue, queueWithNextRecord } from './lanes.ts'
import type { Range } from './ranges.ts'

export interface Reading {
  client: Client
  topic: string
  ranges: readonly Range[]
  group: string
  /** Goes on with what comes after the ranges, until the signal. */
  follows: boolean
  signal: AbortSignal
  note: (text: string) => void
}

/** The group that kafkajs wants; nothing is committed in it. */
export function freshGroup(): string {
  return `kube-eventer-telegram-record-${randomBytes(4).toString('hex')}`
}

// What is there comes at once; but kafkajs also rests so long when it has nothing to ask for because all lanes are full.
const waitMilliseconds = 10
const waitMillisecondsToFollow = 100
// Offsets at the end may belong to no record: those of transactions, or of what was compacted away.
const mostIdleMilliseconds = 10_000
const mostIdleFetches = 3

/**
 * The records of the ranges, always in the same order, then those that come. Of each partition only one fetch is held at a time. Ends the group
 * when whoever reads has enough.
 */
export async function* readRanges({ client, topic, ranges, group, follows, signal, note }: Reading) {
  const lanes = ranges.map(openPartitionQueue)
  const consumer = client.consumer({
    groupId: group,
    allowAutoTopicCreation: false,
    maxWaitTimeInMs: follows ? waitMillisecondsToFollow : waitMilliseconds,
  })
  let change = Promise.withResolvers<void>()
  let crash: Error | undefined
  const wake = () => change.resolve()
  const idle = startIdle()
  const lanesOf = (some: readonly PartitionQueue[]) => [{ topic, partitions: some.map(({ partition }) => partition) }]
  signal.addEventListener('abort', wake)
  consumer.on(consumer.events.CRASH, ({ payload }) => {
    crash = payload.error
    wake()
  })
  consumer.on(consumer.events.FETCH, ({ payload }) => {
    // It is a text, whatever the types say.
    if (idle.isOver(Number(payload.nodeId), lanes)) wake()
  })
  try {
    await consumer.connect()
    await consumer.subscribe({ topic, fromBeginning: true })
    await consumer.run({
      autoCommit: false,
      eachBatch: async ({ batch }) => {
        const lane = lanes.find(({ partition }) => partition === batch.partition)
        // Until it is emptied, no more of it.
        consumer.pause([{ topic, partitions: [batch.partition] }])
        if (lane) fill(lane, batch.messages)
        idle.reset()
        wake()
      },
    })
    // Whoever may not join the group has none to seek in.
    if (crash) throw crash
    seek()
    yield* inOrder()
    if (!follows || signal.aborted) return
    for (const [index, { end }] of ranges.entries()) Object.assign(lanes[index] ?? {}, { next: end, end: Infinity })
    seek()
    yield* asTheyCome()
  } finally {
    signal.removeEventListener('abort', wake)
    await consumer.disconnect()
    // Without a commit it would be forgotten anyway: this needs no right.
    await withAdmin(client, (admin) => admin.deleteGroups([group])).catch(() => {})
  }

  function seek() {
    for (const { partition, next } of lanes) consumer.seek({ topic, partition, offset: String(next) })
  }

  async function* inOrder(): AsyncGenerator<ConsumedRecord> {
    while (!signal.aborted) {
      const waiting = lanes.filter(isWaiting)
      const lane = waiting.length === 0 ? queueWithNextRecord(lanes) : undefined
      if (lane && lane.queue.length > 0) yield take(lane)
      else if (waiting.length === 0) return
      else if (idle.isOver(undefined, lanes)) giveUp(waiting)
      else await more(waiting)
    }
  }

  async function* asTheyCome(): AsyncGenerator<ConsumedRecord> {
    while (!signal.aborted) {
      const lane = queueWithNextRecord(lanes)
      if (lane && lane.queue.length > 0) yield take(lane)
      else await more(lanes)
    }
  }

  function take(lane: PartitionQueue): ConsumedRecord {
    const message = lane.queue.shift()
    if (!message) throw new Error('a lane with a record has one')
    return messageToConsumed(topic, lane.partition, message)
  }

  async function more(waiting: readonly PartitionQueue[]) {
    if (crash) throw crash
    consumer.resume(lanesOf(waiting))
    await change.promise
    change = Promise.withResolvers<void>()
    if (crash) throw crash
  }

  function giveUp(waiting: readonly PartitionQueue[]) {
    for (const lane of waiting) {
      note(`partition ${lane.partition}: nothing can be read of its offsets ${lane.next} to ${lane.end - 1}`)
      lane.next = lane.end
    }
  }
}

/** Knows when a partition has no more to give though its end is further on: its broker has answered, several times and for long, with nothing. */
function startIdle() {
  let since = systemClock.now()
  const fetches = new Map<number, number>()
  return {
    reset() {
      since = systemClock.now()
      fetches.clear()
    },
    isOver(answering: number | undefined, lanes: readonly PartitionQueue[]): boolean {
      if (answering !== undefined) fetches.set(answering, (fetches.get(answering) ?? 0) + 1)
      const hasAnswered = ({ leader }: PartitionQueue) => (fetches.get(leader) ?? 0) >= mostIdleFetches
      return systemClock.now() - since > mostIdleMilliseconds && lanes.filter(isWaiting).every(hasAnswered)
    },
  }
}
