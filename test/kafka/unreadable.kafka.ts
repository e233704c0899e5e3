import kafkajs from 'kafkajs'
import { expect, test } from 'vitest'
import { startEmulator } from '../../lib/emulator/server.ts'
import { cli, temporaryFolder } from '../cli/spawn.ts'
import { produceBatch, produceZeros } from './batches.ts'
import { untilDelivered } from './chat.ts'
import { storyValues } from './story.ts'
import { committed, endsOf, newTopic, produceRecords, withAdmin } from './topic.ts'
import { startWorkerProcess } from './worker.ts'

const { CompressionTypes } = kafkajs
const mostMegabytes = 512

/** Lets the broker compress new records: this program's own client has no lz4. */
async function compressAs(topic: string, codec: 'lz4' | 'producer') {
  const configEntries = [{ name: 'compression.type', value: codec }]
  await withAdmin((admin) =>
    admin.alterConfigs({
      validateOnly: false,
      resources: [{ type: kafkajs.ConfigResourceTypes.TOPIC, name: topic, configEntries }],
    }),
  )
}

async function run(topic: string) {
  const emulator = await startEmulator({ isPaced: false })
  const state = `sqlite:${temporaryFolder()}/state.db`
  const worker = await startWorkerProcess({ emulator, topics: [topic], group: topic, environment: { STATE: state } })
  await untilDelivered(worker, topic, 60)
  await emulator.close()
  const rejected = worker.log.filter(({ outcome }) => outcome === 'rejected')
  return { worker, state, rejected, outcomes: worker.outcomes().sort() }
}

/** Place and outcome, without how the record was shown. */
const ends = (outcomes: string[]) => outcomes.map((line) => line.replace(/(sent|pending|skipped): .*/, 'saved'))

const [before = '', behind = '', beside = '', alsoBeside = ''] = storyValues()

test('records compressed with lz4 are rejected with their offsets; the others are shown', async () => {
  const topic = await newTopic({ partitions: 2 })
  await produceRecords(topic, { value: before, partition: 0 }, { value: beside, partition: 1 })
  await compressAs(topic, 'lz4')
  await produceRecords(topic, { value: 'a', partition: 0 }, { value: 'b', partition: 0 }, { value: 'c', partition: 0 })
  await compressAs(topic, 'producer')
  await produceRecords(topic, { value: behind, partition: 0 }, { value: alsoBeside, partition: 1 })
  const { worker, state, rejected, outcomes } = await run(topic)
  expect(ends(outcomes)).toEqual(['0/0 saved', '0/3 rejected: unreadable', '0/4 saved', '1/0 saved', '1/1 saved'])
  const detail = 'offsets 1 to 3 (3 records): compressed with lz4, which this program cannot read'
  expect(rejected).toMatchObject([{ topic, partition: 0, offset: 3, detail, deadLetter: true }])
  expect((await worker.get('/metrics')).text).toContain(
    'kube_eventer_telegram_outcomes_total{outcome="rejected",why="unreadable"} 1\n',
  )
  expect(await committed(topic, topic)).toEqual(await endsOf(topic))
  const { stdout } = await cli(['dead-letters', 'list', '--json'], { STATE: state })
  expect(JSON.parse(stdout)).toMatchObject([{ topic, partition: 0, offset: 3, why: 'unreadable', detail }])
})

test.each([60, 450])('a small gzip record of %i MB is rejected, within the memory that a worker has', async (size) => {
  const topic = await newTopic({ partitions: 2 })
  await produceRecords(topic, { value: before, partition: 0 }, { value: beside, partition: 1 })
  await produceZeros(topic, size)
  await produceRecords(topic, { value: behind, partition: 0 }, { value: alsoBeside, partition: 1 })
  const { worker, rejected, outcomes } = await run(topic)
  expect(ends(outcomes)).toEqual(['0/0 saved', '0/1 rejected: unreadable', '0/2 saved', '1/0 saved', '1/1 saved'])
  expect(rejected[0]?.detail).toBe('offset 1: more than 16 MB after decompression')
  expect(worker.peakMegabytes()).toBeLessThan(mostMegabytes)
})

test('many large records below the limit fit into memory, too', async () => {
  const topic = await newTopic({ partitions: 1 })
  const value = 'x'.repeat(7_500_000)
  for (let turn = 0; turn < 20; turn += 1) await produceBatch(topic, CompressionTypes.GZIP, [{ value }, { value }])
  const { worker, outcomes } = await run(topic)
  expect(outcomes.length).toBe(40)
  expect(new Set(worker.log.flatMap(({ outcome, why }) => (outcome ? [`${outcome}: ${why}`] : [])))).toEqual(
    new Set(['rejected: not JSON']),
  )
  expect(worker.peakMegabytes()).toBeLessThan(mostMegabytes)
})
