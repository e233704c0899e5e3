import { writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { startEmulator } from '../../lib/emulator/server.ts'
import { temporaryFolder } from '../cli/spawn.ts'
import { broker } from './broker.ts'
import { cleanRun, textsOf, untilDelivered } from './chat.ts'
import { storyValues } from './story.ts'
import { committed, endsOf, eventually, newTopic, produceRecords } from './topic.ts'
import { type RunningWorker, startWorkerProcess } from './worker.ts'

/** A topic with the story's records, and the result of a clean run. */
async function prepareStory() {
  const topic = await newTopic()
  await produceRecords(topic, ...storyValues())
  const clean = await cleanRun(topic)
  return { topic, clean, environment: { STATE: `sqlite:${temporaryFolder()}/state.db` } }
}

test('killed with SIGKILL during a batch, again and again: the chat ends like a clean run', async () => {
  const { topic, clean, environment } = await prepareStory()
  const emulator = await startEmulator({ isPaced: false })
  const options = { emulator, topics: [topic], group: topic, environment }
  let kills = 0
  for (const messages of [1, 2, 3]) {
    const worker = await startWorkerProcess(options)
    await eventually('some messages are shown', () => emulator.messages().length >= messages)
    worker.kill('SIGKILL')
    await worker.ended
    kills += 1
  }
  const last = await startWorkerProcess(options)
  await untilDelivered(last, topic, 120)
  // A kill may cut off the answer to a message, which is then sent once more, and marked.
  const repeated = emulator.messages().filter(({ text }) => text.includes('↻')).length
  expect(repeated).toBeLessThanOrEqual(kills)
  const texts = textsOf(emulator)
  expect(texts).toEqual(expect.arrayContaining(clean.texts))
  expect(texts.length).toBeLessThanOrEqual(clean.texts.length + repeated)
  await emulator.close()
}, 240_000)

test.each(['stop', 'kill'] as const)(
  'the broker goes away during a batch (%s), and comes back',
  async (way) => {
    const { topic, clean, environment } = await prepareStory()
    onTestFinished(() => broker.start())
    const emulator = await startEmulator({ isPaced: false })
    const worker = await startWorkerProcess({ emulator, topics: [topic], group: topic, environment })
    await eventually('a message is under way', () => emulator.journal.some(({ method }) => method === 'sendMessage'))
    await broker[way]()
    await eventually('the log reports it', () => worker.log.some(isTrouble), { seconds: 60 })
    expect((await worker.get('/readyz')).status).toBe(503)
    expect((await worker.get('/healthz')).status).toBe(200)
    await broker.start()
    await untilDelivered(worker, topic, 120)
    expect(textsOf(emulator)).toEqual(clean.texts)
    expect(worker.stderr()).toBe('')
    expect((await worker.get('/readyz')).status).toBe(200)
    await emulator.close()
  },
  240_000,
)

test('Telegram is down while a second worker joins and leaves: returned records are retried and shown', async () => {
  const { topic, clean, environment } = await prepareStory()
  const port = await closedPort()
  const place = { token: '123456789:emulator-token-for-demo-and-tests', apiRoot: `http://127.0.0.1:${port}` }
  const options = { emulator: place, topics: [topic], group: topic, environment }
  const first = await startWorkerProcess(options)
  await eventually('a partition is paused', () => isPaused(first), { seconds: 60 })
  expect((await first.get('/readyz')).text).toContain('ECONNREFUSED')
  const second = await startWorkerProcess(options)
  await second.joined()
  await eventually('partitions are shared', () => assignedTo(first) + assignedTo(second) === 3, { seconds: 90 })
  const ends = String(await endsOf(topic))
  // While the chat backs off, redelivered records are pending in the store, so their offsets are committed.
  const isTriedOrSaved = async () => second.outcomes().length > 0 || String(await committed(topic, topic)) === ends
  await eventually('the second worker has tried, or the store has all', isTriedOrSaved, { seconds: 90 })
  second.kill('SIGTERM')
  expect(await second.ended).toBe(0)
  const emulator = await startEmulator({ isPaced: false, port, token: place.token })
  await untilDelivered(first, topic, 180)
  expect(textsOf(emulator)).toEqual(clean.texts)
  await emulator.close()
}, 300_000)

test('STATE=memory: offsets never pass a returned record, and all records are shown in the end', async () => {
  const topic = await newTopic({ partitions: 1 })
  const values = storyValues().slice(0, 6)
  await produceRecords(topic, ...values)
  const emulator = await startEmulator({ isPaced: false })
  emulator.inject({ kind: 'too many requests', retryAfter: 35, method: 'sendMessage', skip: 2 })
  const rules = `${temporaryFolder()}/rules.yml`
  writeFileSync(rules, 'defaults: false')
  const environment = { STATE: 'memory', CONFIG_FILE: rules }
  const worker = await startWorkerProcess({ emulator, topics: [topic], group: topic, environment })
  await eventually(
    'the third record is returned',
    () => worker.outcomes().some((line) => line.startsWith('0/2 returned')),
    {
      seconds: 60,
    },
  )
  await eventually('the shown records are committed', async () => (await committed(topic, topic))[0] !== -1)
  expect(await committed(topic, topic)).toEqual([2])
  const ends = String(await endsOf(topic))
  await eventually('all records are committed', async () => String(await committed(topic, topic)) === ends, {
    seconds: 60,
  })
  expect(emulator.messages().length).toBe(values.length)
  await emulator.close()
}, 120_000)

function isTrouble({ level, message }: Record<string, unknown>): boolean {
  return level === 'warn' && /^kafka: .*(broker|connection)/.test(String(message))
}

function isPaused({ log }: RunningWorker): boolean {
  return log.some(({ message }) => message === 'kafka: partition paused: a record was returned')
}

function assignedTo({ log }: RunningWorker): number {
  const joined = log.findLast(({ message }) => message === 'kafka: joined the consumer group')
  return (joined?.partitions as string[] | undefined)?.length ?? 0
}

/** A port on which nothing listens. */
async function closedPort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}
