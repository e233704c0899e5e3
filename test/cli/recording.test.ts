import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { type ConsumedRecord, toLambdaEvent } from '../../lib/adapters/kafka/lambda-event.ts'
import { readBatches } from '../../lib/cli/recording.ts'
import { readRecording as consumed } from '../support/recordings.ts'
import { envelope, event, record, records } from '../support/records.ts'
import { batchesOf } from './batches.ts'
import { temporaryFolder } from './spawn.ts'

const midnight = Date.parse('2026-11-24T00:00:00Z')
const seconds = (milliseconds: number | undefined) =>
  milliseconds === undefined ? undefined : (milliseconds - midnight) / 1_000

/** A record whose event happened so many seconds after midnight; -1: one without any time. */
function at(second: number, offset: number): ConsumedRecord {
  const time = new Date(midnight + second * 1_000).toISOString()
  const times = { firstTimestamp: time, lastTimestamp: time, metadata: { creationTimestamp: time } }
  const none = { firstTimestamp: null, lastTimestamp: null, metadata: { creationTimestamp: null } }
  return record(offset, { value: envelope(event(offset, second < 0 ? none : times)) })
}

const shape = (batches: ReturnType<typeof batchesOf>) => batches.map(({ at, size }) => [seconds(at), size])

describe('batchesOf', () => {
  test.each<[string, number[], number, [number | undefined, number][]]>([
    [
      'a batch per half minute, as kube-eventer sends',
      [1, 29, 30, 59, 61],
      100,
      [
        [30, 2],
        [60, 2],
        [90, 1],
      ],
    ],
    [
      'at most so many records per batch',
      [1, 2, 3, 4, 5],
      2,
      [
        [30, 2],
        [30, 2],
        [30, 1],
      ],
    ],
    ['an old event arrived with its neighbours', [300, 2, 301], 100, [[330, 3]]],
    [
      'a record without a time as well',
      [-1, 5, -1],
      100,
      [
        [undefined, 1],
        [30, 2],
      ],
    ],
  ])('%s', (_name, times, most, expected) => {
    expect(shape(batchesOf(times.map(at), most))).toEqual(expected)
  })

  test("a broker's own times count before the events'", () => {
    const appended = [5_500, 5_900, 40_000].map((milliseconds, offset) => ({
      ...at(1, offset),
      timestamp: String(midnight + milliseconds),
      timestampType: 'LOG_APPEND_TIME',
    }))
    expect(shape(batchesOf(appended, 100))).toEqual([
      [5.9, 2],
      [40, 1],
    ])
  })

  test('has all records of a real recording, in order within each partition', () => {
    const all = consumed('cluster-mixed')
    const batches = batchesOf(all, 100)
    const given = batches.flatMap(
      ({ event }) => Object.values(event.records).flat() as { partition: number; offset: number }[],
    )
    expect(given).toHaveLength(all.length)
    for (const own of Map.groupBy(given, ({ partition }) => partition).values()) {
      const offsets = own.map(({ offset }) => offset)
      expect(offsets).toEqual(offsets.toSorted((a, b) => a - b))
    }
    expect(Math.max(...batches.map(({ size }) => size))).toBeLessThanOrEqual(100)
  })
})

describe('readBatches', () => {
  const write = (name: string, content: string | Buffer) => {
    const file = join(temporaryFolder(), name)
    writeFileSync(file, content)
    return file
  }
  const lines = records(3, { partitions: 2 }).map((each) => JSON.stringify(each))

  test.each<[string, string | Buffer, number]>([
    ['a Lambda batch', JSON.stringify(toLambdaEvent(records(3)), undefined, 2), 3],
    ['NDJSON', lines.join('\n'), 3],
    ['NDJSON with blank lines', `\n${lines.join('\n\n')}\n\n`, 3],
    ['gzipped', gzipSync(lines.join('\n')), 3],
    ['one line', lines[0] ?? '', 1],
  ])('%s', async (_name, content, size) => {
    expect((await readBatches(write('x', content), 100)).reduce((sum, batch) => sum + batch.size, 0)).toBe(size)
  })

  test('events of kubectl, which have no order, are sorted by time', async () => {
    const items = [300, 1, 2].map((second, number) => {
      const time = new Date(midnight + second * 1_000).toISOString()
      return event(number, { firstTimestamp: time, lastTimestamp: time })
    })
    const batches = await readBatches(write('x', JSON.stringify({ items }, undefined, 2)), 100)
    expect(shape(batches)).toEqual([
      [30, 2],
      [330, 1],
    ])
    expect(batches.flatMap(({ event }) => Object.values(event.records).flat())).toMatchObject([
      { offset: 0 },
      { offset: 1 },
      { offset: 2 },
    ])
  })

  test.each<[string, string | Buffer, RegExp]>([
    ['empty', '', /x: the file is empty; expected/],
    ['no JSON', `${lines[0]}\nnope`, /x, line 2: expected a Lambda batch/],
    ['other JSON', '17', /x, line 1: expected a Lambda batch/],
    ['no offset', '{"topic":"t","partition":0,"value":null}', /x, line 1: expected/],
    ['a broken batch', '{"records":{"t-0":5}}', /x, line 1: not a Kafka event: records\["t-0"\] is not a list/],
    ['broken gzip', Buffer.from([0x1f, 0x8b, 1]), /x: /],
  ])('%s is refused in words', async (_name, content, message) => {
    await expect(readBatches(write('x', content), 100)).rejects.toThrow(message)
  })

  test('a missing file and a folder are refused in words', async () => {
    await expect(readBatches('/nowhere/at/all', 100)).rejects.toThrow('/nowhere/at/all: no such file')
    await expect(readBatches(temporaryFolder(), 100)).rejects.toThrow(/: is a folder$/)
  })
})
