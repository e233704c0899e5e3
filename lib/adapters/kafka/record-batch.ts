import { type Decompressed, decompress } from './codecs.ts'

/** A record in kafkajs's form, or one message in place of records that cannot be read. */
export interface FetchedMessage {
  offset: string
  timestamp: string
  key: Buffer | null
  value: Buffer | null
  headers: Record<string, Buffer | null | (Buffer | null)[]>
  attributes: number
  magicByte: number
  isControlRecord: boolean
  /** Formats before Kafka 0.11 have only these two fields. */
  batchContext?: Pick<BatchContext, 'producerId' | 'inTransaction'> & Partial<BatchContext>
  /** Which records cannot be read, and why. The message has the offset of the last of them. */
  unreadable?: string
}

export interface BatchContext {
  firstOffset: string
  lastOffsetDelta: number
  firstTimestamp: string
  maxTimestamp: string
  /** 0: CreateTime, 1: LogAppendTime. */
  timestampType: number
  partitionLeaderEpoch: number
  producerId: string
  producerEpoch: number
  firstSequence: number
  inTransaction: boolean
  isControlBatch: boolean
  magicByte: number
}

// A worker with 512 MB has several of these in memory at once: compressed, decompressed, as messages and as events.
export const mostBatchBytes = 16 * 1_048_576
export const mostBatchRecords = 50_000
// An Event has at most 1.5 MB (etcd's --max-request-bytes), and is longer as a string in JSON.
export const mostRecordBytes = 8 * 1_048_576
const mostHeaders = 1_000

export const headerBytes = 61

export interface RecordBatch {
  messages: FetchedMessage[]
  /** How much memory decompression took. */
  bytes: number
}

/** Reads one record batch (Kafka's message format 2). Total: one message with `unreadable` stands for records that cannot be read. */
export async function readRecordBatch(batch: Buffer): Promise<RecordBatch> {
  const context = contextOf(batch)
  const count = batch.readInt32BE(57)
  // Compaction may leave a batch without records. kafkajs skips control records but moves on to the next offset.
  if (count <= 0) {
    const skipped = { ...emptyMessage(context, context.lastOffsetDelta), isControlRecord: true }
    return { messages: [skipped], bytes: 0 }
  }
  const decompressed: Decompressed =
    count > mostBatchRecords
      ? { problem: `its batch has more than ${mostBatchRecords} records`, bytes: 0 }
      : await decompress(batch.subarray(headerBytes), batch.readInt16BE(21) & 7, mostBatchBytes)
  if ('problem' in decompressed) {
    const { problem, bytes } = decompressed
    return { messages: [unreadableMessage(context, { from: 0, to: context.lastOffsetDelta, count }, problem)], bytes }
  }
  return { messages: readRecords(decompressed.records, count, context), bytes: decompressed.records.length }
}

function readRecords(bytes: Buffer, count: number, context: BatchContext): FetchedMessage[] {
  const messages: FetchedMessage[] = []
  const reader = openReader(bytes)
  let from = 0
  for (let index = 0; index < count; index += 1) {
    const record = readRecord(reader)
    // Each of the records that follow needs an offset of its own.
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

/** Undefined if the bytes are not a record. */
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
  const range = { from: offsetDelta, to: offsetDelta, count: 1 }
  if (record.bytes > mostRecordBytes)
    return unreadableMessage(context, range, `larger than ${mostRecordBytes / 1_048_576} MB`)
  if (record.headerCount > mostHeaders) return unreadableMessage(context, range, `more than ${mostHeaders} headers`)
  const { maxTimestamp, firstTimestamp, timestampType } = context
  const timestamp = timestampType === 1 ? maxTimestamp : String(Number(firstTimestamp) + timestampDelta)
  return {
    ...emptyMessage(context, offsetDelta),
    timestamp,
    attributes,
    key,
    value,
    headers: headers.length === 0 ? {} : byName(headers),
  }
}

/** kafkajs's form: one value, or a list if the name occurs several times. */
function byName(headers: ParsedRecord['headers']): FetchedMessage['headers'] {
  const names = Map.groupBy(headers, ([name]) => name)
  return Object.fromEntries(
    [...names].map(([name, list]) => {
      const values = list.map(([, bytes]) => bytes)
      return [name, values.length === 1 ? (values[0] ?? null) : values]
    }),
  )
}

/** Offsets relative to the batch's first. */
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
  /** A zigzag varint. */
  number(): number
  /** Bytes after their length; null if that is negative. */
  bytes(): Buffer | null
  skipTo(end: number): void
  at(): number
  /** False after an attempt to read past the end; later values then mean nothing. */
  isWhole(): boolean
}

const mostNumberBytes = 10

function openReader(bytes: Buffer): Reader {
  let position = 0
  let isWhole = true

  function byte(): number {
    const found = bytes[position]
    if (found === undefined) isWhole = false
    else position += 1
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
    isWhole &&= end >= position && end <= bytes.length
    if (isWhole) position = end
  }

  return {
    byte,
    number,
    skipTo,
    bytes() {
      const length = number()
      if (length < 0) return null
      const from = position
      skipTo(from + length)
      return isWhole ? bytes.subarray(from, position) : null
    },
    at: () => position,
    isWhole: () => isWhole,
  }
}
