import { systemClock } from '../../adapters/clock.ts'
import type { KafkaConfig } from '../../app/config/kafka.ts'
import { checkTopic, openClient, tellingTrouble, topicOf, withAdmin } from '../broker.ts'
import { type Command, exitCodes, Misuse, readArguments, wholeNumber } from '../command.ts'
import { configureKafka } from '../configuration.ts'
import { countText, plural, startProgress, stopOnSignal } from '../terminal.ts'
import { demoRecords } from './demo.ts'
import { readOutgoing } from './input.ts'
import { type OutgoingRecord, sendAll, type WrittenRange } from './send.ts'

const mostRate = 100_000

export const produce: Command = {
  about: 'put records into a Kafka topic as kube-eventer does',
  help: `Usage: kube-eventer-telegram produce <file|-> [options]
       kube-eventer-telegram produce --demo [options]

Writes records into a topic in kube-eventer's shape: no key, no headers, no timestamp (the broker writes its own where the topic
has message.timestamp.type=LogAppendTime), round and round the partitions. Whatever reads the topic shows them in Telegram.

<file> (also gzipped; - for standard input) is
  a recording, or one batch as Lambda gets it   its values go out as they are, each to the partition in which it was (of
                                                fewer partitions: to one of them), since only within a partition records
                                                have an order
  Events, one JSON on each line, or what        wrapped as kube-eventer wraps them
  kubectl get events -o json prints

The brokers and the login are those of the worker (KAFKA_BROKERS, KAFKA_SASL, …: README, Configure).

  --demo           eight records of a cluster in trouble, with the present time in them
  --topic <name>   the topic (default: KAFKA_TOPICS, if it names one); the one in a recording does not count. It has to be there
  --rate <n>       so many records in a second, instead of as fast as it goes
  --json           what was written as JSON, and nothing else

Examples:
  kube-eventer-telegram produce --demo --topic kube-events
  kube-eventer-telegram produce test/recordings/cluster-mixed.ndjson.gz --topic kube-events --rate 20
  kubectl get events -A -o json | kube-eventer-telegram produce - --topic kube-events

Ends with 1 if not all was written. A broker that goes away meanwhile may have a record twice, as with kube-eventer itself.`,

  async run(args) {
    const { values, positionals } = readArguments({ args, allowPositionals: true, options })
    const [file] = positionals
    if (file === undefined && !values.demo) throw new Misuse('what? produce <file>, or produce --demo')
    if (file !== undefined && values.demo) throw new Misuse('a file or --demo, not both')
    if (positionals.length > 1) throw new Misuse(`one file at a time, given ${positionals.length}`)
    const rate = values.rate === undefined ? undefined : wholeNumber('--rate', values.rate, mostRate)
    checkTopic(values.topic)
    const config = configureKafka(process.env)
    return put({ config, topic: topicOf(values.topic, config), file, rate, isJson: values.json })
  },
}

const options = {
  demo: { type: 'boolean', default: false },
  topic: { type: 'string' },
  rate: { type: 'string' },
  json: { type: 'boolean', default: false },
} as const

interface Wanted {
  config: KafkaConfig
  topic: string
  /** Undefined: the demo. */
  file: string | undefined
  rate: number | undefined
  isJson: boolean
}

function put({ config, topic, file, rate, isJson }: Wanted): Promise<number> {
  for (const warning of config.warnings) console.error(`note: ${warning}`)
  const clock = systemClock
  let partitions: WrittenRange[] = []
  let leftOut = 0
  const written = () => partitions.reduce((sum, { records }) => sum + records, 0)
  const before = () => (written() === 0 ? '' : `${plural(written(), 'record')} written, then: `)

  return tellingTrouble({ topic, before }, async () => {
    const client = await openClient(config)
    const offsets = await withAdmin(client, (admin) => admin.fetchTopicOffsets(topic))
    const stop = stopOnSignal()
    const onLeftOut = () => {
      leftOut += 1
    }
    const records = file === undefined ? demo(clock.now()) : readOutgoing(file, clock.now, onLeftOut)
    const progress = startProgress({ what: `writing to topic ${topic}`, total: undefined, isQuiet: isJson })
    try {
      await sendAll({
        ...{ client, topic, partitions: offsets.length, records, rate, signal: stop.signal },
        onSent(sent) {
          partitions = [...sent.values()].sort((one, other) => one.partition - other.partition)
          progress.at(written())
        },
      })
    } finally {
      progress.end()
    }
    const isInterrupted = stop.signal.aborted
    const summary = { topic, records: written(), leftOut, isInterrupted, partitions }
    console.log(isJson ? JSON.stringify(summary, undefined, 2) : render(summary))
    return isInterrupted || leftOut > 0 || written() === 0 ? exitCodes.problem : exitCodes.fine
  })
}

async function* demo(now: number): AsyncGenerator<OutgoingRecord> {
  for (const value of demoRecords(now)) yield { value: Buffer.from(value, 'utf8') }
}

interface Summary {
  topic: string
  records: number
  /** Of an odd shape: without bytes to write. */
  leftOut: number
  isInterrupted: boolean
  partitions: WrittenRange[]
}

function render({ topic, records, leftOut, isInterrupted, partitions }: Summary): string {
  if (records === 0) return `Nothing was written to topic ${topic}: no record was found.`
  return [
    `${isInterrupted ? 'interrupted: ' : ''}${plural(records, 'record')} written to topic ${topic}`,
    ...partitions.map(({ partition, first, last }) => `  partition ${partition}: offsets ${first} to ${last}`),
    ...(leftOut > 0 ? [`  ${countText(leftOut)} left out: without bytes to write`] : []),
    '',
    'Next: the worker, or the function on this topic, shows them in Telegram. Without either:',
    `  npx kube-eventer-telegram record --topic ${topic} batch.json && npx kube-eventer-telegram replay batch.json`,
  ].join('\n')
}
