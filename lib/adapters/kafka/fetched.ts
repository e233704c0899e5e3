import { randomInt } from 'node:crypto'
import Decoder from 'kafkajs/src/protocol/decoder.js'
import readMessageSet from 'kafkajs/src/protocol/messageSet/decoder.js'
import definitions from 'kafkajs/src/protocol/requests/fetch/index.js'
import { type FetchedMessage, headBytes, mostBatchBytes, mostBatchRecords, readBatch } from './records.ts'

// kafkajs 2.2.4 unpacks all that it fetched at once, however much comes of it, and a batch that it can't read ends the consumer, each time
// anew. So the answers to its fetches are read here, in the shape in which it reads them.

const { protocol } = definitions
// Below this version brokers (before 0.11) know no batches.
const leastVersion = 4

let isTakenOver = false

/** From now on kafkajs' consumers get a message for what can't be read, and never more at once than fits into memory. */
export function takeOverFetches() {
  if (isTakenOver) return
  isTakenOver = true
  definitions.protocol = ({ version }) => {
    const make = protocol({ version })
    if (version < leastVersion) return make
    return (options) => {
      const made = make(options)
      return { ...made, response: { ...made.response, decode: (bytes) => readAnswer(bytes, version) } }
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

export interface Answer {
  throttleTime: number
  clientSideThrottleTime?: number
  errorCode?: number
  sessionId?: number
  responses: { topicName: string; partitions: Partition[] }[]
}

/**
 * The answer to a fetch. What does not fit into memory with the rest of it is left out, and fetched again; the partitions take turns in being
 * first, by `chooseFirst`, so that none waits for ever behind others.
 */
export async function readAnswer(
  bytes: Buffer,
  version: number,
  chooseFirst: (count: number) => number = randomInt,
): Promise<Answer> {
  const sets: { partition: Partition; set: Buffer }[] = []
  const cursor = openCursor(bytes)
  const throttleTime = cursor.int32()
  // From 8 on the client waits, not the broker.
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

/** What may still be taken into memory; the batch with which it is used up is taken as a whole. */
interface Room {
  bytes: number
  records: number
}

// The offset, the length of what follows, and the format's number, which stands at one place in all formats.
const formatAt = 16

async function readSet(set: Buffer, room: Room): Promise<FetchedMessage[]> {
  const messages: FetchedMessage[][] = []
  let at = 0
  while (at + formatAt < set.length && room.bytes > 0 && room.records > 0) {
    const size = 12 + set.readInt32BE(at + 8)
    const isBatch = set.readInt8(at + formatAt) >= 2
    const entry = set.subarray(at, at + size)
    // Cut off at the end of the answer it comes again. One that is too short for its own head is damaged, and nobody knows where the next is.
    if (entry.length < size || size < (isBatch ? headBytes : formatAt)) break
    const found = isBatch ? await readBatch(entry) : await readOldEntry(entry)
    messages.push(found.messages)
    room.bytes -= found.bytes
    room.records -= found.messages.length
    at += size
  }
  return messages.flat()
}

// kafkajs asks each message for it where some transaction was aborted.
const noTransaction = { producerId: '-1', inTransaction: false }

/** Of the formats before Kafka 0.11, which brokers may still have on their disks up to 3.9. One entry may be several messages, compressed. */
async function readOldEntry(entry: Buffer): Promise<{ messages: FetchedMessage[]; bytes: number }> {
  const offset = String(entry.readBigInt64BE(0))
  const unreadable = (problem: string): FetchedMessage => ({
    ...{ offset, timestamp: '-1', key: null, value: null, headers: {}, attributes: 0, isControlRecord: false },
    ...{ magicByte: entry.readInt8(formatAt), unreadable: `offset ${offset}: ${problem}` },
  })
  try {
    const messages: FetchedMessage[] = await readMessageSet(new Decoder(entry), entry.length)
    const bytes = messages.reduce(
      (sum, { key, value }) => sum + (key?.length ?? 0) + (value?.length ?? 0),
      entry.length,
    )
    // The entry has the offset of its last message. Where its inside is cut off kafkajs leaves out the rest without a word.
    if (messages.at(-1)?.offset !== offset) messages.push(unreadable('it is damaged'))
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
  let place = 0
  const passed = (size: number) => {
    place += size
    return place - size
  }
  const int16 = () => bytes.readInt16BE(passed(2))
  const int32 = () => bytes.readInt32BE(passed(4))
  // A length below 0 stands for none.
  const slice = (length: number) => bytes.subarray(passed(Math.max(0, length)), place)
  return {
    ...{ int16, int32 },
    int64: () => String(bytes.readBigInt64BE(passed(8))),
    string: () => slice(int16()).toString('utf8'),
    bytes: () => slice(int32()),
    list: (read) => Array.from({ length: Math.max(0, int32()) }, read),
  }
}
