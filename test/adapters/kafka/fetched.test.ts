import { createRequire } from 'node:module'
import { buffer } from 'node:stream/consumers'
import { constants, createZstdCompress, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib'
import * as fc from 'fast-check'
import snappy from 'kafkajs-snappy'
import { describe, expect, test } from 'vitest'
import '../../../lib/adapters/kafka/connect.ts'
import { messagesToLambdaEvent } from '../../../lib/adapters/kafka/event.ts'
import { type Answer, readAnswer } from '../../../lib/adapters/kafka/fetched.ts'
import { mostBatchBytes, mostBatchRecords, mostRecordBytes } from '../../../lib/adapters/kafka/records.ts'
import { answerOf, batchOf, oldMessageOf, recordsOf, varint } from '../../kafka/fetch-answer.ts'

const require = createRequire(import.meta.url)
const Batch = require('kafkajs/src/consumer/batch.js')

/** As kafkajs reads it by itself. */
async function readByKafkajs(bytes: Buffer, version: number): Promise<Answer> {
  return require(`kafkajs/src/protocol/requests/fetch/v${version}/response.js`).decode(bytes)
}

const first = () => 0
const version = 11

async function messagesOf(...sets: Buffer[]) {
  const { responses } = await readAnswer(answerOf(sets, version), version, first)
  return (responses[0]?.partitions ?? []).map(({ messages }) => messages)
}

/** `7` for a record that is read, and what is said of those that can't be; fetched as often as it takes. */
async function said(...batches: Buffer[]): Promise<string[]> {
  const [messages = []] = await messagesOf(Buffer.concat(batches))
  const next = Number(messages.at(-1)?.offset) + 1
  const rest = batches.filter((batch) => Number(batch.readBigInt64BE(0)) >= next)
  const texts = messages.map(({ offset, unreadable }) => [offset, unreadable].filter(Boolean).join(' '))
  return rest.length === 0 ? texts : [...texts, ...(await said(...rest))]
}

/** In blocks of so many bytes, as Java's producers do it. */
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
        const bytes = answerOf(await Promise.all(sets), asked)
        const answer = await readAnswer(bytes, asked, first)
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
        const lines = await said(damaged, goodAt(130))
        const offsets = lines.map((line) => Number(line.split(' ')[0]))
        expect(offsets).toEqual([...new Set(offsets)].sort((one, other) => one - other))
        // What is behind it is read.
        expect(offsets.slice(-2)).toEqual([129, 130])
        expect(lines.slice(0, -2).every((line) => /^\d+$/.test(line))).toBe(true)
      }),
      { numRuns: 300 },
    )
  },
)

const zeros = (size: number) => recordsOf([{ value: Buffer.alloc(size) }])

describe('what can’t be read is told where it is, and what is around it is read', () => {
  const cases: [string, Parameters<typeof batchOf>[0], string][] = [
    ['lz4', { attributes: 3, count: 4, body: good }, 'compressed with lz4, which this program cannot read'],
    ['another codec', { attributes: 6, count: 4, body: good }, 'compressed with codec 6, which nobody knows'],
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
      'more than 16 MB when it is unpacked',
    ],
    [
      'large by zstd',
      { attributes: 4, count: 4, body: zstdCompressSync(zeros(mostBatchBytes)) },
      'more than 16 MB when it is unpacked',
    ],
    [
      'large by what snappy claims',
      { attributes: 2, count: 4, body: Buffer.from([255, 255, 255, 255, 15, 0]) },
      'more than 16 MB when it is unpacked',
    ],
    [
      'many',
      { attributes: 1, count: mostBatchRecords + 1, lastOffsetDelta: 3, body: gzipSync(good) },
      'more than 50000 records in one batch',
    ],
    ['nothing', { count: 4, body: Buffer.alloc(0) }, 'its batch is damaged'],
  ]

  test.each(cases)('%s', async (_, parts, problem) => {
    const records = `(${parts.count} records)`
    expect(await said(goodAt(9), batchOf({ baseOffset: 10, ...parts }), goodAt(14))).toEqual([
      '9',
      `13 offsets 10 to 13 ${records}: ${problem}`,
      '14',
    ])
  })

  test('a zstd frame that asks for more memory than all of it takes', async () => {
    const zstd = createZstdCompress({ params: { [constants.ZSTD_c_windowLog]: 27 } })
    zstd.write(recordsOf([{}]))
    zstd.end()
    expect(await said(batchOf({ attributes: 4, count: 1, body: await buffer(zstd) }))).toEqual([
      expect.stringMatching(/^0 offset 0: needs more memory to unpack than this program gives it: /),
    ])
  })

  test('a record that is larger than an event can be', async () => {
    const records = [{ value: Buffer.from('a') }, { value: Buffer.alloc(mostRecordBytes) }, { value: Buffer.from('c') }]
    expect(await said(batchOf({ baseOffset: 5, count: 3, body: recordsOf(records) }))).toEqual([
      '5',
      '6 offset 6: larger than 8 MB',
      '7',
    ])
  })

  test('a record with very many headers', async () => {
    const headers = Array.from({ length: 1_001 }, (): [string, Buffer] => ['', Buffer.alloc(0)])
    const body = recordsOf([{ headers }, { headers: headers.slice(1) }])
    expect(await said(batchOf({ count: 2, body }))).toEqual(['0 offset 0: it has more than 1000 headers', '1'])
  })

  test('records with fewer offsets than there are records', async () => {
    const parts = { baseOffset: 10, count: 3, lastOffsetDelta: 1, body: recordsOf([{}, {}, {}]) }
    expect(await said(batchOf(parts))).toEqual(['11 offsets 10 to 11 (3 records): its batch is damaged'])
  })

  test('records whose offsets go backwards', async () => {
    const body = Buffer.concat([recordsOf([{}, {}]), recordsOf([{}])])
    expect(await said(batchOf({ count: 3, body }))).toEqual(['0', '1', '2 offset 2: its batch is damaged'])
  })

  test('a record whose length is another one', async () => {
    const body = Buffer.concat([recordsOf([{}]), Buffer.from([...varint(5), 0, 0, ...varint(1), 1, 1, 0])])
    expect(await said(batchOf({ count: 2, body }))).toEqual(['0', '1 offset 1: its batch is damaged'])
  })
})

describe('formats before Kafka 0.11', () => {
  const value = Buffer.from('a')
  const inner = Buffer.concat([0, 1, 2].map((offset) => oldMessageOf(offset, value)))

  test('are read as kafkajs reads them', async () => {
    const set = Buffer.concat([oldMessageOf(6, value), oldMessageOf(9, gzipSync(inner), 1), oldMessageOf(10, value)])
    const bytes = answerOf([set], version)
    expect(await readAnswer(bytes, version, first)).toMatchObject(await readByKafkajs(bytes, version))
    expect(await said(set)).toEqual(['6', '7', '8', '9', '10'])
  })

  test.each([
    ['lz4', inner, 3, 'LZ4 compression not implemented'],
    ['no gzip', value, 1, 'its gzip data is damaged (unexpected end of file)'],
    ['a large one', gzipSync(Buffer.alloc(mostBatchBytes + 1)), 1, 'more than 16 MB when it is unpacked'],
  ])('what can’t be read is told: %s', async (_, packed, attributes, problem) => {
    const set = [oldMessageOf(6, value), oldMessageOf(9, packed, attributes), goodAt(10)]
    expect(await said(...set)).toEqual(['6', `9 offset 9: ${problem}`, '10'])
  })
})

test('what is cut off at the end of an answer comes again, and a head without sense ends its partition’s part only', async () => {
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

test('an answer takes no more memory than there is, and in turns each partition is first', async () => {
  const large = batchOf({ attributes: 1, count: 1, body: gzipSync(zeros(mostRecordBytes - 100)) })
  const set = Buffer.concat([large, large, large])
  const counts = async (index: number) => {
    const { responses } = await readAnswer(answerOf([set, set, set], version), version, () => index)
    return responses[0]?.partitions.map(({ messages }) => messages.length)
  }
  expect([await counts(0), await counts(1), await counts(2)]).toEqual([
    [3, 0, 0],
    [0, 3, 0],
    [0, 0, 3],
  ])
})

test('a batch that compaction has left without records is passed over', async () => {
  const { responses } = await readAnswer(
    answerOf([batchOf({ baseOffset: 5, count: 0, lastOffsetDelta: 3, body: Buffer.alloc(0) })], version),
    version,
    first,
  )
  const batch = new Batch('events', '5', { ...responses[0]?.partitions[0], highWatermark: '20' })
  expect([batch.isEmpty(), batch.isEmptyDueToFiltering()]).toEqual([true, true])
  expect(batch.lastOffset()).toBe('8')
})

test('of formats before 0.11 nothing is lost in a compressed message that is cut off', async () => {
  const inner = Buffer.concat([oldMessageOf(0, Buffer.from('a')), oldMessageOf(1, Buffer.from('b'))])
  const cut = gzipSync(inner.subarray(0, inner.length - 3))
  const lines = await said(oldMessageOf(5, cut, 1), oldMessageOf(6, Buffer.from('c')))
  expect(lines.slice(-2)).toEqual(['5 offset 5: it is damaged', '6'])
})

test('of formats before 0.11 no more comes at once than fits into memory', async () => {
  const packed = gzipSync(oldMessageOf(0, Buffer.alloc(15 * 1_048_576)))
  const [messages = []] = await messagesOf(
    Buffer.concat(Array.from({ length: 20 }, (_, index) => oldMessageOf(index, packed, 1))),
  )
  expect(messages.reduce((sum, { value }) => sum + (value?.length ?? 0), 0)).toBeLessThanOrEqual(32 * 1_048_576)
})

test('messages of formats before 0.11 stand beside those of today and aborted transactions', async () => {
  const set = Buffer.concat([oldMessageOf(4, Buffer.from('a')), goodAt(5)])
  const { responses } = await readAnswer(answerOf([set], version), version, first)
  const batch = new Batch('events', '4', { ...responses[0]?.partitions[0], highWatermark: '20' })
  expect(batch.messages.map(({ offset }: { offset: string }) => offset)).toEqual(['4', '5'])
})

test('zstd at a level above 19 is not called damaged', async () => {
  const packed = createZstdCompress({ params: { [constants.ZSTD_c_compressionLevel]: 22 } })
  packed.end(good)
  const lines = await said(batchOf({ baseOffset: 7, attributes: 4, count: 1, body: await buffer(packed) }), goodAt(8))
  expect(lines).toEqual([
    expect.stringMatching(/^7 offset 7: needs more memory to unpack .* at a level up to 19$/),
    '8',
  ])
})
