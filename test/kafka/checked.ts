import { inject, onTestFinished } from 'vitest'
import type { BrokerSetting } from '../../infra/local/broker.ts'
import { isFree, startBroker } from '../../infra/local/broker.ts'
import { cli } from '../cli/spawn.ts'
import { envelope, event } from '../support/records.ts'
import { environmentOf } from './broker.ts'
import { client, withAdmin } from './topic.ts'

export interface Told {
  level: 'fine' | 'note' | 'warning' | 'problem'
  about: string
  name: string | null
  says: string
  advice: string | null
  partitions?: { partition: number; committed: number | null; low: number; end: number; lag: number }[]
}

/** Runs `check --kafka --json` like a user. */
export async function checked(env: Record<string, string>) {
  const startedAt = performance.now()
  const { code, stdout, stderr } = await cli(['check', '--kafka', '--json'], env)
  const seconds = (performance.now() - startedAt) / 1_000
  const output = JSON.parse(stdout) as { problems: string[]; warnings: string[]; notes: string[]; kafka: Told[] }
  return { ...output, code, stdout, stderr, seconds }
}

/** Checks one topic on this run's broker, and returns the findings about that topic and the group only. */
export async function checkedTopic(topic: string, env: Record<string, string> = {}) {
  const found = await checked({ ...environmentOf(), KAFKA_GROUP: groupOf(topic), KAFKA_TOPICS: topic, ...env })
  const of = (about: string) => found.kafka.filter((one) => one.about === about)
  return { ...found, topic: of('topic'), records: of('records'), group: of('group') }
}

/** The consumer group that checkedTopic uses. */
export const groupOf = (topic: string) => `group-of-${topic}`

/** kube-eventer's record of an event that happened now, or this long ago. */
export function happened(minutesAgo = 0): string {
  const lastTimestamp = new Date(Date.now() - minutesAgo * 60_000).toISOString().replace(/\.\d+/, '')
  return envelope(event(1, { firstTimestamp: lastTimestamp, lastTimestamp }))
}

/** Commits offsets, from partition 0 on, like a worker that was in the group for a moment. */
export async function commit(topic: string, ...offsets: number[]) {
  const consumer = client().consumer({ groupId: groupOf(topic), maxWaitTimeInMs: 100 })
  const joined = new Promise((resolve) => consumer.on(consumer.events.GROUP_JOIN, resolve))
  await consumer.connect()
  await consumer.subscribe({ topic })
  await consumer.run({ autoCommit: false, eachBatch: async () => {} })
  await joined
  // Otherwise the consumer resets an offset that is out of range, and commits that.
  consumer.pause([{ topic }])
  await consumer.commitOffsets(offsets.map((offset, partition) => ({ topic, partition, offset: String(offset) })))
  await consumer.disconnect()
}

/** Deletes the records of partition 0 before this offset, like retention. */
export async function deleteUpTo(topic: string, offset: number) {
  await withAdmin(async (admin) => {
    // kafkajs deletes records only of topics whose metadata it has.
    await admin.fetchTopicOffsets(topic)
    await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: String(offset) }] })
  })
}

/** Starts a second broker, until the test ends. */
export async function anotherBroker(name: string, setting: (port: number) => Partial<BrokerSetting> = () => ({})) {
  const { directory, jars } = inject('broker')
  const port = await freePorts()
  const { version = '3.9.2', ...rest } = setting(port)
  const broker = await startBroker({
    ...{ directory: `${directory}/${name}`, port, version, jars: `${jars}/libs-${version}` },
    ...rest,
  })
  onTestFinished(broker.stop)
  return broker
}

/** The first of three free ports in a row. */
async function freePorts(): Promise<number> {
  const port = 20_000 + Math.floor(Math.random() * 10_000)
  const free = await Promise.all([port, port + 1, port + 2].map(isFree))
  return free.every(Boolean) ? port : freePorts()
}
