import { randomBytes } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import type { Admin, Kafka, Message } from 'kafkajs'
import { CompressionTypes } from 'kafkajs'
import { inject } from 'vitest'
import { createKafkaClient, createPartitioner } from '../../lib/adapters/kafka/client.ts'
import { type ConsumedRecord, messageToConsumed } from '../../lib/adapters/kafka/lambda-event.ts'

/** A client of the listener without security, which outlives a restart of the broker. */
export function client(address = inject('broker').addresses.plaintext): Kafka {
  return createKafkaClient({ brokers: [address], tls: undefined, login: undefined }, { retries: 12 })
}

/** Makes a topic that no other test has. */
export async function newTopic({
  partitions = 3,
  configs = {},
  address,
}: {
  partitions?: number
  configs?: Record<string, string>
  /** Of another broker than that of this run. */
  address?: string
} = {}): Promise<string> {
  const topic = `events-${randomBytes(6).toString('hex')}`
  const configEntries = Object.entries(configs).map(([name, value]) => ({ name, value }))
  await withAdmin(async (admin) => {
    // Waiting for leaders may fail on a busy broker though the topic is made.
    await admin.createTopics({
      waitForLeaders: false,
      topics: [{ topic, numPartitions: partitions, replicationFactor: 1, configEntries }],
    })
    await offsetsOf(topic, admin)
  }, address)
  return topic
}

/** A value alone goes to the next partition, the first to 0, as kube-eventer does it. */
export type Value = string | Buffer | Message

/** Puts them into the topic in this order; values alone get no key, no headers and no timestamp of their own. */
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

// Kafka takes at most a megabyte of each partition in one request.
const mostAtOnce = 300

/** What the group has committed, by partition; -1 where it has committed nothing. */
export async function committed(group: string, topic: string): Promise<number[]> {
  return withAdmin(async (admin) => {
    // On a broker that has just started the first group is without a coordinator for a moment.
    const [found] = await eventually(`the offsets of ${group} are told`, () =>
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

/** Partitions that are new, or whose broker was away, are without a leader for a moment: what is sent then may be there twice. */
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

/** All that is in a topic now, by partition and offset. */
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

/** The client is connected for as long as `use` runs. */
export async function withAdmin<Result>(use: (admin: Admin) => Promise<Result>, address?: string): Promise<Result> {
  const admin = client(address).admin()
  await admin.connect()
  try {
    return await use(admin)
  } finally {
    await admin.disconnect()
  }
}

/** Resolves as soon as the condition holds, with what it found; fails if it does not hold in time. */
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
