import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import kafkajs from 'kafkajs'
import { describe, expect, inject, test } from 'vitest'
import { readBatches } from '../../lib/cli/recording.ts'
import { temporaryFolder } from '../cli/spawn.ts'
import { environmentOf, ways } from './broker.ts'
import { linesOf, logTime, noTime, record, recorded, valuesOf } from './recorded.ts'
import { newTopic, produceCompressed, produceRecords, withAdmin } from './topic.ts'

const { CompressionTypes } = kafkajs

test('every record is recorded unchanged, partition by partition in turn, and the consumer group is deleted', async () => {
  const topic = await newTopic()
  const bytes = Buffer.from([0xff, 0x00, 0x80])
  await produceRecords(
    topic,
    { ...noTime, value: 'a "text" 🚀\n', partition: 0 },
    { ...noTime, value: bytes, partition: 1 },
    { ...noTime, value: null, partition: 2 },
    { ...noTime, value: '', partition: 0 },
    { timestamp: '1764000000000', value: 'c', key: 'k', headers: { h: 'v' }, partition: 1 },
  )
  const { code, stdout, file, records } = await recorded(topic)
  const common = { topic, timestamp: '-1', timestampType: 'CREATE_TIME', key: null, headers: {} }
  expect(records).toEqual([
    { ...common, partition: 0, offset: '0', value: 'a "text" 🚀\n' },
    { ...common, partition: 1, offset: '0', value: bytes.toString('base64'), encoding: 'base64' },
    { ...common, partition: 2, offset: '0', value: null },
    { ...common, partition: 0, offset: '1', value: '' },
    { ...common, partition: 1, offset: '1', value: 'c', timestamp: '1764000000000', key: 'k', headers: { h: 'v' } },
  ])
  expect(stdout).toContain(`5 records of topic ${topic} in ${file}\n  partition 0: offsets 0 to 1\n`)
  expect(stdout).toContain(`kube-eventer-telegram replay ${file}`)
  expect(code).toBe(0)
  const { groups } = await withAdmin((admin) => admin.listGroups())
  expect(groups.filter(({ groupId }) => groupId.startsWith('kube-eventer-telegram-record-'))).toEqual([])
})

test('recording many records twice gives the same bytes, also with gzip', async () => {
  const topic = await newTopic({ configs: logTime })
  await produceRecords(topic, ...Array.from({ length: 5_000 }, (_, number) => `${number} ${'x'.repeat(1_500)}`))
  const { file, records, stderr } = await recorded(topic)
  const gzipped = join(temporaryFolder(), 'again.ndjson.gz')
  const again = await record(topic, [gzipped, '--json'])
  expect(gunzipSync(readFileSync(gzipped)).equals(readFileSync(file))).toBe(true)
  expect(new Set(valuesOf(records)).size).toBe(5_000)
  expect(stderr).toBe(`reading topic ${topic}, 5,000 records …\n`)
  expect(again.stderr).toBe('')
  expect(JSON.parse(again.stdout)).toMatchObject({ topic, records: 5_000, ended: 'end', available: 5_000 })
})

describe('a batch', () => {
  test('is a Lambda event of at most a hundred records, and the output says so', async () => {
    const topic = await newTopic({ partitions: 2 })
    await produceRecords(topic, ...Array.from({ length: 150 }, (_, number) => `${number}`))
    const file = join(temporaryFolder(), 'batch.json')
    const { code, stdout } = await record(topic, [file])
    const [batch] = await readBatches(file, 1_000)
    expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ eventSource: 'SelfManagedKafka' })
    expect(batch?.size).toBe(100)
    expect(Object.values(batch?.event.records ?? {}).map((list) => list.length)).toEqual([50, 50])
    expect(stdout).toContain(`100 records of 150 of topic ${topic} in ${file} (use --max for more)`)
    expect(stdout).toContain(`npx serverless invoke local -f notify -p ${file}`)
    expect(code).toBe(0)
  })

  test('keeps the bytes of values that are not text', async () => {
    const topic = await newTopic({ partitions: 1 })
    await produceRecords(topic, Buffer.from([0xff, 0x00]), { value: null })
    const file = join(temporaryFolder(), 'batch.json')
    await record(topic, [file])
    const { records } = JSON.parse(readFileSync(file, 'utf8'))
    expect(records[`${topic}-0`]).toMatchObject([{ offset: 0, value: '/wA=' }, { offset: 1 }])
    expect(records[`${topic}-0`][1]).not.toHaveProperty('value')
  })
})

test('an existing file is overwritten only with --force', async () => {
  const topic = await newTopic()
  await produceRecords(topic, 'a')
  const file = join(temporaryFolder(), 'out.ndjson')
  writeFileSync(file, 'mine')
  expect(await record(topic, [file])).toMatchObject({
    code: 1,
    stderr: `${file}: already exists; use --force to overwrite it\n`,
  })
  expect(readFileSync(file, 'utf8')).toBe('mine')
  expect(await record(topic, [file, '--force'])).toMatchObject({ code: 0 })
  expect(valuesOf(linesOf(readFileSync(file, 'utf8')))).toEqual(['a'])
})

test.each([
  ['gzip', CompressionTypes.GZIP],
  ['snappy', CompressionTypes.Snappy],
  ['zstd', CompressionTypes.ZSTD],
])('records compressed by %s', async (_, compression) => {
  const topic = await newTopic({ partitions: 1 })
  await produceCompressed(topic, compression, 'a'.repeat(10_000), 'b')
  expect(valuesOf((await recorded(topic)).records)).toEqual(['a'.repeat(10_000), 'b'])
})

describe('security', () => {
  test.each(ways)('%s', async (way) => {
    const topic = await newTopic()
    await produceRecords(topic, 'a')
    const { code, stdout, stderr, records } = await recorded(topic, [], environmentOf(way))
    expect(valuesOf(records)).toEqual(['a'])
    expect(stdout + stderr).not.toContain(inject('broker').user.password)
    expect(code).toBe(0)
  })

  test.each([
    ['a wrong password', { KAFKA_PASSWORD: 'wrong-wrong' }, /refused the login/],
    ['another authority', 'wrong CA', /is not signed by a trusted authority/],
  ])('%s: one clear line', async (_, change, message) => {
    const changed = typeof change === 'string' ? { KAFKA_CA_FILE: inject('broker').certificates.wrongCa } : change
    const { code, stdout, stderr } = await recorded('kube-events', [], {
      ...environmentOf('scram-sha-512'),
      ...changed,
    })
    expect(stderr).toMatch(message)
    expect(stderr.trimEnd()).not.toContain('\n')
    expect(stdout + stderr).not.toContain('wrong-wrong')
    expect(code).toBe(1)
  })
})
