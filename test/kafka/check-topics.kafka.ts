import { describe, expect, test } from 'vitest'
import { envelope, event } from '../support/records.ts'
import { environmentOf } from './broker.ts'
import { checked, checkedTopic, deleteUpTo, happened } from './checked.ts'
import { logTime, noTime } from './recorded.ts'
import { newTopic, produceRecords } from './topic.ts'

describe('a topic', () => {
  test('that is not there: it is not made, and what was probably meant is named', async () => {
    const topic = await newTopic()
    const { code, kafka } = await checked({ ...environmentOf(), KAFKA_TOPICS: `${topic}s` })
    expect(kafka.at(-1)).toMatchObject({
      ...{ level: 'problem', about: 'topic', name: `${topic}s` },
      says: `topic ${topic}s does not exist; did you mean ${topic}?`,
      advice: 'create it, or correct KAFKA_TOPICS: it must be the eventstopic of kube-eventer’s Kafka sink',
    })
    expect(code).toBe(1)
  })

  test('one that is missing does not hide another', async () => {
    const topic = await newTopic({ configs: logTime })
    await produceRecords(topic, happened())
    const { code, kafka } = await checked({ ...environmentOf(), KAFKA_TOPICS: `missing,${topic}` })
    expect(kafka.filter(({ level }) => level === 'problem')).toMatchObject([{ name: 'missing' }])
    expect(kafka.filter(({ about }) => about === 'records')).toMatchObject([{ level: 'fine', name: topic }])
    expect(code).toBe(1)
  })

  test('none is named: those that look like kube-eventer’s are', async () => {
    const topic = await newTopic()
    const { code, kafka } = await checked(environmentOf())
    const [listed] = kafka.filter(({ about }) => about === 'topic')
    expect(listed).toMatchObject({ level: 'note', name: null })
    expect(listed?.says).toMatch(
      /^KAFKA_TOPICS is not set; of \d+ topics, these look like topics of kube-eventer: events-/,
    )
    expect(topic).toMatch(/^events-/)
    expect(code).toBe(0)
  })

  test.each<[string, Record<string, string>, string, string, RegExp]>([
    [
      'a short retention',
      { 'retention.ms': '3600000' },
      'warning',
      'records are kept for only 1h',
      /retention\.ms=604800000/,
    ],
    ['compaction', { 'cleanup.policy': 'compact' }, 'problem', 'the topic is compacted', /cleanup\.policy=delete/],
    ['lz4', { 'compression.type': 'lz4' }, 'problem', 'compressed with lz4', /compression\.type=producer/],
  ])('%s', async (_name, configs, level, says, advice) => {
    const { code, topic } = await checkedTopic(await newTopic({ configs }))
    expect(topic.slice(1)).toMatchObject([{ level, says: expect.stringContaining(says) }])
    expect(topic[1]?.advice).toMatch(advice)
    expect(code).toBe(level === 'problem' ? 1 : 0)
  })
})

describe('its records', () => {
  test('none yet', async () => {
    const { code, records, seconds } = await checkedTopic(await newTopic())
    expect(records).toMatchObject([{ level: 'note', says: 'no records yet: nothing was ever written to this topic' }])
    expect(records[0]?.advice).toContain('search kube-eventer’s log')
    expect(code).toBe(0)
    expect(seconds).toBeLessThan(10)
  })

  test('none any more', async () => {
    const name = await newTopic({ partitions: 1 })
    await produceRecords(name, happened())
    await deleteUpTo(name, 1)
    const { records } = await checkedTopic(name)
    expect(records).toMatchObject([{ says: 'no records: all have been deleted by the retention' }])
  })

  test('without a time, as stock kube-eventer writes them', async () => {
    const name = await newTopic()
    await produceRecords(name, { ...noTime, value: happened(), partition: 1 })
    const { code, records } = await checkedTopic(name)
    expect(records).toMatchObject([
      { level: 'fine' },
      { level: 'warning', advice: 'set message.timestamp.type=LogAppendTime on the topic' },
    ])
    expect(code).toBe(0)
  })

  test('the latest of all partitions counts; after a day it is a warning', async () => {
    const name = await newTopic({ configs: logTime })
    await produceRecords(name, happened(5 * 1_440), happened(3 * 1_440), happened(4 * 1_440))
    const { records } = await checkedTopic(name)
    expect(records).toMatchObject([{ level: 'warning', says: expect.stringMatching(/, 3d( \d+[ms])? ago/) }])
    expect(records[0]?.says).toContain(`; cluster name: ${name}; no record since`)
  })

  test.each<[string, string | null]>([
    ['not JSON', 'hello'],
    ['no EventValue', '{"a":1}'],
    ['empty', null],
    ['not an Event', envelope({ kind: 'Pod' })],
  ])('of somebody else: %s', async (problem, value) => {
    const name = await newTopic({ partitions: 1, configs: logTime })
    await produceRecords(name, happened(), { value })
    const { code, records } = await checkedTopic(name)
    expect(records).toMatchObject([
      {
        level: 'problem',
        says: `the last record of partition 0 (offset 1) is no event of kube-eventer: ${problem}`,
        advice: expect.stringContaining('correct KAFKA_TOPICS'),
      },
    ])
    expect(code).toBe(1)
  })

  test('some of somebody else are a warning; what an event says does not reach the terminal as it is', async () => {
    const name = await newTopic({ partitions: 2, configs: logTime })
    const odd = envelope(event(1, { reason: 'Odd\u001b[31m\n', lastTimestamp: new Date().toISOString() }))
    await produceRecords(name, 'hello', odd)
    const { code, records, stdout } = await checkedTopic(name)
    expect(records.map(({ level }) => level)).toEqual(['warning', 'fine'])
    expect(stdout).not.toContain('u001b')
    expect(stdout).not.toContain('\u001b')
    expect(code).toBe(0)
  })

  test('that are compressed with lz4', async () => {
    const name = await newTopic({ partitions: 1, configs: { 'compression.type': 'lz4' } })
    await produceRecords(name, happened())
    const { code, records } = await checkedTopic(name)
    expect(records).toMatchObject([{ level: 'problem', says: expect.stringContaining('compressed with lz4') }])
    expect(code).toBe(1)
  })
})
