import { parseTime } from '../../core/event/time.ts'
import type { Admin } from '../broker.ts'
import { Misuse, UserError } from '../command.ts'

export type From =
  | { kind: 'beginning' }
  | { kind: 'latest' }
  | { kind: 'time'; at: number; text: string }
  | { kind: 'offset'; offset: number }

/** The offsets to read from a partition; the last one is excluded. */
export interface Range {
  partition: number
  /** The leading broker. */
  leader: number
  /** The oldest offset that still exists. */
  low: number
  from: number
  /** The end of the partition when the command started. */
  end: number
}

export function readFrom(text: string): From {
  if (text === 'beginning') return { kind: 'beginning' }
  if (text === 'latest') return { kind: 'latest' }
  if (/^\d{1,15}$/.test(text)) return { kind: 'offset', offset: Number(text) }
  const at = parseTime(text)
  if (at !== undefined) return { kind: 'time', at, text }
  throw new Misuse(`--from: "${text}" must be beginning, latest, a time such as 2026-11-24T07:26:34Z, or an offset`)
}

interface Wanted {
  topic: string
  from: From
  /** Empty: all. */
  partitions: number[]
}

/** The ranges by partition. Throws a UserError for a partition or an offset that does not exist. */
export async function findRanges(admin: Admin, { topic, from, partitions }: Wanted): Promise<Range[]> {
  const { topics } = await admin.fetchTopicMetadata({ topics: [topic] })
  const leaders = new Map(topics[0]?.partitions.map(({ partitionId, leader }) => [partitionId, leader]))
  const offsets = await admin.fetchTopicOffsets(topic)
  const found = from.kind === 'time' ? await admin.fetchTopicOffsetsByTimestamp(topic, from.at) : []
  const places = new Map(found.map(({ partition, offset }) => [partition, Number(offset)]))

  const all = offsets
    .map(({ partition, low, high }) => ({ partition, low: Number(low), end: Number(high) }))
    .sort((one, other) => one.partition - other.partition)
  const missing = partitions.find((wanted) => all.every(({ partition }) => partition !== wanted))
  if (missing !== undefined)
    throw new UserError(`topic ${topic} has no partition ${missing}: its partitions are 0 to ${all.length - 1}`)
  const chosen = all.filter(({ partition }) => partitions.length === 0 || partitions.includes(partition))
  return chosen.map((one) => ({ ...one, leader: leaders.get(one.partition) ?? -1, from: startOf(one) }))

  function startOf({ partition, low, end }: Pick<Range, 'partition' | 'low' | 'end'>): number {
    if (from.kind === 'beginning') return low
    if (from.kind === 'latest') return end
    if (from.kind === 'time') return Math.min(places.get(partition) ?? end, end)
    if (from.offset >= low && from.offset <= end) return from.offset
    const has = low === end ? `has no records, its next offset is ${end}` : `has offsets ${low} to ${end - 1}`
    throw new UserError(
      `--from ${from.offset}: partition ${partition} of topic ${topic} ${has}${all.length > 1 ? '. Use --partition <n> to read one partition only' : ''}`,
    )
  }
}

export function sizeOf(ranges: readonly Range[]): number {
  return ranges.reduce((sum, { from, end }) => sum + end - from, 0)
}

/** Why there is nothing to read. */
export function emptiness(topic: string, from: From, ranges: readonly Range[]): string {
  const isEmpty = ranges.every(({ low, end }) => low === end)
  if (isEmpty && ranges.every(({ end }) => end === 0))
    return `topic ${topic} is empty: nothing was ever written to it. kube-eventer sends events every 30 s; use --follow to wait for them`
  if (isEmpty)
    return `topic ${topic} is empty: its retention has removed all records. Use --follow to wait for new ones`
  if (from.kind === 'time') return `topic ${topic} has no records since ${from.text}`
  return `topic ${topic} has no records from there on. Use --follow to wait for new ones`
}

/** Why a topic whose records have no timestamps can't be read from a time on. */
export function timelessness(topic: string, { text }: { text: string }): string {
  return `--from ${text}: the records of topic ${topic} have no timestamps (kube-eventer sends −1), so Kafka can't search by time. Use beginning or an offset. To get timestamps from now on, set message.timestamp.type=LogAppendTime on the topic`
}
