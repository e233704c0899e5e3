// One consumer in a process of its own: measures how fast it reads a topic after it joined its group. Prints {"seconds":…,"megabytes":…}.
import { openSync, writeSync } from 'node:fs'
import { createKafkaClient } from '../../lib/adapters/kafka/client.ts'
import { parseConfig } from '../../lib/app/config/config.ts'
import { startWorker } from '../../lib/app/worker.ts'

const [kind = '', address = '', topic = '', records = '0', port = '0', state = 'memory'] = process.argv.slice(2)
const total = Number(records)
const setting = { brokers: [address], tls: undefined, login: undefined }
let startedAt = 0
let read = 0

function count(more: number) {
  read += more
  if (read < total) return
  const seconds = (performance.now() - startedAt) / 1_000
  process.stdout.write(`${JSON.stringify({ seconds, megabytes: process.resourceUsage().maxRSS / 1_024 })}\n`, () =>
    process.exit(),
  )
}

void (kind === 'bare' ? readBarely() : work())

async function readBarely() {
  const consumer = createKafkaClient(setting).consumer({ groupId: `bare-${process.pid}` })
  await consumer.connect()
  await consumer.subscribe({ topic, fromBeginning: true })
  consumer.on(consumer.events.GROUP_JOIN, () => (startedAt = performance.now()))
  await consumer.run({
    eachBatch: async ({ batch }) => {
      for (const { value } of batch.messages) {
        const { EventValue } = JSON.parse(String(value)) as { EventValue: string }
        JSON.parse(EventValue)
      }
      count(batch.messages.length)
    },
  })
}

async function work() {
  const parsed = parseConfig({
    TELEGRAM_BOT_TOKEN: '1:bench',
    TELEGRAM_CHAT_ID: '-1',
    STATE: state,
    TELEGRAM_API_ROOT: 'http://127.0.0.1:9',
  })
  if ('problems' in parsed) throw new Error(parsed.problems.join('\n'))
  const nowhere = openSync('/dev/null', 'w')
  await startWorker(
    parsed.config,
    {
      kafka: setting,
      topics: [topic],
      group: `worker-${process.pid}`,
      from: 'beginning',
      healthPort: Number(port),
      warnings: [],
    },
    {
      version: 'bench',
      write(line) {
        // As with a container's log.
        writeSync(nowhere, line)
        if (startedAt === 0 && line.includes('"message":"kafka: joined the consumer group"'))
          startedAt = performance.now()
        // The last line that a batch logs.
        const summary = line.lastIndexOf('"message":"batch"')
        const [, batch] = summary < 0 ? [] : (/"Records":(\d+)/.exec(line.slice(summary)) ?? [])
        if (batch) count(Number(batch))
      },
    },
  )
}
