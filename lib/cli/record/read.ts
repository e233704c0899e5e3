import { randomBytes } from 'node:crypto'
import { systemClock } from '../../adapters/clock.ts'
import { type ConsumedRecord, messageToConsumed } from '../../adapters/kafka/lambda-event.ts'
import { type Client, withAdmin } from '../broker.ts'
import { fill, isWaiting, openPartitionQueue, type PartitionQueue, queueWithNextRecord } from './partition-queue.ts'
import type { Range } from './ranges.ts'

export interface Reading {
  client: Client
  topic: string
  ranges: readonly Range[]
  group: string
  /** Continues with new records after the ranges, until the signal. */
  follows: boolean
  signal: AbortSignal
  note: (text: string) => void
}

/** kafkajs needs a consumer group. Nothing is committed in it. */
export function freshGroup(): string {
  return `kube-eventer-telegram-record-${randomBytes(4).toString('hex')}`
}

// Existing records arrive at once. kafkajs also waits this long while all partitions are paused.
const waitMilliseconds = 10
const waitMillisecondsToFollow = 100
// The last offsets may have no record: they may be transaction markers or compacted records.
const mostIdleMilliseconds = 10_000
const mostIdleFetches = 3

/**
 * Yields the records of the ranges, always in the same order, then new records as they arrive. Buffers at most one fetch per partition.
 * Deletes the group at the end.
 */
export async function* readRanges({ client, topic, ranges, group, follows, signal, note }: Reading) {
  const queues = ranges.map(openPartitionQueue)
  const consumer = client.consumer({
    groupId: group,
    allowAutoTopicCreation: false,
    maxWaitTimeInMs: follows ? waitMillisecondsToFollow : waitMilliseconds,
  })
  let change = Promise.withResolvers<void>()
  let crash: Error | undefined
  const wake = () => change.resolve()
  const idle = startIdle()
  const partitionsOf = (some: readonly PartitionQueue[]) => [
    { topic, partitions: some.map(({ partition }) => partition) },
  ]
  signal.addEventListener('abort', wake)
  consumer.on(consumer.events.CRASH, ({ payload }) => {
    crash = payload.error
    wake()
  })
  consumer.on(consumer.events.FETCH, ({ payload }) => {
    // At run time nodeId is a string, despite its type.
    if (idle.isOver(Number(payload.nodeId), queues)) wake()
  })
  try {
    await consumer.connect()
    await consumer.subscribe({ topic, fromBeginning: true })
    await consumer.run({
      autoCommit: false,
      eachBatch: async ({ batch }) => {
        const queue = queues.find(({ partition }) => partition === batch.partition)
        // Pauses the partition until its queue is empty.
        consumer.pause([{ topic, partitions: [batch.partition] }])
        if (queue) fill(queue, batch.messages)
        idle.reset()
        wake()
      },
    })
    // Without permission to join the group, seeking is impossible.
    if (crash) throw crash
    seek()
    yield* inOrder()
    if (!follows || signal.aborted) return
    for (const [index, { end }] of ranges.entries()) Object.assign(queues[index] ?? {}, { next: end, end: Infinity })
    seek()
    yield* asTheyCome()
  } finally {
    signal.removeEventListener('abort', wake)
    await consumer.disconnect()
    // Kafka removes a group without commits anyway, so a missing permission does not matter.
    await withAdmin(client, (admin) => admin.deleteGroups([group])).catch(() => {})
  }

  function seek() {
    for (const { partition, next } of queues) consumer.seek({ topic, partition, offset: String(next) })
  }

  async function* inOrder(): AsyncGenerator<ConsumedRecord> {
    while (!signal.aborted) {
      const waiting = queues.filter(isWaiting)
      const queue = waiting.length === 0 ? queueWithNextRecord(queues) : undefined
      if (queue && queue.messages.length > 0) yield take(queue)
      else if (waiting.length === 0) return
      else if (idle.isOver(undefined, queues)) giveUp(waiting)
      else await more(waiting)
    }
  }

  async function* asTheyCome(): AsyncGenerator<ConsumedRecord> {
    while (!signal.aborted) {
      const queue = queueWithNextRecord(queues)
      if (queue && queue.messages.length > 0) yield take(queue)
      else await more(queues)
    }
  }

  function take(queue: PartitionQueue): ConsumedRecord {
    const message = queue.messages.shift()
    if (!message) throw new Error('the queue is empty')
    return messageToConsumed(topic, queue.partition, message)
  }

  async function more(waiting: readonly PartitionQueue[]) {
    if (crash) throw crash
    consumer.resume(partitionsOf(waiting))
    await change.promise
    change = Promise.withResolvers<void>()
    if (crash) throw crash
  }

  function giveUp(waiting: readonly PartitionQueue[]) {
    for (const queue of waiting) {
      note(`partition ${queue.partition}: offsets ${queue.next} to ${queue.end - 1} have no readable records`)
      queue.next = queue.end
    }
  }
}

/** Detects partitions that return no more records before their end: their broker has answered several times with nothing. */
function startIdle() {
  let since = systemClock.now()
  const fetches = new Map<number, number>()
  return {
    reset() {
      since = systemClock.now()
      fetches.clear()
    },
    isOver(answering: number | undefined, queues: readonly PartitionQueue[]): boolean {
      if (answering !== undefined) fetches.set(answering, (fetches.get(answering) ?? 0) + 1)
      const hasAnswered = ({ leader }: PartitionQueue) => (fetches.get(leader) ?? 0) >= mostIdleFetches
      return systemClock.now() - since > mostIdleMilliseconds && queues.filter(isWaiting).every(hasAnswered)
    },
  }
}
