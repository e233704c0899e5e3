import { type Unpacked, unpack } from './unpack.ts'

/** A record in the form in which kafkajs hands it on, or what stands for records that can't be read. */
export interface FetchedMessage {
  offset: string
  timestamp: string
  key: Buffer | null
  value: Buffer | null
  headers: Record<string, Buffer | null | (Buffer | null)[]>
  attributes: number
  magicByte: number
  isControlRecord: boolean
  /** Of formats before Kafka 0.11 only these two fields. */
  batchContext?: Pick<BatchContext, 'producerId' | 'inTransaction'> & Partial<BatchContext>
  /** Why, and which ones: they come as one, at the place of the last of them. */
  unreadable?: string
}

export interface BatchContext {
  firstOffset: string
  lastOffsetDelta: number
  firstTimestamp: string
  maxTimestamp: string
  /** 0 CreateTime, 1 LogAppendTime */
  timestampType: number
  partitionLeaderEpoch: number
  producerId: string
  producerEpoch: number
  firstSequence: number
  inTransaction: boolean
  isControlBatch: boolean
  magicByte: number
}

// In a worker with 512 MB several of these are in memory at once: packed, unpacked, as messages and as what is made of them.
export const mostBatchBytes = 16 * 1_048_576
export const mostBatchRecords = 50_000
// An Event has 1.5 MB at most (etcd's --max-request-bytes), and becomes longer as text in JSON.
export const mostRecordBytes = 8 * 1_048_576
const mostHeaders = 1_000

export const headBytes = 61

export interface Batch {
  messages: FetchedMessage[]
  /** How much memory it took to unpack. */
  bytes: number
}

/** The records of one batch (Kafka's message format 2), from its head to its end. Total: what can't be read is told by a message of its own. */
export async function readBatch(batch: Buffer): Promise<Batch> {
  const context = contextOf(batch)
  const count = batch.readInt32BE(57)
  // Compaction may leave a batch without records. kafkajs passes over a control record, and shows it to nobody.
  if (count <= 0) {
    const nothing = { ...emptyMessage(context, context.lastOffsetDelta), isControlRecord: true }
    return { messages: [nothing], bytes: 0 }
  }
  const unpacked: Unpacked =
    count > mostBatchRecords
      ? { problem: `more than ${mostBatchRecords} records in one batch`, bytes: 0 }
      : await unpack(batch.subarray(headBytes), batch.readInt16BE(21) & 7, mostBatchBytes)
  if ('problem' in unpacked) {
    const { problem, bytes } = unpacked
    return { messages: [unreadableMessage(context, { from: 0, to: context.lastOffsetDelta, count }, problem)], bytes }
  }
  return { messages: readRecords(unpacked.records, count, context), bytes: unpacked.records.length }
}

function readRecords(bytes: Buffer, count: number, context: BatchContext): FetchedMessage[] {
  const messages: FetchedMessage[] = []
  const reader = openReader(bytes)
  let from = 0
  for (let index = 0; index < count; index += 1) {
    const record = readRecord(reader)
    // Those that follow have offsets of their own.
    const most = context.lastOffsetDelta - (count - 1 - index)
    const isInPlace = record && record.offsetDelta >= from && record.offsetDelta <= most
    if (!isInPlace) {
      const rest = { from, to: context.lastOffsetDelta, count: count - index }
      messages.push(unreadableMessage(context, rest, 'its batch is damaged'))
      break
    }
    messages.push(messageOf(record, context))
    from = record.offsetDelta + 1
  }
  return messages
}

function contextOf(batch: Buffer): BatchContext {
  const attributes = batch.readInt16BE(21)
  return {
    firstOffset: String(batch.readBigInt64BE(0)),
    partitionLeaderEpoch: batch.readInt32BE(12),
    magicByte: batch.readInt8(16),
    lastOffsetDelta: Math.max(0, batch.readInt32BE(23)),
    firstTimestamp: String(batch.readBigInt64BE(27)),
    maxTimestamp: String(batch.readBigInt64BE(35)),
    producerId: String(batch.readBigInt64BE(43)),
    producerEpoch: batch.readInt16BE(51),
    firstSequence: batch.readInt32BE(53),
    timestampType: attributes & 8 ? 1 : 0,
    inTransaction: (attributes & 16) > 0,
    isControlBatch: (attributes & 32) > 0,
  }
}

interface ParsedRecord {
  bytes: number
  attributes: number
  timestampDelta: number
  offsetDelta: number
  key: Buffer | null
  value: Buffer | null
  headers: [string, Buffer | null][]
  headerCount: number
}

/** Undefined for what is no record. */
function readRecord(reader: Reader): ParsedRecord | undefined {
  const bytes = reader.number()
  const end = reader.at() + bytes
  const record = {
    bytes,
    attributes: reader.byte(),
    timestampDelta: reader.number(),
    offsetDelta: reader.number(),
    key: reader.bytes(),
    value: reader.bytes(),
    headerCount: reader.number(),
    headers: [] as ParsedRecord['headers'],
  }
  while (record.headers.length < Math.min(record.headerCount, mostHeaders) && reader.isWhole())
    record.headers.push([reader.bytes()?.toString('utf8') ?? '', reader.bytes()])
  if (record.headerCount > mostHeaders) reader.skipTo(end)
  return reader.isWhole() && reader.at() === end ? record : undefined
}

function messageOf(record: ParsedRecord, context: BatchContext): FetchedMessage {
  const { offsetDelta, timestampDelta, attributes, key, value, headers } = record
  const place = { from: offsetDelta, to: offsetDelta, count: 1 }
  if (record.bytes > mostRecordBytes)
    return unreadableMessage(context, place, `larger than ${mostRecordBytes / 1_048_576} MB`)
  if (record.headerCount > mostHeaders)
    return unreadableMessage(context, place, `it has more than ${mostHeaders} headers`)
  const { maxTimestamp, firstTimestamp, timestampType } = context
  const timestamp = timestampType === 1 ? maxTimestamp : String(Number(firstTimestamp) + timestampDelta)
  return {
    ...emptyMessage(context, offsetDelta),
    ...{ timestamp, attributes, key, value },
    headers: headers.length === 0 ? {} : byName(headers),
  }
}

/** One value alone where a name comes once, else all of them. */
function byName(headers: ParsedRecord['headers']): FetchedMessage['headers'] {
  const names = Map.groupBy(headers, ([name]) => name)
  return Object.fromEntries(
    [...names].map(([name, list]) => {
      const values = list.map(([, bytes]) => bytes)
      return [name, values.length === 1 ? (values[0] ?? null) : values]
    }),
  )
}

/** Offsets are counted from the batch's first. */
interface Range {
  from: number
  to: number
  count: number
}

function unreadableMessage(context: BatchContext, { from, to, count }: Range, problem: string): FetchedMessage {
  const first = offsetOf(context, from)
  const last = offsetOf(context, to)
  const records = count === 1 ? '1 record' : `${count} records`
  const where = first === last ? `offset ${last}` : `offsets ${first} to ${last} (${records})`
  return { ...emptyMessage(context, to), unreadable: `${where}: ${problem}` }
}

function emptyMessage(context: BatchContext, offsetDelta: number): FetchedMessage {
  return {
    offset: offsetOf(context, offsetDelta),
    timestamp: context.maxTimestamp,
    key: null,
    value: null,
    headers: {},
    attributes: 0,
    magicByte: context.magicByte,
    isControlRecord: context.isControlBatch,
    batchContext: context,
  }
}

function offsetOf({ firstOffset }: BatchContext, delta: number): string {
  return String(Number(firstOffset) + delta)
}

interface Reader {
  byte(): number
  /** One of variable length, with its sign in its last bit. */
  number(): number
  /** With their length before them; null where that is below 0. */
  bytes(): Buffer | null
  skipTo(end: number): void
  at(): number
  /** False as soon as something was read that is not there; what is read from then on means nothing. */
  isWhole(): boolean
}

const mostNumberBytes = 10

function openReader(bytes: Buffer): Reader {
  let place = 0
  let isWhole = true

  function byte(): number {
    const found = bytes[place]
    if (found === undefined) isWhole = false
    else place += 1
    return found ?? 0
  }

  function number(): number {
    let sum = 0
    for (let count = 0; count < mostNumberBytes; count += 1) {
      const found = byte()
      sum += (found & 127) * 128 ** count
      if (found < 128) return sum % 2 === 0 ? sum / 2 : -(sum + 1) / 2
    }
    isWhole = false
    return 0
  }

  function skipTo(end: number) {
    isWhole &&= end >= place && end <= bytes.length
    if (isWhole) place = end
  }

  return {
    ...{ byte, number, skipTo },
    bytes() {
      const length = number()
      if (length < 0) return null
      const from = place
      skipTo(from + length)
      return isWhole ? bytes.subarray(from, place) : null
    },
    at: () => place,
    isWhole: () => isWhole,
  }
}
