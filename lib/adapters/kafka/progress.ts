/** How the consumer stands with the group and its partitions. Times are milliseconds since the epoch. */
export interface Progress {
  isInGroup: boolean
  /** When it last did something: asked a broker, got an answer, tried again. */
  aliveAt: number
  /** Since when a batch is under way. */
  busySince: number | undefined
  /** Why it is not in the group, in words. */
  waitsFor: string | undefined
  /** Those that are assigned to this consumer, by topic-partition. */
  partitions: Map<string, Position>
}

export interface Position {
  topic: string
  partition: number
  /** The offset of the first record that is not done; undefined: not known yet. */
  next: number | undefined
  /** The offset that the next record will get. */
  end: number | undefined
  /** The time of the latest record that is done, else when the partition came to this consumer. */
  doneAt: number
  /** Since when something waits; undefined: nothing does. */
  waitsSince: number | undefined
  /** How often in a row its first record was handed back. */
  tries: number
}

export function freshProgress(now: number): Progress {
  return {
    isInGroup: false,
    aliveAt: now,
    busySince: undefined,
    waitsFor: 'the first connection',
    partitions: new Map(),
  }
}

/** From now on these partitions are this consumer's; what is known of those that stay is kept. */
export function assign(progress: Progress, assignment: Record<string, number[]>, now: number) {
  const known = progress.partitions
  progress.partitions = new Map(
    Object.entries(assignment).flatMap(([topic, partitions]) =>
      partitions.map((partition): [string, Position] => {
        const name = nameOf(topic, partition)
        const fresh = {
          topic,
          partition,
          next: undefined,
          end: undefined,
          doneAt: now,
          waitsSince: undefined,
          tries: 0,
        }
        return [name, known.get(name) ?? fresh]
      }),
    ),
  )
}

/** What has become known of a partition. */
export function follow(position: Position, known: Partial<Pick<Position, 'next' | 'end'>>, now: number) {
  Object.assign(position, known)
  const { next, end, waitsSince } = position
  const isWaiting = next !== undefined && end !== undefined && next < end
  position.waitsSince = isWaiting ? (waitsSince ?? now) : undefined
}

export function nameOf(topic: string, partition: number): string {
  return `${topic}-${partition}`
}

export interface Lag {
  topic: string
  partition: number
  records: number
  /** How long ago that happened which was done last, or since when something waits, whichever is less; 0 if nothing does. */
  seconds: number
}

/** What waits in each partition of which that is known. */
export function lagOf({ partitions }: Progress, now: number): Lag[] {
  return [...partitions.values()].flatMap(({ topic, partition, next, end, doneAt, waitsSince }) => {
    if (next === undefined || end === undefined) return []
    const records = Math.max(0, end - next)
    const since = Math.max(doneAt, waitsSince ?? now)
    return [{ topic, partition, records, seconds: Math.max(0, Math.round((now - since) / 1_000)) }]
  })
}
