import type { KafkaMessage } from '../../adapters/kafka/lambda-event.ts'
import type { Range } from './ranges.ts'

/** The fetched records of one partition that were not taken yet. */
export interface PartitionQueue {
  partition: number
  leader: number
  /** The first offset that was not fetched. */
  next: number
  /** The offset to stop at. */
  end: number
  messages: KafkaMessage[]
}

export function openPartitionQueue({ partition, leader, from, end }: Range): PartitionQueue {
  return { partition, leader, next: from, end, messages: [] }
}

/** Adds fetched messages. Some of them may be in the queue already, or beyond its end. */
export function fill(queue: PartitionQueue, messages: readonly KafkaMessage[]) {
  for (const message of messages) {
    const offset = Number(message.offset)
    if (offset < queue.next) continue
    queue.next = offset + 1
    if (offset < queue.end) queue.messages.push(message)
  }
}

/** The queue is empty, but not at its end. */
export function isWaiting({ messages, next, end }: PartitionQueue): boolean {
  return messages.length === 0 && next < end
}

/** The queue with the record that comes next. */
export function queueWithNextRecord(queues: readonly PartitionQueue[]): PartitionQueue | undefined {
  return queues.reduce<PartitionQueue | undefined>(
    (best, queue) => (!best || isBefore(queue, best) ? queue : best),
    undefined,
  )
}

/**
 * By the broker's time if the broker wrote it, else by offset, because kube-eventer writes to the partitions in turn; then by
 * partition.
 */
function isBefore({ messages: [one] }: PartitionQueue, { messages: [other] }: PartitionQueue): boolean {
  if (!one || !other) return one !== undefined
  const order = isTimed(one) && isTimed(other) ? Number(one.timestamp) - Number(other.timestamp) : 0
  return (order || Number(one.offset) - Number(other.offset)) < 0
}

function isTimed({ batchContext }: KafkaMessage): boolean {
  return batchContext?.timestampType === 1
}
