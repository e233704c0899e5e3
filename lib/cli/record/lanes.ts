import type { KafkaMessage } from '../../adapters/kafka/lambda-event.ts'
import type { Range } from './ranges.ts'

/** A partition: what was fetched of it and not taken yet. */
export interface PartitionQueue {
  partition: number
  leader: number
  /** The first offset that was not fetched. */
  next: number
  /** Nothing is wanted from here on. */
  end: number
  queue: KafkaMessage[]
}

export function openPartitionQueue({ partition, leader, from, end }: Range): PartitionQueue {
  return { partition, leader, next: from, end, queue: [] }
}

/** Takes over what is wanted of a fetch; some of it may have come before. */
export function fill(lane: PartitionQueue, messages: readonly KafkaMessage[]) {
  for (const message of messages) {
    const offset = Number(message.offset)
    if (offset < lane.next) continue
    lane.next = offset + 1
    if (offset < lane.end) lane.queue.push(message)
  }
}

/** More has to be fetched before it is known what comes next. */
export function isWaiting({ queue, next, end }: PartitionQueue): boolean {
  return queue.length === 0 && next < end
}

/** The lane with the record that comes next, of those that have been fetched. */
export function queueWithNextRecord(lanes: readonly PartitionQueue[]): PartitionQueue | undefined {
  return lanes.reduce<PartitionQueue | undefined>(
    (best, lane) => (!best || isBefore(lane, best) ? lane : best),
    undefined,
  )
}

/**
 * In the order in which they came, as far as that can be told: by the broker's clock where it wrote the time, else by offset, since kube-eventer
 * goes round the partitions; then by partition.
 */
function isBefore({ queue: [one] }: PartitionQueue, { queue: [other] }: PartitionQueue): boolean {
  if (!one || !other) return one !== undefined
  const order = isTimed(one) && isTimed(other) ? Number(one.timestamp) - Number(other.timestamp) : 0
  return (order || Number(one.offset) - Number(other.offset)) < 0
}

function isTimed({ batchContext }: KafkaMessage): boolean {
  return batchContext?.timestampType === 1
}
