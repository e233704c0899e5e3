import { expect, test } from 'vitest'
import { startEmulator } from '../../lib/emulator/server.ts'
import { temporaryFolder } from '../cli/spawn.ts'
import { readRecording } from '../support/recordings.ts'
import { ways } from './broker.ts'
import { cleanRun, textsOf, untilDelivered } from './chat.ts'
import { storyValues } from './story.ts'
import { committed, endsOf, eventually, newTopic, produceRecords } from './topic.ts'
import { startWorkerProcess } from './worker.ts'

const newState = () => ({ STATE: `sqlite:${temporaryFolder()}/state.db` })

test('the worker shows the same messages as Lambda’s functions, with the same outcomes', async () => {
  const topic = await newTopic()
  await produceRecords(topic, ...storyValues())
  const clean = await cleanRun(topic)
  const emulator = await startEmulator({ isPaced: false })
  const worker = await startWorkerProcess({ emulator, topics: [topic], group: topic, environment: newState() })
  await untilDelivered(worker, topic)
  expect(textsOf(emulator)).toEqual(clean.texts)
  // Which record of an incident opens its message depends on how records are cut into batches.
  const ends = (outcomes: string[]) => outcomes.map((line) => line.replace(/(sent|pending): .*/, 'saved')).sort()
  expect(ends(worker.outcomes())).toEqual(ends(clean.outcomes))
  await emulator.close()
})

test('reports health and metrics, and exits with 0 on SIGTERM', async () => {
  const emulator = await startEmulator({ isPaced: false })
  const topic = await newTopic()
  const worker = await startWorkerProcess({ emulator, topics: [topic], group: topic, environment: newState() })
  await worker.joined()
  expect(await worker.get('/readyz')).toEqual({ status: 200, text: '{"kafka":"ok","state":"ok","telegram":"ok"}\n' })
  expect(await worker.get('/healthz')).toEqual({ status: 200, text: '{"loop":"ok","batch":"ok"}\n' })
  await produceRecords(topic, 'not JSON', ...storyValues().slice(0, 3))
  await untilDelivered(worker, topic)
  const { text } = await worker.get('/metrics')
  expect(text).toContain('kube_eventer_telegram_outcomes_total{outcome="rejected",why="not JSON"} 1\n')
  expect(text).toContain(`kube_eventer_telegram_lag_records{topic="${topic}",partition="0"} 0\n`)
  worker.kill('SIGTERM')
  expect(await worker.ended).toBe(0)
  expect(worker.stderr()).toBe('')
  expect(worker.log.at(-1)?.message).toBe('worker stopped')
  await emulator.close()
})

test('stopped during a batch, it finishes the batch, commits and leaves the group', async () => {
  const emulator = await startEmulator({ isPaced: false })
  emulator.inject({ kind: 'slow', milliseconds: 3_000, method: 'sendMessage' })
  const topic = await newTopic({ partitions: 1 })
  await produceRecords(topic, ...storyValues())
  const worker = await startWorkerProcess({ emulator, topics: [topic], group: topic, environment: newState() })
  await eventually('a message is under way', () => emulator.journal.some(({ method }) => method === 'sendMessage'))
  worker.kill('SIGTERM')
  expect(await worker.ended).toBe(0)
  expect(await committed(topic, topic)).toEqual(await endsOf(topic))
  await emulator.close()
})

test.each(ways.filter((way) => way !== 'plaintext'))('reads with %s', async (way) => {
  const emulator = await startEmulator({ isPaced: false })
  const topic = await newTopic({ partitions: 1 })
  await produceRecords(topic, ...storyValues().slice(0, 2))
  const worker = await startWorkerProcess({ emulator, topics: [topic], group: topic, way, environment: newState() })
  await untilDelivered(worker, topic)
  expect(worker.outcomes().length).toBe(2)
  await emulator.close()
})

test('a wrong password is one clear log line without the password, and the worker waits', async () => {
  const emulator = await startEmulator({ isPaced: false })
  const topic = await newTopic()
  const worker = await startWorkerProcess({
    ...{ emulator, topics: [topic], group: topic, way: 'scram-sha-512' },
    environment: { ...newState(), KAFKA_PASSWORD: 'another-password' },
  })
  const line = await eventually('the log reports it', () => worker.log.find(({ level }) => level === 'warn'))
  expect(line.message).toMatch(/^kafka: .* refused the login/)
  expect(line.advice).toContain('KAFKA_PASSWORD')
  const { status, text } = await worker.get('/readyz')
  expect([status, text]).toEqual([503, expect.stringMatching(/"kafka":"not in the consumer group: .*login/)])
  worker.kill('SIGTERM')
  expect(await worker.ended).toBe(0)
  expect(worker.stderr() + JSON.stringify(worker.log)).not.toContain('another-password')
  await emulator.close()
})

test('a missing topic is reported, and stops no other', async () => {
  const emulator = await startEmulator({ isPaced: false })
  const topic = await newTopic({ partitions: 1 })
  await produceRecords(topic, ...storyValues().slice(0, 2))
  const topics = [topic, `no-${topic}`]
  const worker = await startWorkerProcess({ emulator, topics, group: topic, environment: newState() })
  await untilDelivered(worker, topic)
  expect(worker.log.find(({ level }) => level === 'error')?.message).toBe(`kafka: topic no-${topic} does not exist`)
  await emulator.close()
})

test('a new group starts with new records, even after a kill', async () => {
  const emulator = await startEmulator({ isPaced: false })
  const topic = await newTopic()
  const [old = '', ...values] = storyValues()
  await produceRecords(topic, old, old, old)
  const options = { emulator, topics: [topic], group: topic, environment: { ...newState(), KAFKA_FROM: 'latest' } }
  const first = await startWorkerProcess(options)
  await eventually('the start offset is committed', async () => String(await committed(topic, topic)) === '1,1,1')
  first.kill('SIGKILL')
  await first.ended
  await produceRecords(topic, ...values)
  const second = await startWorkerProcess(options)
  await untilDelivered(second, topic)
  expect(second.outcomes().length).toBe(values.length)
  expect(second.outcomes().some((line) => /^\d\/0 /.test(line))).toBe(false)
  await emulator.close()
})

test('a real kube-eventer’s records, written by its own client', async () => {
  const emulator = await startEmulator({ isPaced: false })
  const topic = await newTopic()
  const values = readRecording('cluster-mixed').map(({ value }) => value ?? '')
  await produceRecords(topic, ...values)
  const worker = await startWorkerProcess({ emulator, topics: [topic], group: topic, environment: newState() })
  const ends = String(await endsOf(topic))
  await eventually('all records are committed', async () => String(await committed(topic, topic)) === ends, {
    seconds: 120,
  })
  expect(worker.outcomes().length).toBe(values.length)
  expect(worker.outcomes().filter((line) => /rejected|returned/.test(line))).toEqual([])
  await emulator.close()
}, 150_000)
