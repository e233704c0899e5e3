/** The header fields of a batch in Kafka's format 2, and its records as `body`. */
export interface BatchParts {
  baseOffset?: number
  attributes?: number
  lastOffsetDelta?: number
  firstTimestamp?: number
  maxTimestamp?: number
  count: number
  body: Buffer
}

export function batchOf(parts: BatchParts): Buffer {
  const { baseOffset = 0, attributes = 0, count, lastOffsetDelta = count - 1, body } = parts
  const { firstTimestamp = -1, maxTimestamp = firstTimestamp } = parts
  const head = Buffer.alloc(61)
  head.writeBigInt64BE(BigInt(baseOffset), 0)
  head.writeInt32BE(49 + body.length, 8)
  head.writeInt8(2, 16)
  head.writeInt16BE(attributes, 21)
  head.writeInt32BE(lastOffsetDelta, 23)
  head.writeBigInt64BE(BigInt(firstTimestamp), 27)
  head.writeBigInt64BE(BigInt(maxTimestamp), 35)
  head.writeBigInt64BE(-1n, 43)
  head.writeInt16BE(-1, 51)
  head.writeInt32BE(-1, 53)
  head.writeInt32BE(count, 57)
  return Buffer.concat([head, body])
}

export interface RecordParts {
  timestampDelta?: number
  key?: Buffer | null
  value?: Buffer | null
  headers?: [string, Buffer | null][]
}

/** The records of a batch before compression. */
export function recordsOf(records: readonly RecordParts[]): Buffer {
  return Buffer.concat(
    records.map(({ timestampDelta = 0, key = null, value = null, headers = [] }, offsetDelta) => {
      const content = Buffer.concat([
        Buffer.from([0, ...varint(timestampDelta), ...varint(offsetDelta)]),
        sized(key),
        sized(value),
        Buffer.from(varint(headers.length)),
        ...headers.flatMap(([name, bytes]) => [sized(Buffer.from(name)), sized(bytes)]),
      ])
      return sized(content)
    }),
  )
}

function sized(bytes: Buffer | null): Buffer {
  return bytes === null ? Buffer.from(varint(-1)) : Buffer.concat([Buffer.from(varint(bytes.length)), bytes])
}

/** Kafka's zigzag varint. */
export function varint(value: number): number[] {
  const bytes: number[] = []
  let rest = value < 0 ? -value * 2 - 1 : value * 2
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128)
  return [...bytes, rest]
}

/** A fetch response for one topic, with one record set per partition. */
export function fetchResponseOf(sets: readonly Buffer[], version: number): Buffer {
  const partitions = sets.map((set, partition) =>
    Buffer.concat([
      int(4, partition),
      int(2, 0),
      int(8, 1_000),
      int(8, 1_000),
      ...(version >= 5 ? [int(8, 0)] : []),
      int(4, 1),
      int(8, 7),
      int(8, 999),
      ...(version >= 11 ? [int(4, -1)] : []),
      int(4, set.length),
      set,
    ]),
  )
  return Buffer.concat([
    int(4, 5),
    ...(version >= 7 ? [int(2, 0), int(4, 3)] : []),
    int(4, 1),
    int(2, 6),
    Buffer.from('events'),
    int(4, sets.length),
    ...partitions,
  ])
}

function int(bytes: 2 | 4 | 8, value: number): Buffer {
  const buffer = Buffer.alloc(bytes)
  if (bytes === 8) buffer.writeBigInt64BE(BigInt(value))
  else buffer.writeIntBE(value, 0, bytes)
  return buffer
}

/** A message of Kafka's format 1 (before 0.11): a single one, or a compressed set whose last message has this offset. */
export function oldMessageOf(offset: number, value: Buffer, attributes = 0): Buffer {
  const head = Buffer.from([0, 0, 0, 0, 1, attributes])
  const content = Buffer.concat([head, int(8, 1_795_476_394_000), int(4, -1), int(4, value.length), value])
  return Buffer.concat([int(8, offset), int(4, content.length), content])
}
