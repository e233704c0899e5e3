import { createRequire } from 'node:module'
import { buffer } from 'node:stream/consumers'
import { constants, createZstdCompress, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib'
import * as fc from 'fast-check'
import snappy from 'kafkajs-snappy'
import { describe, expect, test } from 'vitest'
import { createKafkaClient } from '../../../lib/adapters/kafka/client.ts'
import { type FetchResponse, readFetchResponse } from '../../../lib/adapters/kafka/fetch-response.ts'
import { messagesToLambdaEvent } from '../../../lib/adapters/kafka/lambda-event.ts'
import { mostBatchBytes, mostBatchRecords, mostRecordBytes } from '../../../lib/adapters/kafka/record-batch.ts'
import { batchOf, fetchResponseOf, oldMessageOf, recordsOf, varint } from '../../kafka/fetch-response.ts'

const require = createRequire(import.meta.url)
const Batch = require('kafkajs/src/consumer/batch.js')
// Registers the codecs with which kafkajs reads formats before Kafka 0.11.
createKafkaClient({ brokers: ['kafka:9092'], tls: undefined, login: undefined })

/** kafkajs's own decoder. */
async function readByKafkajs(bytes: Buffer, version: number): Promise<FetchResponse> {
  return require(`kafkajs/src/protocol/requests/fetch/v${version}/response.js`).decode(bytes)
}

const first = () => 0
const version = 11

async function messagesOf(...sets: Buffer[]) {
  const { responses } = await readFetchResponse(fetchResponseOf(sets, version), version, first)
  return (responses[0]?.partitions ?? []).map(({ messages }) => messages)
}

/** `7` for a readable record, `3 offsets 1 to 3 …` for unreadable ones. Fetches until all batches are read. */
async function readAll(...batches: Buffer[]): Promise<string[]> {
  const [messages = []] = await messagesOf(Buffer.concat(batches))
  const next = Number(messages.at(-1)?.offset) + 1
  const rest = batches.filter((batch) => Number(batch.readBigInt64BE(0)) >= next)
  const texts = messages.map(({ offset, unreadable }) => [offset, unreadable].filter(Boolean).join(' '))
  return rest.length === 0 ? texts : [...texts, ...(await readAll(...rest))]
}

/** In blocks of this size, like Java's producers. */
async function framedSnappy(bytes: Buffer, blockBytes = 1_000): Promise<Buffer> {
  const blocks = Array.from({ length: Math.ceil(bytes.length / blockBytes) }, (_, index) =>
    bytes.subarray(index * blockBytes, (index + 1) * blockBytes),
  )
  const packed = await Promise.all(blocks.map((buffer) => snappy().compress({ buffer })))
  return Buffer.concat([
    Buffer.from([130, 83, 78, 65, 80, 80, 89, 0, 0, 0, 0, 1, 0, 0, 0, 1]),
    ...packed.flatMap((block) => [length(block.length), block]),
  ])
}

function length(value: number): Buffer {
  const buffer = Buffer.alloc(4)
  buffer.writeUInt32BE(value)
  return buffer
}

const codecs = [
  { name: 'none', attributes: 0, pack: async (bytes: Buffer) => bytes },
  { name: 'gzip', attributes: 1, pack: async (bytes: Buffer) => gzipSync(bytes) },
  { name: 'deflate, which kafkajs takes as well', attributes: 1, pack: async (bytes: Buffer) => deflateSync(bytes) },
  { name: 'snappy', attributes: 2, pack: async (buffer: Buffer) => snappy().compress({ buffer }) },
  { name: 'snappy in blocks', attributes: 2, pack: framedSnappy },
  { name: 'zstd', attributes: 4, pack: async (bytes: Buffer) => zstdCompressSync(bytes) },
] as const

const good = recordsOf([{ value: Buffer.from('good') }])
const goodAt = (baseOffset: number) => batchOf({ baseOffset, count: 1, body: good })

const anyBytes = fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes))
const anyRecord = fc.record({
  timestampDelta: fc.integer({ min: 0, max: 10 ** 12 }),
  key: fc.option(anyBytes, { nil: null }),
  value: fc.option(anyBytes, { nil: null }),
  headers: fc.array(fc.tuple(fc.constantFrom('a', 'b', 'ü'), fc.option(anyBytes, { nil: null })), { maxLength: 4 }),
})
const anyBatch = fc.record({
  baseOffset: fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER - 100 }),
  firstTimestamp: fc.constantFrom(-1, 0, 1_795_476_394_000),
  maxTimestamp: fc.constantFrom(-1, 1_795_476_395_000),
  flags: fc.constantFrom(0, 8, 16, 48),
  records: fc.array(anyRecord, { minLength: 1, maxLength: 6 }),
})

test.each(codecs)('whatever is in it, it is read as kafkajs reads it: $name', async ({ attributes, pack }) => {
  const versions = fc.constantFrom(4, 5, 6, 7, 8, 9, 10, 11)
  await fc.assert(
    fc.asyncProperty(
      versions,
      fc.array(fc.array(anyBatch, { maxLength: 3 }), { maxLength: 3 }),
      async (asked, given) => {
        const sets = given.map(async (batches) =>
          Buffer.concat(
            await Promise.all(
              batches.map(async ({ records, flags, ...parts }) =>
                batchOf({
                  ...{ ...parts, attributes: attributes + flags, count: records.length },
                  body: await pack(recordsOf(records)),
                }),
              ),
            ),
          ),
        )
        const bytes = fetchResponseOf(await Promise.all(sets), asked)
        const answer = await readFetchResponse(bytes, asked, first)
        expect(answer).toEqual(await readByKafkajs(bytes, asked))
        const read = answer.responses.flatMap(({ partitions }) => partitions.map(({ messages }) => messages))
        for (const messages of read)
          expect(messagesToLambdaEvent('events', 0, messages, 'broker:9092').records['events-0']).toHaveLength(
            messages.length,
          )
      },
    ),
    { numRuns: 60 },
  )
})

test.each(codecs)(
  'whatever bytes are damaged, it ends, in the order of the offsets: $name',
  async ({ attributes, pack }) => {
    const records = Array.from({ length: 30 }, (_, index) => ({ value: Buffer.from(`{"number":${index}}`) }))
    const body = await pack(recordsOf(records))
    const batch = batchOf({ baseOffset: 100, attributes, count: records.length, body })
    const anyDamage = fc.array(fc.tuple(fc.nat({ max: body.length - 1 }), fc.nat({ max: 255 })), { minLength: 1 })
    await fc.assert(
      fc.asyncProperty(anyDamage, async (damage) => {
        const damaged = Buffer.from(batch)
        for (const [at, byte] of damage) damaged[61 + at] = byte
        const lines = await readAll(damaged, goodAt(130))
        const offsets = lines.map((line) => Number(line.split(' ')[0]))
        expect(offsets).toEqual([...new Set(offsets)].sort((one, other) => one - other))
        // The records after it are read.
        expect(offsets.slice(-2)).toEqual([129, 130])
        expect(lines.slice(0, -2).every((line) => /^\d+$/.test(line))).toBe(true)
      }),
      { numRuns: 300 },
    )
  },
)

const zeros = (size: number) => recordsOf([{ value: Buffer.alloc(size) }])

describe('an unreadable batch is reported with its offsets, and the batches around it are read', () => {
  const cases: [string, Parameters<typeof batchOf>[0], string][] = [
    ['lz4', { attributes: 3, count: 4, body: good }, 'compressed with lz4, which this program cannot read'],
    ['another codec', { attributes: 6, count: 4, body: good }, 'compressed with unknown codec 6'],
    ['no gzip', { attributes: 1, count: 4, body: good }, 'its gzip data is damaged (incorrect header check)'],
    [
      'half of it',
      { attributes: 1, count: 4, body: gzipSync(good).subarray(0, 15) },
      'its gzip data is damaged (unexpected end of file)',
    ],
    ['no zstd', { attributes: 4, count: 4, body: good }, 'its zstd data is damaged (Unknown frame descriptor)'],
    [
      'no snappy',
      { attributes: 2, count: 4, body: Buffer.alloc(9, 255) },
      'its snappy data is damaged (a block has no length)',
    ],
    ['a large one', { count: 4, body: zeros(mostBatchBytes) }, 'more than 16 MB'],
    [
      'large by gzip',
      { attributes: 1, count: 4, body: gzipSync(zeros(mostBatchBytes)) },
      'more than 16 MB after decompression',
    ],
    [
      'large by zstd',
      { attributes: 4, count: 4, body: zstdCompressSync(zeros(mostBatchBytes)) },
      'more than 16 MB after decompression',
    ],
    [
      'large by what snappy claims',
      { attributes: 2, count: 4, body: Buffer.from([255, 255, 255, 255, 15, 0]) },
      'more than 16 MB after decompression',
    ],
    [
      'many',
      { attributes: 1, count: mostBatchRecords + 1, lastOffsetDelta: 3, body: gzipSync(good) },
      'its batch has more than 50000 records',
    ],
    ['nothing', { count: 4, body: Buffer.alloc(0) }, 'its batch is damaged'],
  ]

  test.each(cases)('%s', async (_, parts, problem) => {
    const records = `(${parts.count} records)`
    expect(await readAll(goodAt(9), batchOf({ baseOffset: 10, ...parts }), goodAt(14))).toEqual([
      '9',
      `13 offsets 10 to 13 ${records}: ${problem}`,
      '14',
    ])
  })

  test('a zstd frame that requires more memory than its content', async () => {
    const zstd = createZstdCompress({ params: { [constants.ZSTD_c_windowLog]: 27 } })
    zstd.write(recordsOf([{}]))
    zstd.end()
    expect(await readAll(batchOf({ attributes: 4, count: 1, body: await buffer(zstd) }))).toEqual([
      expect.stringMatching(/^0 offset 0: needs more memory to decompress than this program allows: /),
    ])
  })

  test('a record larger than any event', async () => {
    const records = [{ value: Buffer.from('a') }, { value: Buffer.alloc(mostRecordBytes) }, { value: Buffer.from('c') }]
    expect(await readAll(batchOf({ baseOffset: 5, count: 3, body: recordsOf(records) }))).toEqual([
      '5',
      '6 offset 6: larger than 8 MB',
      '7',
    ])
  })

  test('a record with too many headers', async () => {
    const headers = Array.from({ length: 1_001 }, (): [string, Buffer] => ['', Buffer.alloc(0)])
    const body = recordsOf([{ headers }, { headers: headers.slice(1) }])
    expect(await readAll(batchOf({ count: 2, body }))).toEqual(['0 offset 0: more than 1000 headers', '1'])
  })

  test('fewer offsets than records', async () => {
    const parts = { baseOffset: 10, count: 3, lastOffsetDelta: 1, body: recordsOf([{}, {}, {}]) }
    expect(await readAll(batchOf(parts))).toEqual(['11 offsets 10 to 11 (3 records): its batch is damaged'])
  })

  test('descending offsets', async () => {
    const body = Buffer.concat([recordsOf([{}, {}]), recordsOf([{}])])
    expect(await readAll(batchOf({ count: 3, body }))).toEqual(['0', '1', '2 offset 2: its batch is damaged'])
  })

  test('a record with a wrong length', async () => {
    const body = Buffer.concat([recordsOf([{}]), Buffer.from([...varint(5), 0, 0, ...varint(1), 1, 1, 0])])
    expect(await readAll(batchOf({ count: 2, body }))).toEqual(['0', '1 offset 1: its batch is damaged'])
  })
})

describe('formats before Kafka 0.11', () => {
  const value = Buffer.from('a')
  const inner = Buffer.concat([0, 1, 2].map((offset) => oldMessageOf(offset, value)))

  test('are read like kafkajs does', async () => {
    const set = Buffer.concat([oldMessageOf(6, value), oldMessageOf(9, gzipSync(inner), 1), oldMessageOf(10, value)])
    const bytes = fetchResponseOf([set], version)
    expect(await readFetchResponse(bytes, version, first)).toMatchObject(await readByKafkajs(bytes, version))
    expect(await readAll(set)).toEqual(['6', '7', '8', '9', '10'])
  })

  test.each([
    ['lz4', inner, 3, 'LZ4 compression not implemented'],
    ['no gzip', value, 1, 'its gzip data is damaged (unexpected end of file)'],
    ['a large one', gzipSync(Buffer.alloc(mostBatchBytes + 1)), 1, 'more than 16 MB after decompression'],
  ])('what can’t be read is told: %s', async (_, packed, attributes, problem) => {
    const set = [oldMessageOf(6, value), oldMessageOf(9, packed, attributes), goodAt(10)]
    expect(await readAll(...set)).toEqual(['6', `9 offset 9: ${problem}`, '10'])
  })
})

test('a batch cut off at the end of the response is fetched again, and a damaged header affects its partition only', async () => {
  const whole = goodAt(3)
  const senseless = goodAt(4)
  senseless.writeInt32BE(-12, 8)
  const found = await messagesOf(
    Buffer.concat([whole, goodAt(4).subarray(0, 40)]),
    Buffer.concat([whole, senseless, whole]),
    whole,
  )
  expect(found.map((messages) => messages.map(({ offset }) => offset))).toEqual([['3'], ['3'], ['3']])
})

test('a response never exceeds the memory limit, and every partition comes first in turn', async () => {
  const large = batchOf({ attributes: 1, count: 1, body: gzipSync(zeros(mostRecordBytes - 100)) })
  const set = Buffer.concat([large, large, large])
  const counts = async (index: number) => {
    const { responses } = await readFetchResponse(fetchResponseOf([set, set, set], version), version, () => index)
    return responses[0]?.partitions.map(({ messages }) => messages.length)
  }
  expect([await counts(0), await counts(1), await counts(2)]).toEqual([
    [3, 0, 0],
    [0, 3, 0],
    [0, 0, 3],
  ])
})

test('a batch emptied by compaction is skipped', async () => {
  const { responses } = await readFetchResponse(
    fetchResponseOf([batchOf({ baseOffset: 5, count: 0, lastOffsetDelta: 3, body: Buffer.alloc(0) })], version),
    version,
    first,
  )
  const batch = new Batch('events', '5', { ...responses[0]?.partitions[0], highWatermark: '20' })
  expect([batch.isEmpty(), batch.isEmptyDueToFiltering()]).toEqual([true, true])
  expect(batch.lastOffset()).toBe('8')
})

test('formats before 0.11: a cut-off compressed message loses no record silently', async () => {
  const inner = Buffer.concat([oldMessageOf(0, Buffer.from('a')), oldMessageOf(1, Buffer.from('b'))])
  const cut = gzipSync(inner.subarray(0, inner.length - 3))
  const lines = await readAll(oldMessageOf(5, cut, 1), oldMessageOf(6, Buffer.from('c')))
  expect(lines.slice(-2)).toEqual(['5 offset 5: its batch is damaged', '6'])
})

test('formats before 0.11: a response never exceeds the memory limit', async () => {
  const packed = gzipSync(oldMessageOf(0, Buffer.alloc(15 * 1_048_576)))
  const [messages = []] = await messagesOf(
    Buffer.concat(Array.from({ length: 20 }, (_, index) => oldMessageOf(index, packed, 1))),
  )
  expect(messages.reduce((sum, { value }) => sum + (value?.length ?? 0), 0)).toBeLessThanOrEqual(32 * 1_048_576)
})

test('formats before 0.11 beside today’s format and aborted transactions', async () => {
  const set = Buffer.concat([oldMessageOf(4, Buffer.from('a')), goodAt(5)])
  const { responses } = await readFetchResponse(fetchResponseOf([set], version), version, first)
  const batch = new Batch('events', '4', { ...responses[0]?.partitions[0], highWatermark: '20' })
  expect(batch.messages.map(({ offset }: { offset: string }) => offset)).toEqual(['4', '5'])
})

test('zstd at a level above 19 is not reported as damaged', async () => {
  const packed = createZstdCompress({ params: { [constants.ZSTD_c_compressionLevel]: 22 } })
  packed.end(good)
  const lines = await readAll(
    batchOf({ baseOffset: 7, attributes: 4, count: 1, body: await buffer(packed) }),
    goodAt(8),
  )
  expect(lines).toEqual([
    expect.stringMatching(/^7 offset 7: needs more memory to decompress .* at a level up to 19$/),
    '8',
  ])
})
