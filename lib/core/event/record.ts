import { isObject } from '../json.ts'

/** A Kafka record as Lambda passes it. `value` is unchecked. */
export interface KafkaRecord {
  /** The key of its topic-partition in the event's map, which a batch item failure calls `partition`. */
  mapKey: string
  topic: string
  partition: number
  offset: number
  value: unknown
}

/**
 * All records of a Lambda Kafka event (Amazon MSK or self-managed), by topic, partition and offset.
 * Throws a TypeError if `event` is not such an event; a record of an odd shape is still a record.
 */
export function readRecords(event: unknown): KafkaRecord[] {
  const groups = isObject(event) ? event.records : undefined
  if (!isObject(groups)) throw new TypeError('not a Kafka event: it has no map of records by topic-partition')
  return Object.entries(groups)
    .flatMap(([mapKey, list]) => {
      if (!Array.isArray(list)) throw new TypeError(`not a Kafka event: records["${mapKey}"] is not a list`)
      return list.map((record: unknown) => readRecord(mapKey, record))
    })
    .sort(byPosition)
}

function readRecord(mapKey: string, record: unknown): KafkaRecord {
  const fields = isObject(record) ? record : {}
  // A topic's name may contain "-"; the last one separates the partition.
  const dash = mapKey.lastIndexOf('-')
  return {
    mapKey,
    topic: typeof fields.topic === 'string' ? fields.topic : mapKey.slice(0, dash),
    // Older samples of AWS give the partition as a string.
    partition: wholeNumber(fields.partition) ?? wholeNumber(mapKey.slice(dash + 1)) ?? -1,
    offset: wholeNumber(fields.offset) ?? -1,
    value: fields.value,
  }
}

/** By topic, partition and offset. */
export function byPosition(a: KafkaRecord, b: KafkaRecord): number {
  if (a.mapKey === b.mapKey) return a.offset - b.offset
  if (a.topic !== b.topic) return a.topic < b.topic ? -1 : 1
  return a.partition - b.partition || (a.mapKey < b.mapKey ? -1 : 1)
}

function wholeNumber(value: unknown): number | undefined {
  if (value === '' || (typeof value !== 'string' && typeof value !== 'number')) return undefined
  const number = Number(value)
  return Number.isSafeInteger(number) && number >= 0 ? number : undefined
}
