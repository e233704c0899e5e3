import { expect, test } from 'vitest'
import { checkedTopic, commit, deleteUpTo, groupOf, happened } from './checked.ts'
import { logTime } from './recorded.ts'
import { client, newTopic, produceRecords } from './topic.ts'

async function filled() {
  const name = await newTopic({ partitions: 2, configs: logTime })
  await produceRecords(name, ...Array.from({ length: 6 }, () => happened()))
  return name
}

test.each([
  ['latest', 'it will begin with what comes then (KAFKA_FROM=latest), and leave out the 6 records that are there'],
  ['beginning', 'it will begin with the oldest record (KAFKA_FROM=beginning): 6 records wait for it'],
])('a group that was never used begins as KAFKA_FROM says: %s', async (from, says) => {
  const name = await filled()
  const { code, group } = await checkedTopic(name, { KAFKA_FROM: from })
  expect(group).toMatchObject([
    { level: 'note', says: 'it was never used' },
    {
      level: 'note',
      says: `of ${name} ${says}`,
      partitions: [
        { committed: null, lag: 3 },
        { committed: null, lag: 3 },
      ],
    },
  ])
  expect(code).toBe(0)
})

test('a group that nobody is in, with records that wait', async () => {
  const name = await filled()
  await commit(name, 1, 3)
  const { code, group } = await checkedTopic(name)
  expect(group).toEqual([
    expect.objectContaining({ level: 'fine', says: 'nobody is in it now' }),
    {
      ...{ level: 'warning', about: 'group', name: groupOf(name), advice: 'start the worker' },
      says: `2 records of ${name} wait for it (partition 0: 2)`,
      partitions: [
        { topic: name, partition: 0, committed: 1, low: 0, end: 3, lag: 2 },
        { topic: name, partition: 1, committed: 3, low: 0, end: 3, lag: 0 },
      ],
    },
  ])
  expect(code).toBe(0)
})

test('a group that somebody is in stays as it is', async () => {
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
    { level: 'fine', says: '1 member in it now' },
    { level: 'fine', says: `it has read all of ${name}` },
  ])
  expect(joins).toHaveLength(1)
})

test('a group that retention has overtaken has lost records', async () => {
  const name = await filled()
  await commit(name, 1, 3)
  await deleteUpTo(name, 3)
  const { code, group } = await checkedTopic(name)
  expect(group[1]).toMatchObject({
    level: 'problem',
    says: `2 records of ${name} were deleted before it read them (partition 0 is at offset 1, it has none, the next is 3)`,
    advice: expect.stringContaining('longer than retention.ms'),
  })
  expect(code).toBe(1)
})

test('a group whose topic was made anew', async () => {
  const name = await filled()
  await commit(name, 3, 50)
  const { code, group } = await checkedTopic(name)
  expect(group[1]).toMatchObject({
    level: 'warning',
    says: `its offset is beyond the end of ${name} (partition 1 is at offset 50, it has 0 to 2): the topic was made anew since`,
  })
  expect(code).toBe(0)
})
