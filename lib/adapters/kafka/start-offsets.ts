import type { Admin } from 'kafkajs'
import { partitionName } from './progress.ts'

interface Group {
  admin: Admin
  group: string
  topics: string[]
}

/** Where to start reading a partition without a committed offset. */
export interface StartOffset {
  topic: string
  partition: number
  offset: string
  /** The group has read a deleted topic of the same name. */
  isRecreated: boolean
}

/** The partitions, by name, of the topics for which the group has no committed offset at all: it has never read them. */
export async function unreadPartitions({ admin, group, topics }: Group): Promise<Set<string>> {
  const committed = await admin.fetchOffsets({ groupId: group, topics })
  const unread = committed.filter(({ partitions }) => partitions.every(({ offset }) => offset === '-1'))
  return new Set(
    unread.flatMap(({ topic, partitions }) => partitions.map(({ partition }) => partitionName(topic, partition))),
  )
}

/**
 * Where assigned partitions start that were never read: at their current end. It must be committed before the first record is read: without
 * committed offsets, each restart would start at a later end, and lose the records in between and those returned.
 * Two kinds of partitions start at their beginning instead: one that was added to a topic later, since nobody has read its records, and one
 * of a recreated topic: the group has read a topic of this name, its offsets were deleted with it, and no record of the new one is deleted yet.
 */
export async function startOffsets(
  assignment: Record<string, number[]>,
  { unread, readBefore }: { unread: Set<string>; readBefore: Set<string> },
  { admin, group }: Omit<Group, 'topics'>,
): Promise<StartOffset[]> {
  const isUnread = (topic: string, partition: number) => unread.has(partitionName(topic, partition))
  const topics = Object.entries(assignment)
    .filter(([topic, partitions]) => partitions.some((partition) => isUnread(topic, partition)))
    .map(([topic]) => topic)
  if (topics.length === 0) return []
  const committed = await admin.fetchOffsets({ groupId: group, topics })
  const found = committed.map(async ({ topic, partitions }) => {
    // Another member may have committed one in the meantime.
    const without = partitions.filter(
      ({ partition, offset }) =>
        offset === '-1' && assignment[topic]?.includes(partition) && isUnread(topic, partition),
    )
    const ranges = without.length === 0 ? [] : await admin.fetchTopicOffsets(topic)
    return without.flatMap(({ partition }) => {
      const range = ranges.find((one) => one.partition === partition)
      if (!range) return []
      const isRecreated = readBefore.has(topic) && range.low === '0'
      return [{ topic, partition, offset: isRecreated ? range.low : range.high, isRecreated }]
    })
  })
  return (await Promise.all(found)).flat()
}

/** How many records retention deleted before the group read them, by partition. */
export async function deletedUnread(
  assignment: Record<string, number[]>,
  { admin, group }: Omit<Group, 'topics'>,
): Promise<{ topic: string; partition: number; records: number }[]> {
  const topics = Object.keys(assignment)
  if (topics.length === 0) return []
  const committed = await admin.fetchOffsets({ groupId: group, topics })
  const found = committed.map(async ({ topic, partitions }) => {
    const ranges = await admin.fetchTopicOffsets(topic)
    const oldest = new Map(ranges.map(({ partition, low }) => [partition, Number(low)]))
    return partitions.flatMap(({ partition, offset }) => {
      const records = (oldest.get(partition) ?? 0) - Number(offset)
      // A negative offset means that none is committed, or that kafkajs has just found it out of range.
      const isMine = assignment[topic]?.includes(partition) && Number(offset) >= 0
      return isMine && records > 0 ? [{ topic, partition, records }] : []
    })
  })
  return (await Promise.all(found)).flat()
}
