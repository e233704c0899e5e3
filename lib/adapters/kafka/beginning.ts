import type { Admin } from 'kafkajs'
import { nameOf } from './progress.ts'

interface Group {
  admin: Admin
  group: string
  topics: string[]
}

/** A partition and an offset in it. */
export interface Place {
  topic: string
  partition: number
  offset: string
}

/** Where a partition begins that was never read. */
export interface Beginning extends Place {
  /** The group has read another topic of this name. */
  isAnew: boolean
}

/** The partitions, by name, of topics of which the group has no committed offset at all: it has never read them. */
export async function unreadPartitions({ admin, group, topics }: Group): Promise<Set<string>> {
  const committed = await admin.fetchOffsets({ groupId: group, topics })
  const unread = committed.filter(({ partitions }) => partitions.every(({ offset }) => offset === '-1'))
  return new Set(unread.flatMap(({ topic, partitions }) => partitions.map(({ partition }) => nameOf(topic, partition))))
}

/**
 * Where assigned partitions begin that were never read: at their present end. It has to be committed before the first record is read: a group
 * without committed offsets would begin at a later end after each restart, and what came in between, or was handed back, would be lost.
 * A partition that was added to a topic later begins at its beginning, since nobody has seen what is in it; and so does one of which nothing
 * was deleted yet, if the group had read its topic: that was deleted, and its offsets with it.
 */
export async function latestOf(
  assignment: Record<string, number[]>,
  { unread, known }: { unread: Set<string>; known: Set<string> },
  { admin, group }: Omit<Group, 'topics'>,
): Promise<Beginning[]> {
  const isUnread = (topic: string, partition: number) => unread.has(nameOf(topic, partition))
  const topics = Object.entries(assignment)
    .filter(([topic, partitions]) => partitions.some((partition) => isUnread(topic, partition)))
    .map(([topic]) => topic)
  if (topics.length === 0) return []
  const committed = await admin.fetchOffsets({ groupId: group, topics })
  const places = committed.map(async ({ topic, partitions }) => {
    // Another member may have been here first.
    const mine = partitions.filter(
      ({ partition, offset }) =>
        offset === '-1' && assignment[topic]?.includes(partition) && isUnread(topic, partition),
    )
    const ends = mine.length === 0 ? [] : await admin.fetchTopicOffsets(topic)
    return mine.flatMap(({ partition }) => {
      const end = ends.find((one) => one.partition === partition)
      if (!end) return []
      const isAnew = known.has(topic) && end.low === '0'
      return [{ topic, partition, offset: isAnew ? end.low : end.high, isAnew }]
    })
  })
  return (await Promise.all(places)).flat()
}

/** Committed offsets that retention has passed: those records were gone before they were read. */
export async function passedBy(
  assignment: Record<string, number[]>,
  { admin, group }: Omit<Group, 'topics'>,
): Promise<{ topic: string; partition: number; records: number }[]> {
  const topics = Object.keys(assignment)
  if (topics.length === 0) return []
  const committed = await admin.fetchOffsets({ groupId: group, topics })
  const found = committed.map(async ({ topic, partitions }) => {
    const kept = new Map((await admin.fetchTopicOffsets(topic)).map(({ partition, low }) => [partition, Number(low)]))
    return partitions.flatMap(({ partition, offset }) => {
      const records = (kept.get(partition) ?? 0) - Number(offset)
      // Below 0 it is none: nothing is committed, or kafkajs has just been told that it was out of range.
      const isMine = assignment[topic]?.includes(partition) && Number(offset) >= 0
      return isMine && records > 0 ? [{ topic, partition, records }] : []
    })
  })
  return (await Promise.all(found)).flat()
}
