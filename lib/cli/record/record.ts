import type { KafkaConfig } from '../../app/config/kafka.ts'
import { checkTopic, openClient, tellingTrouble, topicOf, withAdmin } from '../broker.ts'
import { type Command, exitCodes, Misuse, readArguments, UserError, wholeNumber } from '../command.ts'
import { configureKafka } from '../configuration.ts'
import { startProgress, stopOnSignal } from '../terminal.ts'
import { checkPlace, formOf, openOutput } from './output.ts'
import { emptiness, type From, findRanges, type Range, readFrom, sizeOf, timelessness } from './ranges.ts'
import { freshGroup, readRanges } from './read.ts'
import { renderRecorded, startRecordingCount } from './report.ts'

// As many as a batch of Lambda has by default.
const defaultBatch = 100
const mostInBatch = 10_000
const mostInRecording = 999_999_999
// So long that a broker may start anew meanwhile.
const patience = 8

export const record: Command = {
  about: 'record what is in a Kafka topic, for replay, stats and explain',
  help: `Usage: kube-eventer-telegram record <out.ndjson|out.ndjson.gz|batch.json> [options]

Reads a topic from one place to its present end, and writes what it finds, byte by byte as it came:
  .ndjson, .ndjson.gz   a recording: a record on each line, {"topic":"…","partition":0,"offset":"0","value":"…"}; a value
                        that is no text in base64 ("encoding":"base64")
  .json                 one batch as Lambda gets it, at most ${defaultBatch} records: for replay and serverless invoke local -p

The brokers and the login are those of the worker (KAFKA_BROKERS, KAFKA_SASL, …: README, Configure).
It disturbs nobody: it reads as a group of its own, kube-eventer-telegram-record-<random>, commits nothing in it and removes it.
With ACLs it needs Read and Describe on the topic, and Read on groups with that prefix.

  --topic <name>     the topic (default: KAFKA_TOPICS, if it names one)
  --from <place>     beginning (default), latest, a time such as 2026-11-24T07:26:34Z, or an offset. A time is found by
                     what the records say in Kafka, and those of stock kube-eventer say none (timestamp −1), unless the
                     topic has message.timestamp.type=LogAppendTime
  --partition <n>    only this one; may be given several times
  --max <n>          at most so many records
  --follow           goes on with what comes, until Ctrl-C
  --force            overwrites a file that is there
  --json             what was recorded as JSON, and nothing else

The order is always the same: by the broker's clock where it wrote the times, else by offset, then by partition, which is how
kube-eventer wrote them; with --follow, after what was there, as they come.

Examples:
  kube-eventer-telegram record --topic kube-events batch.json && kube-eventer-telegram replay batch.json
  kube-eventer-telegram record --topic kube-events --from 2026-11-24T00:00:00Z day.ndjson.gz && kube-eventer-telegram stats day.ndjson.gz
  kube-eventer-telegram record --topic kube-events --from latest --follow --max 20 next.ndjson
  kube-eventer-telegram record --topic kube-events --partition 2 --from 4711 --max 1 one.json && kube-eventer-telegram explain one.json

Ends with 0, also by Ctrl-C with --follow; with 1 if there was nothing, or it ended early: what it had is in the file.`,

  async run(args) {
    const { values, positionals } = readArguments({ args, allowPositionals: true, options })
    const [file] = positionals
    if (file === undefined) throw new Misuse('which file? record <out.ndjson|out.ndjson.gz|batch.json>')
    if (positionals.length > 1) throw new Misuse(`one file at a time, given ${positionals.length}`)
    const form = formOf(file)
    const from = readFrom(values.from)
    const follows = values.follow
    if (from.kind === 'latest' && !follows)
      throw new Misuse('--from latest: nothing has come after the end yet. With --follow it waits for what comes')
    const given = values.max ?? (form === 'batch' ? String(defaultBatch) : undefined)
    const most = form === 'batch' ? mostInBatch : mostInRecording
    const max = given === undefined ? Infinity : wholeNumber('--max', given, most)
    const partitions = (values.partition ?? []).map(partitionOf)
    checkTopic(values.topic)
    const config = configureKafka(process.env)
    const topic = topicOf(values.topic, config)
    const place = { file, overwrites: values.force }
    checkPlace(place)
    return write({ config, topic, from, partitions, max, follows, place, isJson: values.json })
  },
}

const options = {
  topic: { type: 'string' },
  from: { type: 'string', default: 'beginning' },
  partition: { type: 'string', multiple: true },
  max: { type: 'string' },
  follow: { type: 'boolean', default: false },
  force: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
} as const

function partitionOf(given: string): number {
  if (!/^\d{1,6}$/.test(given)) throw new Misuse(`--partition: given "${given}", expected a number from 0 on`)
  return Number(given)
}

interface Wanted {
  config: KafkaConfig
  topic: string
  from: From
  partitions: number[]
  max: number
  follows: boolean
  place: { file: string; overwrites: boolean }
  isJson: boolean
}

function write({ config, topic, from, partitions, max, follows, place, isJson }: Wanted): Promise<number> {
  const note = (text: string) => console.error(`note: ${text}`)
  for (const warning of config.warnings) note(warning)
  const group = freshGroup()
  const report = startRecordingCount({ topic, file: place.file })
  const before = () => (report.records === 0 ? '' : `${place.file} has ${report.records} records, then: `)

  const refusal = async () => {
    const { groupRefusal } = await import('../../adapters/kafka/brokers.ts')
    return groupRefusal(config.kafka, group)
  }

  return tellingTrouble({ topic, group, before, refusal }, async () => {
    const ranges = await withAdmin(await openClient(config), (admin) => findRanges(admin, { topic, from, partitions }))
    const stop = stopOnSignal()
    const reading = {
      client: await openClient(config, patience),
      topic,
      ranges,
      group,
      follows,
      signal: stop.signal,
      note,
    }
    if (from.kind === 'time' && (await isTimeless(reading, ranges))) throw new UserError(timelessness(topic, from))
    const size = sizeOf(ranges)
    if (size === 0 && !follows) throw new UserError(emptiness(topic, from, ranges))

    const output = openOutput(place, config.kafka.brokers)
    const what = `${follows ? 'following' : 'reading'} topic ${topic}`
    const progress = startProgress({ what, total: follows ? undefined : Math.min(size, max), isQuiet: isJson })
    try {
      for await (const one of readRanges(reading)) {
        await output.write(one)
        progress.at(report.add(one))
        if (report.records >= max) break
      }
    } finally {
      progress.end()
      await output.close()
    }
    const isInterrupted = stop.signal.aborted && report.records < max
    const ended = isInterrupted ? 'interrupted' : report.records >= max ? 'max' : 'end'
    const recorded = report.recorded(ended, follows ? undefined : size)
    console.log(isJson ? JSON.stringify(recorded, undefined, 2) : renderRecorded(recorded))
    return (isInterrupted && !follows) || report.records === 0 ? exitCodes.problem : exitCodes.fine
  })
}

/** Nothing is found since a time: perhaps because what is there has none, which the last record of a partition tells. */
async function isTimeless(reading: Parameters<typeof readRanges>[0], ranges: readonly Range[]): Promise<boolean> {
  const [filled] = ranges.filter(({ low, end }) => low < end)
  if (sizeOf(ranges) > 0 || !filled) return false
  const last = [{ ...filled, from: filled.end - 1 }]
  for await (const { timestamp } of readRanges({ ...reading, ranges: last, follows: false })) return timestamp === '-1'
  return false
}
