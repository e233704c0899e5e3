import { randomBytes } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import type { Admin, Kafka, Message } from 'kafkajs'
import { CompressionTypes } from 'kafkajs'
import { inject } from 'vitest'
import { createKafkaClient, createPartitioner } from '../../lib/adapters/kafka/client.ts'
import { type ConsumedRecord, messageToConsumed } from '../../lib/adapters/kafka/lambda-event.ts'

/** A client of the plaintext listener that survives a restart of the broker. */
export function client(address = inject('broker').addresses.plaintext): Kafka {
  return createKafkaClient({ brokers: [address], tls: undefined, login: undefined }, { retries: 12 })
}

/** Creates a topic for this test only. */
export async function newTopic({
  partitions = 3,
  configs = {},
  address,
}: {
  partitions?: number
  configs?: Record<string, string>
  /** Another broker than the one of this run. */
  address?: string
} = {}): Promise<string> {
  const topic = `events-${randomBytes(6).toString('hex')}`
  const configEntries = Object.entries(configs).map(([name, value]) => ({ name, value }))
  await withAdmin(async (admin) => {
    // Waiting for leaders may fail on a busy broker although the topic is created.
    await admin.createTopics({
      waitForLeaders: false,
      topics: [{ topic, numPartitions: partitions, replicationFactor: 1, configEntries }],
    })
    await offsetsOf(topic, admin)
  }, address)
  return topic
}

/** Plain values go to the partitions in turn, starting with 0, like kube-eventer's. */
export type Value = string | Buffer | Message

/** Writes the values to the topic in this order. Plain values get no key, headers or timestamp. */
export async function produceRecords(topic: string, ...values: Value[]): Promise<void> {
  await produceCompressed(topic, CompressionTypes.None, ...values)
}

/** The same, compressed: gzip, snappy or zstd. */
export async function produceCompressed(topic: string, compression: CompressionTypes, ...values: Value[]) {
  const kafka = client()
  const count = (await endsOf(topic)).length
  const producer = kafka.producer({ createPartitioner })
  await producer.connect()
  try {
    for (let first = 0; first < values.length; first += mostAtOnce) {
      const messages = values.slice(first, first + mostAtOnce).map((value, index): Message => {
        const partition = (first + index) % count
        return typeof value === 'string' || Buffer.isBuffer(value)
          ? { key: null, value, partition }
          : { partition, ...value }
      })
      await producer.send({ topic, compression, messages })
    }
  } finally {
    await producer.disconnect()
  }
}

// Kafka accepts at most one megabyte per partition in a request.
const mostAtOnce = 300

/** The group's committed offsets, by partition; -1: none. */
export async function committed(group: string, topic: string): Promise<number[]> {
  return withAdmin(async (admin) => {
    // On a new broker the first group has no coordinator for a moment.
    const [found] = await eventually(`the offsets of ${group} are known`, () =>
      unlessRetriable(admin.fetchOffsets({ groupId: group, topics: [topic] })),
    )
    const partitions = found?.partitions.toSorted((one, other) => one.partition - other.partition) ?? []
    return partitions.map(({ offset }) => Number(offset))
  })
}

/** The offset that the next record of each partition will get. */
export async function endsOf(topic: string): Promise<number[]> {
  return withAdmin(async (admin) => {
    const found = await offsetsOf(topic, admin)
    return found.toSorted((one, other) => one.partition - other.partition).map(({ high }) => Number(high))
  })
}

/** New partitions, and those of a restarted broker, have no leader for a moment. A record sent then may be stored twice. */
function offsetsOf(topic: string, admin: Admin) {
  return eventually(`topic ${topic} has leaders`, () => unlessRetriable(admin.fetchTopicOffsets(topic)))
}

async function unlessRetriable<Found>(found: Promise<Found>): Promise<Found | undefined> {
  try {
    return await found
  } catch (error) {
    if ((error as { retriable?: boolean }).retriable) return undefined
    throw error
  }
}

/** All current records of a topic, by partition and offset. */
export async function readTopic(topic: string): Promise<ConsumedRecord[]> {
  const ends = await endsOf(topic)
  const consumer = client().consumer({ groupId: `reader-of-${topic}`, maxWaitTimeInMs: 100 })
  const records: ConsumedRecord[] = []
  await consumer.connect()
  try {
    await consumer.subscribe({ topic, fromBeginning: true })
    await consumer.run({
      eachMessage: async ({ partition, message }) => void records.push(messageToConsumed(topic, partition, message)),
    })
    await eventually(`topic ${topic} is read`, () => records.length >= ends.reduce((sum, end) => sum + end, 0))
  } finally {
    await consumer.disconnect()
  }
  return records.sort((one, other) => one.partition - other.partition || Number(one.offset) - Number(other.offset))
}

/** Runs `use` with a connected admin client. */
export async function withAdmin<Result>(use: (admin: Admin) => Promise<Result>, address?: string): Promise<Result> {
  const admin = client(address).admin()
  await admin.connect()
  try {
    return await use(admin)
  } finally {
    await admin.disconnect()
  }
}

/** Resolves with the condition's result as soon as it holds; rejects if it does not hold in time. */
export async function eventually<Found>(
  what: string,
  condition: () => Found | Promise<Found>,
  { seconds = 30 }: { seconds?: number } = {},
): Promise<Exclude<Found, false | undefined>> {
  const deadline = Date.now() + seconds * 1_000
  for (;;) {
    const found = await condition()
    if (found !== false && found !== undefined) return found as Exclude<Found, false | undefined>
    if (Date.now() > deadline) throw new Error(`not within ${seconds} s: ${what}`)
    await wait(50)
  }
}
