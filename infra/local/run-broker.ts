// npm run broker: a real Kafka broker without Docker, with kube-eventer's topic, until Ctrl-C. It needs Java 17 and Maven.
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Admin } from 'kafkajs'
import { createKafkaClient } from '../../lib/adapters/kafka/client.ts'
import { startBroker } from './broker.ts'
import { defaultVersion } from './jars.ts'

const topic = 'kube-events'
const sevenDays = String(7 * 24 * 60 * 60 * 1_000)
const directory = fileURLToPath(new URL('../../.kafka', import.meta.url))

try {
  await main(process.env)
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`)
  process.exitCode = 1
}

async function main({ KAFKA_PORT, KAFKA_VERSION, KAFKA_JARS }: NodeJS.ProcessEnv) {
  const version = KAFKA_VERSION || defaultVersion
  const jars = KAFKA_JARS || `${directory}/libs-${version}`
  const port = Number(KAFKA_PORT || 9092)
  if (!Number.isInteger(port) || port < 1 || port > 65_534)
    throw new Error(`KAFKA_PORT must be a port from 1 to 65534, not "${KAFKA_PORT}"`)
  if (!existsSync(jars)) print(`Downloading Kafka ${version} with Maven takes about a minute …`)
  const broker = await startBroker({ directory, port, version, jars })
  await makeTopic(broker.address)
  print(nextSteps(broker.address, version))
  const [signal] = await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')])
  print(`\n${signal}: stopping the broker …`)
  await broker.stop()
  print(`Stopped. The broker's data stays in ${directory}`)
}

/** Makes the same topic as infra/kubernetes. */
async function makeTopic(address: string) {
  const admin = createKafkaClient({ brokers: [address], tls: undefined, login: undefined }, { retries: 8 }).admin()
  await admin.connect()
  await makeUnlessThere(admin)
  await admin.disconnect()
}

async function makeUnlessThere(admin: Admin) {
  // Stock kube-eventer writes records without a time, so the broker must add it (LogAppendTime).
  const configEntries = [
    { name: 'message.timestamp.type', value: 'LogAppendTime' },
    { name: 'retention.ms', value: sevenDays },
  ]
  if ((await admin.listTopics()).includes(topic)) return
  // On a busy broker, waiting for leaders may fail although the topic was made.
  await admin.createTopics({
    waitForLeaders: false,
    topics: [{ topic, numPartitions: 3, replicationFactor: 1, configEntries }],
  })
}

function nextSteps(address: string, version: string): string {
  return `
Kafka ${version} listens on ${address}, topic ${topic}. Ctrl-C stops it. In another terminal:

  export KAFKA_BROKERS=${address} KAFKA_TOPICS=${topic}
  npx node dist/kube-eventer-telegram.mjs produce --demo
  npx node dist/kube-eventer-telegram.mjs record batch.json && npx node dist/kube-eventer-telegram.mjs replay batch.json`
}

function print(text: string) {
  process.stdout.write(`${text}\n`)
}
