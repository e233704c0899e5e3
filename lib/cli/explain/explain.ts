import { systemClock } from '../../adapters/clock.ts'
import type { Config } from '../../app/config/config.ts'
import { parseTime } from '../../core/event/time.ts'
import { createAnnotate } from '../../pipeline/annotations.ts'
import { type Command, exitCodes, Misuse, readArguments, UserError } from '../command.ts'
import { configureInspection } from '../configuration.ts'
import { openIncidents } from '../inspect/incidents.ts'
import { type InputRecord, readInput, topicOfEvents } from '../inspect/input.ts'
import { openTools } from '../inspect/tools.ts'
import { localMoment, plainLine } from '../inspect/words.ts'
import { type Explanation, explainRecord } from './record.ts'
import { type KeptState, nothingKept, openKept } from './state.ts'
import { renderExplanation } from './text.ts'

export const explain: Command = {
  about: 'why a record is shown or not: rules, routes, incident, outcome and text',
  help: `Usage: kube-eventer-telegram explain <file|-> [options]

Says of each record which rules were tried and which one decided, where it goes, what its incident stands at, which outcome
it would have, and what the chat would show. Sends nothing, writes nothing, and needs neither bot nor network.

<file> (also gzipped; - for standard input) is a batch as Lambda gets it, a recording (a consumed record on each line), what
kube-eventer writes, a Kubernetes Event, or what kubectl get events -o json prints. Each record counts as a batch of its own,
and builds on those before it. With STATE=sqlite:<file> or dynamodb:<table> incidents are read from there.

  --offset <place>  only the record at topic/partition/offset; the others still count
  --grep <text>     only records with this text in them; the others still count
  --at <time>       as of then (2026-11-24T22:30:00Z): mutes, quiet hours and ages. Default: of something recorded when it
                    reached Kafka, of events alone now
  --config <file>   instead of CONFIG_FILE
  --json            with the markup and the buttons

Examples:
  kube-eventer-telegram explain batch.json
  kube-eventer-telegram explain recording.ndjson.gz --offset kube-events/0/1723
  kubectl get events -A -o json | kube-eventer-telegram explain - --config rules.yml --grep web-7d9f
  kube-eventer-telegram explain event.json --at 2026-11-24T22:30:00+01:00 --json | jq '.records[].deliveries[].outcome'

Ends with 1 if the configuration or the file is wrong, or if no record is there that was asked for.`,

  async run(args) {
    const { values, positionals } = readArguments({ args, allowPositionals: true, options })
    const [file] = positionals
    if (file === undefined) throw new Misuse('which file? explain <file>, or - for standard input')
    if (positionals.length > 1) throw new Misuse(`one file at a time, given ${positionals.length}`)
    const isPicked = pickOf(values)
    const at = values.at === undefined ? undefined : timeOf(values.at)
    const inspected = await configureInspection(process.env, { file: values.config, readsState: true })
    const { config, hasState } = inspected
    const { kept, notes: ofState } = hasState ? await openKept(config.state) : { kept: nothingKept, notes: [] }
    const notes = [...inspected.notes, ...ofState].map(plainLine)
    try {
      const explained = explainAll(file, { config, kept, at, isPicked })
      const count = values.json ? await writeJson(explained, notes) : await writeText(explained, notes, at, config)
      if (count > 0) return exitCodes.fine
      throw new UserError(`${plainLine(file)}: ${isAsked(values) ? 'no such record is in it' : 'no record is in it'}`)
    } finally {
      kept.close()
    }
  },
}

const options = {
  offset: { type: 'string' },
  grep: { type: 'string' },
  at: { type: 'string' },
  config: { type: 'string' },
  json: { type: 'boolean', default: false },
} as const

interface Asked {
  offset?: string
  grep?: string
}

function isAsked({ offset, grep }: Asked): boolean {
  return offset !== undefined || grep !== undefined
}

function pickOf({ offset, grep }: Asked): (given: InputRecord) => boolean {
  if (offset !== undefined && !/^[^/]+\/\d+\/\d+$/.test(offset))
    throw new Misuse(`--offset: given "${offset}", expected topic/partition/offset as kube-events/0/1723`)
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
  throw new Misuse(`--at: given "${given}", expected a time as 2026-11-24T22:30:00Z or 2026-11-24T22:30:00+01:00`)
}

interface Explained {
  explanation: Explanation
  given: InputRecord
  now: number
}

interface Context {
  config: Config
  kept: KeptState
  at: number | undefined
  isPicked: (given: InputRecord) => boolean
}

async function* explainAll(file: string, { config, kept, at, isPicked }: Context): AsyncGenerator<Explained> {
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
    kept,
    chats: new Map(),
    annotateAt: (now: number) => {
      time = now
      return annotate
    },
  }
  for await (const some of readInput(file)) {
    for (const given of some) {
      const now = at ?? given.arrivedAt ?? systemClock.now()
      const explanation = await explainRecord(given, now, context)
      if (isPicked(given)) yield { explanation, given, now }
    }
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
  const look = {
    hasColor: process.stdout.hasColors?.() ?? false,
    width: Math.min(process.stdout.columns ?? 100, 120),
  }
  let count = 0
  for await (const { explanation, given, now } of explained) {
    if (count === 0) {
      const isRecorded = at === undefined && given.arrivedAt !== undefined
      const moment = localMoment(now, timeZone)
      const when = isRecorded ? `of when each was recorded, the first at ${moment}` : moment
      const guess =
        given.isPlaced || cluster !== undefined
          ? []
          : [`CLUSTER_NAME is not given: events alone count as of the cluster of topic ${topicOfEvents}`]
      for (const note of [...notes, ...guess]) console.log(`note: ${note}`)
      console.log(`as ${isRecorded ? '' : 'of '}${when}${at === undefined && !isRecorded ? ', now' : ''}`)
    }
    console.log(`\n${renderExplanation(explanation, look).trimEnd()}`)
    count += 1
  }
  return count
}
