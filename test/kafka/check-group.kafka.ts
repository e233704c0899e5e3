import { expect, test } from 'vitest'
import { checkedTopic, commit, deleteUpTo, groupOf, happened } from './checked.ts'
import { logTime } from './recorded.ts'
import { client, newTopic, produceRecords } from './topic.ts'

async function filled() {
  const name = await newTopic({ partitions: 2, configs: logTime })
  await produceRecords(name, ...Array.from({ length: 6 }, () => happened()))
  return name
}

test.each<[string, (name: string) => string]>([
  ['latest', (name) => `it will start at the end of ${name} (KAFKA_FROM=latest) and skip the 6 records before it`],
  ['beginning', (name) => `it will start at the oldest record of ${name} (KAFKA_FROM=beginning): 6 records to read`],
])('a new group starts as KAFKA_FROM says: %s', async (from, says) => {
  const name = await filled()
  const { code, group } = await checkedTopic(name, { KAFKA_FROM: from })
  expect(group).toMatchObject([
    { level: 'note', says: 'new: it has never read from these brokers' },
    {
      level: 'note',
      says: says(name),
      partitions: [
        { committed: null, lag: 3 },
        { committed: null, lag: 3 },
      ],
    },
  ])
  expect(code).toBe(0)
})

test('a group without members that has a lag', async () => {
  const name = await filled()
  await commit(name, 1, 3)
  const { code, group } = await checkedTopic(name)
  expect(group).toEqual([
    expect.objectContaining({ level: 'fine', says: 'no members now' }),
    {
      ...{ level: 'warning', about: 'group', name: groupOf(name), advice: 'start the worker' },
      says: `its lag in ${name} is 2 records (partition 0: 2)`,
      partitions: [
        { topic: name, partition: 0, committed: 1, low: 0, end: 3, lag: 2 },
        { topic: name, partition: 1, committed: 3, low: 0, end: 3, lag: 0 },
      ],
    },
  ])
  expect(code).toBe(0)
})

test('a group with a member is not disturbed', async () => {
  const name = await filled()
  await commit(name, 3, 3)
  const consumer = client().consumer({ groupId: groupOf(name) })
  const joins: unknown[] = []
  const joined = new Promise((resolve) =>
    consumer.on(consumer.events.GROUP_JOIN, (event) => resolve(joins.push(event))),
  )
  await consumer.connect()
  await consumer.subscribe({ topic: name })
  await consumer.run({ eachMessage: async () => {} })
  await joined
  const { group } = await checkedTopic(name)
  await consumer.disconnect()
  expect(group).toMatchObject([
    { level: 'fine', says: '1 member now' },
    { level: 'fine', says: `it has read every record of ${name}` },
  ])
  expect(joins).toHaveLength(1)
})

test('a group has lost records that retention deleted', async () => {
  const name = await filled()
  await commit(name, 1, 3)
  await deleteUpTo(name, 3)
  const { code, group } = await checkedTopic(name)
  expect(group[1]).toMatchObject({
    level: 'problem',
    says: `2 records of ${name} were deleted before the group read them (partition 0: offset 1, no records, the next is 3)`,
    advice: expect.stringContaining('longer than retention.ms'),
  })
  expect(code).toBe(1)
})

test('a group whose topic was created again', async () => {
  const name = await filled()
  await commit(name, 3, 50)
  const { code, group } = await checkedTopic(name)
  expect(group[1]).toMatchObject({
    level: 'warning',
    says: `its offset is beyond the end of ${name} (partition 1: offset 50, records 0 to 2): the topic was deleted and created again`,
  })
  expect(code).toBe(0)
})
