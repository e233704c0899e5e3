import { type Command, exitCodes, Misuse, readArguments, UserError, wholeNumber } from '../command.ts'
import { configureInspection } from '../configuration.ts'
import { readInput } from '../inspect/input.ts'
import { plainLine } from '../inspect/words.ts'
import { startCount } from './count.ts'
import { reportOf } from './report.ts'
import { renderReport } from './text.ts'

export const stats: Command = {
  about: 'what the rules do to a recorded day: shown, held back, incidents, top talkers',
  help: `Usage: kube-eventer-telegram stats <file|-> [options]

Counts what the rules would do to the records of a file: shown, below a rule's atLeast, dropped, muted, rejected; by rule, by
workload, by reason and by hour; and how many incidents and messages they would be. Needs neither bot nor network, reads no
state, sends nothing. Mutes and ages are as of when each record reached Kafka, or of the event itself.

<file> (also gzipped; - for standard input) is a recording: on each line a consumed record
{"topic":"…","partition":0,"offset":"0","value":"…"}, what kube-eventer writes, an Event, or {"event": <Event>}. A batch as
Lambda gets it, or what kubectl get events -o json prints, will do, too. The records count one by one, as batches of their own.

  --config <file>  instead of CONFIG_FILE
  --top <n>        so many talkers, reasons and hours (default 10)
  --json           all of it as JSON

Examples:
  kube-eventer-telegram stats recording.ndjson.gz
  kube-eventer-telegram stats recording.ndjson.gz --config rules.yml --top 30
  zcat recording-*.gz | kube-eventer-telegram stats - --json | jq '.rules[] | {name, records, share}'

Ends with 1 if the configuration or the file is wrong.`,

  async run(args) {
    const { values, positionals } = readArguments({ args, allowPositionals: true, options })
    const [file] = positionals
    if (file === undefined) throw new Misuse('which file? stats <file>, or - for standard input')
    if (positionals.length > 1) throw new Misuse(`one file at a time, given ${positionals.length}`)
    const top = wholeNumber('--top', values.top, 1_000)
    const inspected = await configureInspection(process.env, { file: values.config, readsState: false })
    const { config } = inspected
    const notes = inspected.notes.map(plainLine)
    const counter = startCount(config)
    for await (const some of readInput(file)) for (const given of some) counter.add(given)
    const report = reportOf(counter.counted(), config.ruleset, { top, timeZone: config.timeZone })
    if (report.records === 0) throw new UserError(`${plainLine(file)}: no record is in it`)
    if (values.json) console.log(JSON.stringify({ notes, ...report }, undefined, 2))
    else {
      for (const note of notes) console.log(`note: ${note}`)
      const width = Math.min(process.stdout.columns ?? 100, 120)
      console.log(renderReport(report, { hasColor: process.stdout.hasColors?.() ?? false, width }))
    }
    return exitCodes.fine
  },
}

const options = {
  config: { type: 'string' },
  top: { type: 'string', default: '10' },
  json: { type: 'boolean', default: false },
} as const
