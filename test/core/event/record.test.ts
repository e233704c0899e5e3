import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it, test } from 'vitest'
import { decode } from '../../../lib/core/event/decode.ts'
import { readRecords } from '../../../lib/core/event/record.ts'

const samples = `${process.env.CORPUS}/lambda-kafka-events`
const names = existsSync(samples) ? readdirSync(samples).filter((name) => name.endsWith('.json')) : []

describe('a Kafka event', () => {
  const record = (partition: unknown, offset: unknown) => ({ topic: 'a', partition, offset, value: 'eA==' })

  it('has its records in the order of topic, partition and offset', () => {
    const records = { 'b-0': [record(0, 1)], 'a-10': [{ ...record(10, 5) }], 'a-2': [record(2, 9), record(2, 7)] }
    const read = readRecords({ records: { ...records, 'b-0': [{ ...record(0, 1), topic: 'b' }] } })
    expect(read.map(({ mapKey, offset }) => `${mapKey} ${offset}`)).toEqual(['a-2 7', 'a-2 9', 'a-10 5', 'b-0 1'])
  })

  test.each([
    ['a partition as text', [record('3', 5)], { partition: 3, offset: 5 }],
    ['no partition: the map’s', [{ offset: 5 }], { topic: 'my-topic', partition: 7, offset: 5 }],
    ['no offset', [{}], { offset: -1 }],
    ['not even a record', [null], { topic: 'my-topic', partition: 7, offset: -1, value: undefined }],
  ])('%s', (_, list, expected) => {
    expect(readRecords({ records: { 'my-topic-7': list } })).toEqual([expect.objectContaining(expected)])
  })

  it.runIf(names.length > 0).each(names)('sample %s', (name) => {
    const event = JSON.parse(readFileSync(`${samples}/${name}`, 'utf8'))
    const records = readRecords(event)
    expect(records).toHaveLength(Object.values(event.records as Record<string, unknown[]>).flat().length)
    for (const { topic, partition, offset, mapKey, value } of records) {
      expect(event.records[mapKey]).toBeDefined()
      expect(topic).not.toBe('')
      expect(partition).toBeGreaterThanOrEqual(0)
      expect(offset).toBeGreaterThanOrEqual(0)
      expect(decode(value)).toHaveProperty('problem')
    }
  })
})
