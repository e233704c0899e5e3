import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { startEmulator } from '../../lib/emulator/server.ts'
import { temporaryFolder } from '../cli/spawn.ts'
import { untilDelivered } from './chat.ts'
import { deleteUpTo } from './checked.ts'
import { storyValues } from './story.ts'
import { committed, endsOf, eventually, newTopic, produceRecords, withAdmin } from './topic.ts'
import { startWorkerProcess } from './worker.ts'

const environment = () => ({ STATE: `sqlite:${temporaryFolder()}/state.db`, KAFKA_FROM: 'latest' })

test('a partition added to a topic starts at its beginning, since nobody has read its records', async () => {
  const emulator = await startEmulator({ isPaced: false })
  const topic = await newTopic({ partitions: 1 })
  const options = { emulator, topics: [topic], group: topic, environment: environment() }
  const first = await startWorkerProcess(options)
  await eventually('the start offset is committed', async () => String(await committed(topic, topic)) === '0')
  first.kill('SIGTERM')
  expect(await first.ended).toBe(0)
  await withAdmin((admin) => admin.createPartitions({ topicPartitions: [{ topic, count: 2 }] }))
  await eventually('the partition exists', async () => (await endsOf(topic)).length === 2)
  const [one = '', two = ''] = storyValues()
  await produceRecords(topic, one, two)
  const second = await startWorkerProcess(options)
  await untilDelivered(second, topic)
  expect(
    second
      .outcomes()
      .map((line) => line.split(' ')[0])
      .sort(),
  ).toEqual(['0/0', '1/0'])
  await emulator.close()
}, 120_000)

test('a topic that appears later starts at its beginning', async () => {
  const emulator = await startEmulator({ isPaced: false })
  const topic = `later-${randomBytes(6).toString('hex')}`
  const worker = await startWorkerProcess({ emulator, topics: [topic], group: topic, environment: environment() })
  const said = await eventually('the log reports it', () => worker.log.find(({ level }) => level === 'warn'))
  expect(said.message).toBe(`kafka: topic ${topic} does not exist`)
  await withAdmin((admin) => admin.createTopics({ topics: [{ topic, numPartitions: 1 }], waitForLeaders: false }))
  await eventually('the topic exists', () => endsOf(topic))
  await produceRecords(topic, ...storyValues().slice(0, 3))
  await untilDelivered(worker, topic)
  expect(worker.outcomes().length).toBe(3)
  await emulator.close()
}, 120_000)

test('a topic recreated while the worker is down starts at its beginning', async () => {
  const emulator = await startEmulator({ isPaced: false })
  const topic = await newTopic({ partitions: 2 })
  const [old = '', ...values] = storyValues()
  await produceRecords(topic, old, old)
  const options = { emulator, topics: [topic], group: topic, environment: environment() }
  const first = await startWorkerProcess(options)
  await eventually('the start offset is committed', async () => String(await committed(topic, topic)) === '1,1')
  first.kill('SIGTERM')
  expect(await first.ended).toBe(0)
  await withAdmin((admin) => admin.deleteTopics({ topics: [topic] }))
  await eventually('the topic can be created', () => made(topic))
  expect(await committed(topic, topic)).toEqual([-1, -1])
  await produceRecords(topic, ...values.slice(0, 4))
  const second = await startWorkerProcess(options)
  await untilDelivered(second, topic)
  expect(
    second
      .outcomes()
      .map((line) => line.split(' ')[0])
      .sort(),
  ).toEqual(['0/0', '0/1', '1/0', '1/1'])
  await emulator.close()
}, 120_000)

test('a deleted group starts with new records, if the topic is still the old one', async () => {
  const emulator = await startEmulator({ isPaced: false })
  const topic = await newTopic({ partitions: 1 })
  const values = storyValues()
  await produceRecords(topic, ...values.slice(0, 2))
  const options = { emulator, topics: [topic], group: topic, environment: environment() }
  const first = await startWorkerProcess(options)
  await eventually('the start offset is committed', async () => String(await committed(topic, topic)) === '2')
  first.kill('SIGTERM')
  expect(await first.ended).toBe(0)
  await withAdmin((admin) => admin.deleteGroups([topic]))
  await produceRecords(topic, ...values.slice(2, 4))
  await deleteUpTo(topic, 1)
  const second = await startWorkerProcess(options)
  await eventually('the start offset is committed', async () => String(await committed(topic, topic)) === '4')
  await produceRecords(topic, ...values.slice(4, 5))
  await untilDelivered(second, topic)
  expect(second.outcomes().map((line) => line.split(' ')[0])).toEqual(['0/4'])
  await emulator.close()
}, 120_000)

/** Kafka refuses to recreate a topic for a moment after its deletion. */
async function made(topic: string): Promise<boolean> {
  try {
    await withAdmin((admin) => admin.createTopics({ topics: [{ topic, numPartitions: 2 }], waitForLeaders: false }))
    return true
  } catch {
    return false
  }
}
