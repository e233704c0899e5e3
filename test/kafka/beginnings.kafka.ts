import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { startStandin } from '../../lib/standin/server.ts'
import { temporaryFolder } from '../cli/spawn.ts'
import { paid } from './chat.ts'
import { storyValues } from './story.ts'
import { committed, endsOf, eventually, newTopic, produceRecords, withAdmin } from './topic.ts'
import { startWorkerProcess } from './worker.ts'

const environment = () => ({ STATE: `sqlite:${temporaryFolder()}/state.db`, KAFKA_FROM: 'latest' })

test('a partition that is added to a topic begins at its beginning, since nobody has seen what is in it', async () => {
  const standin = await startStandin({ isPaced: false })
  const topic = await newTopic({ partitions: 1 })
  const options = { standin, topics: [topic], group: topic, environment: environment() }
  const first = await startWorkerProcess(options)
  await eventually('where it begins is committed', async () => String(await committed(topic, topic)) === '0')
  first.kill('SIGTERM')
  expect(await first.ended).toBe(0)
  await withAdmin((admin) => admin.createPartitions({ topicPartitions: [{ topic, count: 2 }] }))
  await eventually('the partition is there', async () => (await endsOf(topic)).length === 2)
  const [one = '', two = ''] = storyValues()
  await produceRecords(topic, one, two)
  const second = await startWorkerProcess(options)
  await paid(second, topic)
  expect(
    second
      .outcomes()
      .map((line) => line.split(' ')[0])
      .sort(),
  ).toEqual(['0/0', '1/0'])
  await standin.close()
}, 120_000)

test('a topic that is waited for begins at its beginning', async () => {
  const standin = await startStandin({ isPaced: false })
  const topic = `later-${randomBytes(6).toString('hex')}`
  const worker = await startWorkerProcess({ standin, topics: [topic], group: topic, environment: environment() })
  const said = await eventually('the log says so', () => worker.log.find(({ level }) => level === 'warn'))
  expect(said.message).toBe(`kafka: there is no topic ${topic}`)
  await withAdmin((admin) => admin.createTopics({ topics: [{ topic, numPartitions: 1 }], waitForLeaders: false }))
  await eventually('the topic is there', () => endsOf(topic))
  await produceRecords(topic, ...storyValues().slice(0, 3))
  await paid(worker, topic)
  expect(worker.outcomes().length).toBe(3)
  await standin.close()
}, 120_000)
