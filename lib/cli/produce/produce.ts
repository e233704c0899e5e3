import { systemClock } from '../../adapters/clock.ts'
import type { KafkaConfig } from '../../app/config/kafka.ts'
import { checkTopic, openClient, tellingTrouble, topicOf, withAdmin } from '../broker.ts'
import { type Command, exitCodes, Misuse, onlyFile, readArguments, wholeNumber } from '../command.ts'
import { configureKafka } from '../configuration.ts'
import { formatCount, plural, startProgress, stopOnSignal } from '../terminal.ts'
import { demoRecords } from './demo.ts'
import { readOutgoing } from './input.ts'
import { type OutgoingRecord, sendAll, type WrittenRange } from './send.ts'

const mostRate = 100_000

const options = {
  demo: { type: 'boolean', default: false },
  topic: { type: 'string' },
  rate: { type: 'string' },
  json: { type: 'boolean', default: false },
} as const

export const produce: Command = {
  about: 'write records into a Kafka topic, in the form of kube-eventer',
  help: `Usage: kube-eventer-telegram produce <file|-> [options]
       kube-eventer-telegram produce --demo [options]

Writes records into an existing topic as kube-eventer does: without key, headers and timestamp, to the partitions in turn. The
worker or function that reads the topic shows them in Telegram.

<file> (may be gzipped; - is standard input) is one of
  a recording, or a Lambda batch           the values are written unchanged, each to the partition that it came from, because
                                           Kafka keeps order only within a partition
  Events (one JSON per line), or           wrapped in kube-eventer's format
  the output of kubectl get events -o json

The brokers and the login are those of the worker (KAFKA_BROKERS, KAFKA_SASL, …).

  --demo           write eight records of a cluster in trouble, with the present time
  --topic <name>   the topic (default: KAFKA_TOPICS, if it has one topic). The topic in a recording is ignored
  --rate <n>       at most n records per second
  --json           print only the result, as JSON

Examples:
  kube-eventer-telegram produce --demo --topic kube-events
  kube-eventer-telegram produce test/recordings/cluster-mixed.ndjson.gz --topic kube-events --rate 20
  kubectl get events -A -o json | kube-eventer-telegram produce - --topic kube-events

Exit code 1: not everything was written. If a broker fails meanwhile, a record may be written twice, as by kube-eventer itself.`,

  async run(args) {
    const { values, positionals } = readArguments({ args, allowPositionals: true, options })
    if (positionals.length === 0 && !values.demo) throw new Misuse('missing file: produce <file>, or produce --demo')
    if (positionals.length > 0 && values.demo) throw new Misuse('give a file or --demo, not both')
    const file = values.demo ? undefined : onlyFile(positionals, 'produce <file>')
    const rate = values.rate === undefined ? undefined : wholeNumber('--rate', values.rate, mostRate)
    checkTopic(values.topic)
    const config = configureKafka(process.env)
    return put({ config, topic: topicOf(values.topic, config), file, rate, isJson: values.json })
  },
}

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
        client,
        topic,
        partitions: offsets.length,
        records,
        rate,
        signal: stop.signal,
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
  /** Records without a value that can be written. */
  leftOut: number
  isInterrupted: boolean
  partitions: WrittenRange[]
}

function render({ topic, records, leftOut, isInterrupted, partitions }: Summary): string {
  if (records === 0) return `Nothing was written to topic ${topic}: there are no records.`
  return [
    `${isInterrupted ? 'interrupted: ' : ''}${plural(records, 'record')} written to topic ${topic}`,
    ...partitions.map(({ partition, first, last }) => `  partition ${partition}: offsets ${first} to ${last}`),
    ...(leftOut > 0 ? [`  ${formatCount(leftOut)} skipped: they have no value that can be written`] : []),
    '',
    'Next: the worker or the function that reads this topic shows them in Telegram. Without one:',
    `  kube-eventer-telegram record --topic ${topic} batch.json && kube-eventer-telegram replay batch.json`,
  ].join('\n')
}
