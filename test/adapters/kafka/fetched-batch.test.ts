import type { EachBatchPayload, Offsets } from 'kafkajs'
import { expect, test } from 'vitest'
import { type BatchHandler, processFetchedBatch } from '../../../lib/adapters/kafka/fetched-batch.ts'
import { assignPartitions, initialProgress } from '../../../lib/adapters/kafka/progress.ts'
import { virtualClock } from '../../../lib/emulator/virtual-clock.ts'

const [topic, partition] = ['kube-events', 0]

/** Processes records with these offsets, and returns what happened in order. */
async function run(
  offsets: number[],
  handle: BatchHandler,
  heartbeat: (count: number) => void = () => {},
): Promise<{ steps: string[]; rejection: unknown }> {
  const clock = virtualClock()
  const progress = initialProgress(clock.now())
  assignPartitions(progress, { [topic]: [partition] }, clock.now())
  const position = progress.partitions.get('kube-events-0')
  if (!position) throw new Error('not assigned')
  const steps: string[] = []
  let heartbeats = 0
  const messages = offsets.map((offset) => ({ offset: String(offset), timestamp: '1', key: null, value: null }))
  const payload = {
    batch: { topic, partition, highWatermark: '100', messages },
    isRunning: () => true,
    isStale: () => false,
    pause: () => () => {},
    resolveOffset: () => {},
    async heartbeat() {
      heartbeats += 1
      heartbeat(heartbeats)
    },
    commitOffsetsIfNecessary: async ({ topics }: Offsets) =>
      void steps.push(`commit ${topics[0]?.partitions[0]?.offset}`),
  } as unknown as EachBatchPayload
  const rejection = await processFetchedBatch(payload, {
    bootstrapServers: 'kafka:9092',
    clock,
    position,
    isStopping: () => false,
    backOff: (next, _pause, error) =>
      void steps.push(`back off at ${next}${error ? `: ${(error as Error).message}` : ''}`),
    done: () => void steps.push('done'),
    async handle(event) {
      const records = Object.values(event.records).flat()
      steps.push(`handle ${records.length}`)
      const response = await handle(event)
      // Time for heartbeats.
      await clock.sleep(5_000)
      return response
    },
  }).catch((error: Error) => error)
  return { steps, rejection }
}

const returned = (...offsets: number[]) => ({
  batchItemFailures: offsets.map((offset) => ({ itemIdentifier: { partition: 'kube-events-0', offset } })),
})

test('a batch without returned records is committed as a whole', async () => {
  expect((await run([4, 5, 6], async () => returned())).steps).toEqual(['handle 3', 'commit 7', 'done'])
})

test('a batch is committed up to the first returned record, not beyond, and the partition backs off there', async () => {
  expect((await run([4, 5, 6], async () => returned(6, 5))).steps).toEqual(['handle 3', 'commit 5', 'back off at 5'])
  expect((await run([4, 5, 6], async () => returned(4, 5, 6))).steps).toEqual(['handle 3', 'back off at 4'])
})

test('a handler that fails commits nothing', async () => {
  const fail = async () => Promise.reject(new Error('token refused'))
  expect((await run([4, 5], fail)).steps).toEqual(['handle 2', 'back off at 4: token refused'])
})

test('a large batch is processed and committed in chunks of 500', async () => {
  const offsets = Array.from({ length: 1_100 }, (_, index) => index)
  const { steps } = await run(offsets, async () => returned())
  expect(steps.filter((step) => step !== 'done')).toEqual([
    'handle 500',
    'commit 500',
    'handle 500',
    'commit 1000',
    'handle 100',
    'commit 1100',
  ])
})

test('if the group rebalances during a batch, the batch is committed before the member rejoins', async () => {
  const rebalance = Object.assign(new Error('rebalancing'), { type: 'REBALANCE_IN_PROGRESS' })
  const { steps, rejection } = await run(
    [4, 5],
    async () => returned(),
    (count) => {
      if (count > 1) throw rebalance
    },
  )
  expect(steps).toEqual(['handle 2', 'commit 6', 'done'])
  expect(rejection).toBe(rebalance)
})
