import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { ConsumedRecord } from '../../lib/adapters/kafka/lambda-event.ts'
import { decode } from '../../lib/core/event/decode.ts'
import { cli, temporaryFolder } from '../cli/spawn.ts'
import { readRecording } from '../support/recordings.ts'
import { envelope, event } from '../support/records.ts'
import { environmentOf, ways } from './broker.ts'
import { endsOf, newTopic, readTopic } from './topic.ts'

function produce(topic: string, args: string[], environment: Record<string, string> = environmentOf()) {
  return cli(['produce', '--topic', topic, ...args], environment)
}

/** Writes a file that is deleted after the test. */
function fileOf(name: string, text: string): string {
  const file = join(temporaryFolder(), name)
  writeFileSync(file, text)
  return file
}

const byPartition = (records: readonly ConsumedRecord[]) => Map.groupBy(records, ({ partition }) => partition)

const eventsOf = (records: readonly ConsumedRecord[]) =>
  records.map(({ value }) => decode(Buffer.from(value ?? '').toString('base64')))

test('--demo: current events in kube-eventer’s format, to each partition in turn', async () => {
  const topic = await newTopic()
  const { code, stdout } = await produce(topic, ['--demo'])
  const records = await readTopic(topic)
  expect(await endsOf(topic)).toEqual([3, 3, 2])
  for (const record of records)
    expect(record).toMatchObject({ key: null, headers: {}, timestamp: '-1', timestampType: 'CREATE_TIME' })
  for (const decoded of eventsOf(records)) {
    const at = 'event' in decoded ? decoded.event.at : undefined
    expect(Date.now() - (at ?? 0)).toBeLessThan(120_000)
  }
  expect(stdout).toContain(`8 records written to topic ${topic}\n  partition 0: offsets 0 to 2\n`)
  expect(stdout).toContain('Next: ')
  expect(code).toBe(0)
})

test('on a topic with LogAppendTime they get the broker’s time', async () => {
  const topic = await newTopic({ configs: { 'message.timestamp.type': 'LogAppendTime' } })
  await produce(topic, ['--demo'])
  for (const { timestamp, timestampType } of await readTopic(topic)) {
    expect(timestampType).toBe('LOG_APPEND_TIME')
    expect(Math.abs(Date.now() - Number(timestamp))).toBeLessThan(60_000)
  }
})

describe('a recording', () => {
  const recording = 'test/recordings/stub-growing.ndjson.gz'
  const original = readRecording('stub-growing')

  test('is written back byte by byte, each record to its partition, in order', async () => {
    const topic = await newTopic()
    const { code, stdout } = await produce(topic, [recording, '--json'])
    const values = (records: readonly ConsumedRecord[]) =>
      [...byPartition(records)].map(([partition, list]) => [partition, list.map(({ value }) => value)]).sort()
    expect(values(await readTopic(topic))).toEqual(values(original))
    expect(JSON.parse(stdout)).toMatchObject({ topic, records: original.length, leftOut: 0, isInterrupted: false })
    expect(code).toBe(0)
  })

  test('of more partitions than the topic has: records of one partition stay together', async () => {
    const topic = await newTopic({ partitions: 2 })
    await produce(topic, [recording])
    const size = (partition: number) => byPartition(original).get(partition)?.length ?? 0
    expect(await endsOf(topic)).toEqual([size(0) + size(2), size(1)])
  })

  test('at the requested rate', async () => {
    const topic = await newTopic()
    const lines = original.slice(0, 10).map((record) => JSON.stringify(record))
    const file = fileOf('ten.ndjson', lines.join('\n'))
    const startedAt = performance.now()
    expect(await produce(topic, [file, '--rate', '10'])).toMatchObject({ code: 0 })
    expect(performance.now() - startedAt).toBeGreaterThan(900)
    expect((await endsOf(topic)).reduce((sum, end) => sum + end)).toBe(10)
  })

  test('bytes that are not UTF-8, and a tombstone', async () => {
    const topic = await newTopic({ partitions: 1 })
    const place = { topic: 'x', partition: 0, timestamp: '-1' }
    const records: ConsumedRecord[] = [
      { ...place, offset: '0', value: '/wA=', encoding: 'base64' },
      { ...place, offset: '1', value: null },
    ]
    await produce(topic, [fileOf('odd.ndjson', records.map((record) => JSON.stringify(record)).join('\n'))])
    expect(await readTopic(topic)).toMatchObject([{ value: '/wA=', encoding: 'base64' }, { value: null }])
  })
})

test('a Lambda event; records without bytes are skipped and reported', async () => {
  const topic = await newTopic({ partitions: 2 })
  const value = envelope(event(1))
  const batch = {
    records: {
      'x-1': [
        { topic: 'x', partition: 1, offset: 7, value: Buffer.from(value).toString('base64') },
        { topic: 'x', partition: 1, offset: 8, value: 12 },
      ],
    },
  }
  const { code, stdout } = await produce(topic, [fileOf('batch.json', JSON.stringify(batch))])
  expect(await readTopic(topic)).toMatchObject([{ partition: 1, value }])
  expect(stdout).toContain('1 skipped: they have no value that can be written')
  expect(code).toBe(1)
})

describe('bare Events', () => {
  const events = [1, 2, 3].map((number) => ({ kind: 'Event', apiVersion: 'v1', ...event(number) }))

  test.each([
    ['what kubectl get events -o json prints', JSON.stringify({ kind: 'List', items: events }, undefined, 4)],
    ['one on each line', events.map((one) => JSON.stringify(one)).join('\n')],
  ])('%s: wrapped as kube-eventer does it', async (_, text) => {
    const topic = await newTopic()
    await produce(topic, [fileOf('events.json', text)])
    const records = await readTopic(topic)
    expect(await endsOf(topic)).toEqual([1, 1, 1])
    for (const { value } of records) {
      const { EventValue, ...rest } = JSON.parse(value ?? '')
      expect(EventValue).toMatch(/^\{\n "metadata": \{\n {2}"name": "web-/)
      expect(JSON.parse(EventValue)).not.toHaveProperty('kind')
      expect(rest).toMatchObject({ EventTimestamp: '2026-11-23T23:26:34Z', EventTags: { hostname: 'worker-1' } })
    }
  })
})

describe('each error is one clear line', () => {
  test('a missing topic, which is not created', async () => {
    const { code, stdout, stderr } = await produce('no-such-topic', ['--demo'])
    expect(stderr).toMatch(/^topic no-such-topic does not exist: .+\n$/)
    expect(stdout).toBe('')
    expect(code).toBe(1)
  })

  test('a record too large for the topic, after others', async () => {
    const topic = await newTopic({ partitions: 1 })
    const lines = ['small', 'x'.repeat(1_200_000)].map((value, offset) =>
      JSON.stringify({ topic: 'x', partition: 0, offset: String(offset), timestamp: '-1', value }),
    )
    const { code, stderr } = await produce(topic, [fileOf('large.ndjson', lines.join('\n')), '--json'])
    expect(stderr).toMatch(/^1 record written, then: .+larger.+\n$/)
    expect(await endsOf(topic)).toEqual([1])
    expect(code).toBe(1)
  })

  test('a file that is not a recording', async () => {
    const { code, stderr } = await produce(await newTopic(), ['README.md'])
    expect(stderr).toContain('README.md')
    expect(code).toBe(1)
  })
})

test.each(ways)('security: %s', async (way) => {
  const topic = await newTopic()
  expect(await produce(topic, ['--demo'], environmentOf(way))).toMatchObject({ code: 0 })
  expect(await endsOf(topic)).toEqual([3, 3, 2])
})
