/** The consumer's state in its group and partitions. Times are milliseconds since the epoch. */
export interface ConsumerProgress {
  /** Undefined while it is a member of the consumer group. */
  whyNotInGroup: string | undefined
  /** When it last did something: sent a request, got an answer, retried. */
  activeAt: number
  /** Since when a batch is being processed. */
  busySince: number | undefined
  /** The assigned partitions, by topic-partition. */
  partitions: Map<string, AssignedPartition>
}

export interface AssignedPartition {
  topic: string
  partition: number
  /** The offset of the first record that is not done; undefined: not known yet. */
  next: number | undefined
  /** The offset that the next record will get. */
  end: number | undefined
  /** The time of the latest record that is done; before the first one, when the partition was assigned. */
  doneAt: number
  /** Since when records wait; undefined: none do. */
  waitsSince: number | undefined
  /** How often in a row its first record was returned. */
  tries: number
}

export function initialProgress(now: number): ConsumerProgress {
  return {
    whyNotInGroup: 'connecting to Kafka',
    activeAt: now,
    busySince: undefined,
    partitions: new Map(),
  }
}

/** Replaces the assigned partitions. Those that stay assigned keep their progress. */
export function assignPartitions(progress: ConsumerProgress, assignment: Record<string, number[]>, now: number) {
  const before = progress.partitions
  progress.partitions = new Map(
    Object.entries(assignment).flatMap(([topic, partitions]) =>
      partitions.map((partition): [string, AssignedPartition] => {
        const name = partitionName(topic, partition)
        const started = {
          topic,
          partition,
          next: undefined,
          end: undefined,
          doneAt: now,
          waitsSince: undefined,
          tries: 0,
        }
        return [name, before.get(name) ?? started]
      }),
    ),
  )
}

export function updateProgress(
  position: AssignedPartition,
  offsets: Partial<Pick<AssignedPartition, 'next' | 'end'>>,
  now: number,
) {
  Object.assign(position, offsets)
  const { next, end, waitsSince } = position
  const isWaiting = next !== undefined && end !== undefined && next < end
  position.waitsSince = isWaiting ? (waitsSince ?? now) : undefined
}

/** "kube-events-0", as in Lambda's event. */
export function partitionName(topic: string, partition: number): string {
  return `${topic}-${partition}`
}

export interface PartitionLag {
  topic: string
  partition: number
  records: number
  /** The age of the last record that is done, or how long records have waited, whichever is less; 0 if none wait. */
  seconds: number
}

/** The lag of each partition whose offsets are known. */
export function lagOf({ partitions }: ConsumerProgress, now: number): PartitionLag[] {
  return [...partitions.values()].flatMap(({ topic, partition, next, end, doneAt, waitsSince }) => {
    if (next === undefined || end === undefined) return []
    const records = Math.max(0, end - next)
    const since = Math.max(doneAt, waitsSince ?? now)
    return [{ topic, partition, records, seconds: Math.max(0, Math.round((now - since) / 1_000)) }]
  })
}
