import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import kafkajs, { type KafkaConfig, type SASLOptions } from 'kafkajs'
import { describe, expect, inject, onTestFinished, test } from 'vitest'
import { isFree, startBroker } from '../../infra/local/broker.ts'
import { broker, settingOf, type Way, ways } from './broker.ts'
import { endsOf, eventually, newTopic, produceRecords } from './topic.ts'

const { Kafka, logLevel, Partitioners } = kafkajs

/** Plain kafkajs, without this program's settings. */
function bare(setting: Omit<KafkaConfig, 'logLevel'>) {
  return new Kafka({ retry: { retries: 1 }, ...setting, logLevel: logLevel.NOTHING })
}

function bareOf(way: Way) {
  const { brokers, tls, login } = settingOf(way)
  const ssl = tls && {
    ca: [tls.ca ?? ''],
    ...(tls.certificate && tls.key ? { cert: tls.certificate, key: tls.key } : {}),
  }
  return { brokers, ...(ssl ? { ssl } : {}), ...(login ? { sasl: login as SASLOptions } : {}) }
}

async function roundTrip(setting: Omit<KafkaConfig, 'logLevel'>, topic: string): Promise<(string | undefined)[]> {
  const kafka = bare({ ...setting, retry: { retries: 8 } })
  const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner })
  const consumer = kafka.consumer({ groupId: `smoke-${topic}`, maxWaitTimeInMs: 100 })
  const values: (string | undefined)[] = []
  await producer.connect()
  await producer.send({ topic, messages: ['a', 'b', 'c'].map((value, partition) => ({ value, partition })) })
  await producer.disconnect()
  await consumer.connect()
  await consumer.subscribe({ topic, fromBeginning: true })
  await consumer.run({ eachMessage: async ({ message }) => void values.push(message.value?.toString()) })
  await eventually('three records are read', () => values.length === 3)
  await consumer.disconnect()
  return values.toSorted()
}

async function refusal(setting: Omit<KafkaConfig, 'logLevel'>): Promise<Error> {
  const admin = bare(setting).admin()
  try {
    await admin.connect()
    // With TLS 1.3 a client learns of a refused certificate only at its first request.
    await admin.listTopics()
    throw new Error('taken')
  } catch (error) {
    return error as Error
  } finally {
    await admin.disconnect()
  }
}

test.each(ways)('records go through the listener: %s', async (way) => {
  expect(await roundTrip(bareOf(way), await newTopic())).toEqual(['a', 'b', 'c'])
})

describe('the listeners refuse', () => {
  test.each(['plain', 'scram-sha-256', 'scram-sha-512'] as const)('a wrong password: %s', async (mechanism) => {
    const sasl = { mechanism, username: inject('broker').user.name, password: 'wrong' } as SASLOptions
    expect(await refusal({ ...bareOf(mechanism), sasl })).toMatchObject({ name: 'KafkaJSSASLAuthenticationError' })
  })

  test('a client that trusts another authority', async () => {
    const ca = readFileSync(inject('broker').certificates.wrongCa, 'utf8')
    const { message } = await refusal({ ...bareOf('scram-sha-512'), ssl: { ca: [ca] } })
    expect(message).toMatch(/certificate/)
  })

  test('a client without a certificate', async () => {
    const { brokers, tls } = settingOf('certificate')
    const { message } = await refusal({ brokers, ssl: { ca: [tls?.ca ?? ''] } })
    expect(message).not.toBe('taken')
  })
})

test('accepted records survive a power failure and a clean stop', async () => {
  onTestFinished(broker.start)
  const topic = await newTopic({ partitions: 2 })
  await produceRecords(topic, 'a', 'b', 'c')
  await broker.kill()
  await broker.start()
  expect(await endsOf(topic)).toEqual([2, 1])
  await broker.stop()
  await broker.start()
  expect(await endsOf(topic)).toEqual([2, 1])
})

test('kafkajs writes to and reads from Kafka 4, too', async () => {
  const { directory, jars } = inject('broker')
  const version = '4.4.0'
  const port = await freePair()
  const four = await startBroker({
    directory: join(directory, 'four'),
    jars: join(jars, `libs-${version}`),
    version,
    port,
  })
  onTestFinished(four.stop)
  const topic = await newTopic({ address: four.address })
  expect(await roundTrip({ brokers: [four.address] }, topic)).toEqual(['a', 'b', 'c'])
})

async function freePair(): Promise<number> {
  const port = 20_000 + Math.floor(Math.random() * 10_000)
  return (await isFree(port)) && (await isFree(port + 1)) ? port : freePair()
}
