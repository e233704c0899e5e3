import { randomInt } from 'node:crypto'
import Decoder from 'kafkajs/src/protocol/decoder.js'
import readMessageSet from 'kafkajs/src/protocol/messageSet/decoder.js'
import definitions from 'kafkajs/src/protocol/requests/fetch/index.js'
import { type FetchedMessage, headerBytes, mostBatchBytes, mostBatchRecords, readRecordBatch } from './record-batch.ts'

// kafkajs 2.2.4 decompresses a whole fetch response at once, without a limit, and one batch that it cannot read stops the consumer again and
// again. So this file decodes the responses instead, into kafkajs's own form.

const { protocol } = definitions
// Brokers before Kafka 0.11 use lower versions, without record batches.
const firstVersionWithBatches = 4

/** Makes all consumers of kafkajs get a message in place of unreadable records, and never more at once than fits into memory. Call it once. */
export function replaceFetchDecoder() {
  definitions.protocol = ({ version }) => {
    const make = protocol({ version })
    if (version < firstVersionWithBatches) return make
    return (options) => {
      const made = make(options)
      return { ...made, response: { ...made.response, decode: (bytes) => readFetchResponse(bytes, version) } }
    }
  }
}

interface Partition {
  partition: number
  errorCode: number
  highWatermark: string
  lastStableOffset: string
  lastStartOffset?: string
  abortedTransactions: { producerId: string; firstOffset: string }[]
  preferredReadReplica?: number
  messages: FetchedMessage[]
}

export interface FetchResponse {
  throttleTime: number
  clientSideThrottleTime?: number
  errorCode?: number
  sessionId?: number
  responses: { topicName: string; partitions: Partition[] }[]
}

/**
 * Reads a fetch response. Batches that do not fit into memory are left out, and the consumer fetches them again. `chooseFirst` picks the
 * partition to start with, so that no partition is always the one left out.
 */
export async function readFetchResponse(
  bytes: Buffer,
  version: number,
  chooseFirst: (count: number) => number = randomInt,
): Promise<FetchResponse> {
  const sets: { partition: Partition; set: Buffer }[] = []
  const cursor = openCursor(bytes)
  const throttleTime = cursor.int32()
  // Since version 8 the client waits, not the broker.
  const throttle = version < 8 ? { throttleTime } : { throttleTime: 0, clientSideThrottleTime: throttleTime }
  const session = version < 7 ? {} : { errorCode: cursor.int16(), sessionId: cursor.int32() }
  const responses = cursor.list(() => ({
    topicName: cursor.string(),
    partitions: cursor.list(() => {
      const partition = readPartition(cursor, version)
      sets.push({ partition, set: cursor.bytes() })
      return partition
    }),
  }))
  const room: Room = { bytes: mostBatchBytes, records: mostBatchRecords }
  const first = sets.length === 0 ? 0 : chooseFirst(sets.length)
  for (const { partition, set } of [...sets.slice(first), ...sets.slice(0, first)])
    partition.messages = await readSet(set, room)
  return { ...throttle, ...session, responses }
}

function readPartition(cursor: Cursor, version: number): Partition {
  return {
    partition: cursor.int32(),
    errorCode: cursor.int16(),
    highWatermark: cursor.int64(),
    lastStableOffset: cursor.int64(),
    ...(version < 5 ? {} : { lastStartOffset: cursor.int64() }),
    abortedTransactions: cursor.list(() => ({ producerId: cursor.int64(), firstOffset: cursor.int64() })),
    ...(version < 11 ? {} : { preferredReadReplica: cursor.int32() }),
    messages: [],
  }
}

/** The memory that is left; the last batch may exceed it. */
interface Room {
  bytes: number
  records: number
}

// The byte with the format's number, at the same place in all formats.
const formatAt = 16

async function readSet(set: Buffer, room: Room): Promise<FetchedMessage[]> {
  const messages: FetchedMessage[][] = []
  let at = 0
  while (at + formatAt < set.length && room.bytes > 0 && room.records > 0) {
    const size = 12 + set.readInt32BE(at + 8)
    const isBatch = set.readInt8(at + formatAt) >= 2
    const entry = set.subarray(at, at + size)
    // An entry that is cut off at the end of the response is fetched again. One shorter than its own header is damaged: the next cannot be found.
    if (entry.length < size || size < (isBatch ? headerBytes : formatAt)) break
    const found = isBatch ? await readRecordBatch(entry) : await readOldEntry(entry)
    messages.push(found.messages)
    room.bytes -= found.bytes
    room.records -= found.messages.length
    at += size
  }
  return messages.flat()
}

// kafkajs reads this from every message if a transaction was aborted.
const noTransaction = { producerId: '-1', inTransaction: false }

/** Reads an entry in a format before Kafka 0.11, which brokers up to 3.9 may still store. One entry may hold several compressed messages. */
async function readOldEntry(entry: Buffer): Promise<{ messages: FetchedMessage[]; bytes: number }> {
  const offset = String(entry.readBigInt64BE(0))
  const unreadable = (problem: string): FetchedMessage => ({
    offset,
    timestamp: '-1',
    key: null,
    value: null,
    headers: {},
    attributes: 0,
    isControlRecord: false,
    magicByte: entry.readInt8(formatAt),
    unreadable: `offset ${offset}: ${problem}`,
  })
  try {
    const messages: FetchedMessage[] = await readMessageSet(new Decoder(entry), entry.length)
    const bytes = messages.reduce(
      (sum, { key, value }) => sum + (key?.length ?? 0) + (value?.length ?? 0),
      entry.length,
    )
    // The entry has the offset of its last message. If the entry is cut off inside, kafkajs leaves out the rest without an error.
    if (messages.at(-1)?.offset !== offset) messages.push(unreadable('its batch is damaged'))
    return { messages: messages.map((message) => ({ ...message, batchContext: noTransaction })), bytes }
  } catch (error) {
    const message = unreadable(error instanceof Error ? error.message : String(error))
    return { messages: [{ ...message, batchContext: noTransaction }], bytes: mostBatchBytes }
  }
}

interface Cursor {
  int16(): number
  int32(): number
  int64(): string
  string(): string
  bytes(): Buffer
  list<Item>(read: () => Item): Item[]
}

function openCursor(bytes: Buffer): Cursor {
  let position = 0
  const passed = (size: number) => {
    position += size
    return position - size
  }
  const int16 = () => bytes.readInt16BE(passed(2))
  const int32 = () => bytes.readInt32BE(passed(4))
  // A negative length means null.
  const slice = (length: number) => bytes.subarray(passed(Math.max(0, length)), position)
  return {
    int16,
    int32,
    int64: () => String(bytes.readBigInt64BE(passed(8))),
    string: () => slice(int16()).toString('utf8'),
    bytes: () => slice(int32()),
    list: (read) => Array.from({ length: Math.max(0, int32()) }, read),
  }
}
