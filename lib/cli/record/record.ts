import type { KafkaConfig } from '../../app/config/kafka.ts'
import { checkTopic, openClient, tellingTrouble, topicOf, withAdmin } from '../broker.ts'
import { type Command, exitCodes, Misuse, onlyFile, readArguments, UserError, wholeNumber } from '../command.ts'
import { configureKafka } from '../configuration.ts'
import { startProgress, stopOnSignal } from '../terminal.ts'
import { checkPlace, formOf, openOutput } from './output.ts'
import { emptiness, type From, findRanges, type Range, readFrom, sizeOf, timelessness } from './ranges.ts'
import { freshGroup, readRanges } from './read.ts'
import { renderRecorded, startRecordingCount } from './report.ts'

// Lambda's default batch size.
const defaultBatch = 100
const mostInBatch = 10_000
const mostInRecording = 999_999_999
// Long enough for a broker to restart.
const retries = 8

const options = {
  topic: { type: 'string' },
  from: { type: 'string', default: 'beginning' },
  partition: { type: 'string', multiple: true },
  max: { type: 'string' },
  follow: { type: 'boolean', default: false },
  force: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
} as const

export const record: Command = {
  about: 'save the records of a Kafka topic to a file, for replay, stats and explain',
  help: `Usage: kube-eventer-telegram record <out.ndjson|out.ndjson.gz|batch.json> [options]

Reads a topic up to its present end and writes its records, unchanged, to a file:
  .ndjson, .ndjson.gz  a recording: one record per line, {"topic":"…","partition":0,"offset":"0","value":"…"}. A value that is
                       not text is in base64 ("encoding":"base64")
  .json                one Lambda batch of at most ${defaultBatch} records, for replay and serverless invoke local -p

The brokers and the login are those of the worker (KAFKA_BROKERS, KAFKA_SASL, …).
Other consumers are not affected: the command reads with its own group, kube-eventer-telegram-record-<random>, commits nothing
and deletes the group. With ACLs it needs Read and Describe on the topic, and Read on groups with that prefix.

  --topic <name>     the topic (default: KAFKA_TOPICS, if it has one topic)
  --from <place>     beginning (default), latest, a time such as 2026-11-24T07:26:34Z, or an offset. A time needs a topic with
                     message.timestamp.type=LogAppendTime, because kube-eventer sends no timestamps
  --partition <n>    read only this partition; can be repeated
  --max <n>          stop after n records
  --follow           continue with new records until Ctrl-C
  --force            overwrite an existing file
  --json             print only the result, as JSON

Records are always written in the same order: by the broker's time if the broker wrote it, else by offset, then by partition,
which is how kube-eventer wrote them. With --follow, new records come after that, as they arrive.

Examples:
  kube-eventer-telegram record --topic kube-events batch.json && kube-eventer-telegram replay batch.json
  kube-eventer-telegram record --topic kube-events --from 2026-11-24T00:00:00Z day.ndjson.gz && kube-eventer-telegram stats day.ndjson.gz
  kube-eventer-telegram record --topic kube-events --from latest --follow --max 20 next.ndjson
  kube-eventer-telegram record --topic kube-events --partition 2 --from 4711 --max 1 one.json && kube-eventer-telegram explain one.json

Exit code 0: done, also after Ctrl-C with --follow. 1: no records, or stopped early; records read so far are in the file.`,
  choices: { from: ['beginning', 'latest'] },

  async run(args) {
    const { values, positionals } = readArguments({ args, allowPositionals: true, options })
    const file = onlyFile(positionals, 'record <out.ndjson|out.ndjson.gz|batch.json>')
    const form = formOf(file)
    const from = readFrom(values.from)
    const follows = values.follow
    if (from.kind === 'latest' && !follows)
      throw new Misuse('--from latest: there is nothing after the end. Use --follow to wait for new records')
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

function partitionOf(given: string): number {
  if (!/^\d{1,6}$/.test(given)) throw new Misuse(`--partition: "${given}" must be a number, 0 or higher`)
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
      client: await openClient(config, retries),
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

/** Whether no record was found since a time because records have no timestamps. Looks at the last record of a partition. */
async function isTimeless(reading: Parameters<typeof readRanges>[0], ranges: readonly Range[]): Promise<boolean> {
  const [filled] = ranges.filter(({ low, end }) => low < end)
  if (sizeOf(ranges) > 0 || !filled) return false
  const last = [{ ...filled, from: filled.end - 1 }]
  for await (const { timestamp } of readRanges({ ...reading, ranges: last, follows: false })) return timestamp === '-1'
  return false
}
