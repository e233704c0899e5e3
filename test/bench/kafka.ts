// npm run bench:kafka: the worker against a real broker, beside a consumer that only parses. Needs Java 17 and Maven.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { CompressionTypes } from 'kafkajs'
import { isFree, startBroker } from '../../infra/local/broker.ts'
import { createKafkaClient, createPartitioner } from '../../lib/adapters/kafka/client.ts'
import { readRecording } from '../support/recordings.ts'
import { bundle } from './bundle.ts'
import { inTurn, median } from './processes.ts'

const records = { speed: 50_000, memory: 500_000 }
const rounds = 5
const partitions = 3
const goal = 0.5

// Events that the default rules drop in a healthy cluster.
const dropped = ['Scheduled', 'Pulled', 'Created', 'Started', 'SuccessfulCreate', 'ScalingReplicaSet']

// Bundled, as it is installed, so that Node.js does not strip types at start.
const { path: child } = await bundle('kafka-child', `import './test/bench/kafka-child.ts'`)
mkdirSync('.bench', { recursive: true })
const directory = mkdtempSync(join(process.cwd(), '.bench/kafka-bench-'))
const [port, healthPort] = [await freePort(), await freePort()]
const broker = await startBroker({ directory, port })
try {
  await measure()
} finally {
  await broker.stop()
  rmSync(directory, { recursive: true, force: true })
}

async function measure() {
  await fill('speed', records.speed)
  const read = (kind: string, state: string) => () =>
    run(kind, 'speed', records.speed, state).then(({ seconds }) => seconds)
  const times = await inTurn(rounds, {
    bare: read('bare', 'memory'),
    memory: read('worker', 'memory'),
    sqlite: () => read('worker', `sqlite:${directory}/${Math.random()}.db`)(),
  })
  const bare = median(times.bare)
  for (const state of ['memory', 'sqlite'] as const) {
    const ratios = times[state].map((seconds, round) => (times.bare[round] ?? Number.NaN) / seconds)
    console.log(
      `worker, STATE=${state}`.padEnd(22),
      `${median(ratios).toFixed(2)} × the speed of a consumer that only parses  (goal: at least ${goal})`,
      `${Math.round(records.speed / median(times[state]))} records/s against ${Math.round(records.speed / bare)}`,
    )
    if (median(ratios) < goal / 2) process.exitCode = 1
  }
  await fill('memory', records.memory)
  const { megabytes, seconds } = await run('worker', 'memory', records.memory, `sqlite:${directory}/memory.db`)
  console.log(
    'memory'.padEnd(22),
    `${Math.round(megabytes)} MB at most over ${records.memory} records (${Math.round(seconds)} s)`,
  )
}

async function fill(topic: string, count: number) {
  const values = readRecording('cluster-mixed')
    .flatMap(({ value }) => value ?? [])
    .filter((value) => dropped.some((reason) => value.includes(`\\"reason\\": \\"${reason}\\"`)))
  const kafka = createKafkaClient({ brokers: [broker.address], tls: undefined, login: undefined }, { retries: 12 })
  const admin = kafka.admin()
  await admin.connect()
  await admin.createTopics({ waitForLeaders: false, topics: [{ topic, numPartitions: partitions }] })
  await admin.disconnect()
  const producer = kafka.producer({ createPartitioner })
  await producer.connect()
  const mostAtOnce = 1_500
  for (let first = 0; first < count; first += mostAtOnce) {
    const messages = Array.from({ length: Math.min(mostAtOnce, count - first) }, (_, index) => ({
      value: values[(first + index) % values.length] ?? '',
      partition: (first + index) % partitions,
    }))
    await producer.send({
      topic,
      messages,
      compression: count > records.speed ? CompressionTypes.GZIP : CompressionTypes.None,
    })
  }
  await producer.disconnect()
}

async function run(kind: string, topic: string, count: number, state: string) {
  const words = [child, kind, broker.address, topic, String(count), String(healthPort), state]
  const running = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'inherit'] })
  let output = ''
  running.stdout.on('data', (chunk) => (output += chunk))
  await once(running, 'close')
  return JSON.parse(output) as { seconds: number; megabytes: number }
}

async function freePort(): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 10_000)
    if (await isFree(port)) return port
  }
}
