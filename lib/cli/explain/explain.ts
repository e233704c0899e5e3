import { systemClock } from '../../adapters/clock.ts'
import type { Config } from '../../app/config/config.ts'
import { parseTime } from '../../core/event/time.ts'
import { createAnnotate } from '../../pipeline/annotations.ts'
import { type Command, exitCodes, Misuse, onlyFile, readArguments, UserError } from '../command.ts'
import { configureInspection } from '../configuration.ts'
import { openIncidents } from '../inspect/incidents.ts'
import { type InputRecord, readInput, topicOfEvents } from '../inspect/input.ts'
import { openTools } from '../inspect/tools.ts'
import { localMoment, plainLine } from '../inspect/words.ts'
import { stdoutLook } from '../terminal.ts'
import { type Explanation, explainRecord } from './record.ts'
import { openReadOnly, type ReadOnlyStore } from './state.ts'
import { renderExplanation } from './text.ts'

const options = {
  offset: { type: 'string' },
  grep: { type: 'string' },
  at: { type: 'string' },
  config: { type: 'string' },
  json: { type: 'boolean', default: false },
} as const

export const explain: Command = {
  about: 'explain why a record is shown or not: rules, routes, incident, outcome and text',
  help: `Usage: kube-eventer-telegram explain <file|-> [options]

Prints for each record which rules were tried, which rule decided, its targets, the state of its incident, its outcome and
the message in the chat. Sends and writes nothing; needs neither bot nor network.

<file> (also gzipped; - for standard input) is a Lambda batch, a recording (one consumed record per line), the output of
kube-eventer, a Kubernetes Event, or the output of kubectl get events -o json. Each record is a batch of its own and builds
on the records before it. With STATE=sqlite:<file> or dynamodb:<table>, incidents are read from there.

  --offset <place>  print only the record at topic/partition/offset; the others still count
  --grep <text>     print only records that contain this text; the others still count
  --at <time>       the moment for mutes, quiet hours and ages, for example 2026-11-24T22:30:00Z. Default: when a recorded
                    record reached Kafka; now for events without a record
  --config <file>   routing file instead of CONFIG_FILE
  --json            print JSON, with markup and buttons

Examples:
  kube-eventer-telegram explain batch.json
  kube-eventer-telegram explain recording.ndjson.gz --offset kube-events/0/1723
  kubectl get events -A -o json | kube-eventer-telegram explain - --config rules.yml --grep web-7d9f
  kube-eventer-telegram explain event.json --at 2026-11-24T22:30:00+01:00 --json | jq '.records[].deliveries[].outcome'

Exit code: 1 if the configuration or the file has a problem, or if no record was printed.`,

  async run(args) {
    const { values, positionals } = readArguments({ args, allowPositionals: true, options })
    const file = onlyFile(positionals, 'explain <file>, or - for standard input')
    const isPicked = pickOf(values)
    const at = values.at === undefined ? undefined : timeOf(values.at)
    const inspected = await configureInspection(process.env, { file: values.config, readsState: true })
    const { config, hasState } = inspected
    const { stored, notes: stateNotes } = await openReadOnly(hasState ? config.state : { kind: 'memory' })
    const notes = [...inspected.notes, ...stateNotes].map(plainLine)
    try {
      const explained = explainAll(file, { config, stored, at, isPicked })
      const count = values.json ? await writeJson(explained, notes) : await writeText(explained, notes, at, config)
      if (count > 0) return exitCodes.fine
      throw new UserError(`${plainLine(file)}: ${isAsked(values) ? 'no record matches' : 'no records'}`)
    } finally {
      stored.close()
    }
  },
}

interface Asked {
  offset?: string
  grep?: string
}

function isAsked({ offset, grep }: Asked): boolean {
  return offset !== undefined || grep !== undefined
}

function pickOf({ offset, grep }: Asked): (given: InputRecord) => boolean {
  if (offset !== undefined && !/^[^/]+\/\d+\/\d+$/.test(offset))
    throw new Misuse(`--offset: "${offset}" must be topic/partition/offset, for example kube-events/0/1723`)
  const wanted = grep?.toLowerCase()
  return ({ record, decoded }) => {
    const { topic, partition, value } = record
    if (offset !== undefined && offset !== `${topic}/${partition}/${record.offset}`) return false
    if (wanted === undefined) return true
    const isEvent = 'event' in decoded
    const text = isEvent ? JSON.stringify(decoded.event) : Buffer.from(String(value), 'base64').toString('utf8')
    return text.toLowerCase().includes(wanted) || (isEvent && decoded.event.message.toLowerCase().includes(wanted))
  }
}

function timeOf(given: string): number {
  const time = /T.*(?:Z|[+-]\d\d:\d\d)$/.test(given) ? parseTime(given) : undefined
  if (time !== undefined) return time
  throw new Misuse(
    `--at: "${given}" must be a time with a zone, for example 2026-11-24T22:30:00Z or 2026-11-24T22:30:00+01:00`,
  )
}

interface Explained {
  explanation: Explanation
  given: InputRecord
  now: number
}

interface Context {
  config: Config
  stored: ReadOnlyStore
  at: number | undefined
  isPicked: (given: InputRecord) => boolean
}

async function* explainAll(file: string, { config, stored, at, isPicked }: Context): AsyncGenerator<Explained> {
  const { ruleset, timeZone, hasIncidents, state } = config
  const tools = openTools(config)
  const { renderer, present, route } = tools
  const incidents = openIncidents({ renderer, present, isDurable: state.kind !== 'memory' })
  let time = 0
  const annotate = createAnnotate({
    router: route,
    clock: { now: () => time, sleep: async () => {}, after: () => () => {} },
  })
  const context = {
    tools,
    ruleset,
    timeZone,
    hasIncidents,
    incidents,
    stored,
    chats: new Map(),
    annotateAt: (now: number) => {
      time = now
      return annotate
    },
  }
  for await (const given of readInput(file)) {
    const now = at ?? given.arrivedAt ?? systemClock.now()
    const explanation = await explainRecord(given, now, context)
    if (isPicked(given)) yield { explanation, given, now }
  }
}

async function writeJson(explained: AsyncGenerator<Explained>, notes: string[]): Promise<number> {
  const records: Explanation[] = []
  for await (const { explanation } of explained) records.push(explanation)
  if (records.length > 0) console.log(JSON.stringify({ notes, records }, undefined, 2))
  return records.length
}

async function writeText(
  explained: AsyncGenerator<Explained>,
  notes: string[],
  at: number | undefined,
  { timeZone, cluster }: Config,
): Promise<number> {
  const look = stdoutLook()
  let count = 0
  for await (const { explanation, given, now } of explained) {
    if (count === 0) {
      const isGuessed = !given.isPlaced && cluster === undefined
      const guess = `CLUSTER_NAME is not set; events without a record belong to cluster ${topicOfEvents}`
      for (const note of [...notes, ...(isGuessed ? [guess] : [])]) console.log(`note: ${note}`)
      const isRecorded = at === undefined && given.arrivedAt !== undefined
      const moment = localMoment(now, timeZone)
      if (isRecorded) console.log(`as of the time when each record reached Kafka, the first at ${moment}`)
      else console.log(`as of ${moment}${at === undefined ? ', now' : ''}`)
    }
    console.log(`\n${renderExplanation(explanation, look).trimEnd()}`)
    count += 1
  }
  return count
}
