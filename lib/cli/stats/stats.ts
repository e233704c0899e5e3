import { type Command, exitCodes, onlyFile, readArguments, UserError, wholeNumber } from '../command.ts'
import { configureInspection } from '../configuration.ts'
import { readInput } from '../inspect/input.ts'
import { plainLine } from '../inspect/words.ts'
import { stdoutLook } from '../terminal.ts'
import { startCount } from './count.ts'
import { reportOf } from './report.ts'
import { renderReport } from './text.ts'

const options = {
  config: { type: 'string' },
  top: { type: 'string', default: '10' },
  json: { type: 'boolean', default: false },
} as const

export const stats: Command = {
  about: 'count what the rules do with a recording: shown, suppressed, incidents, top talkers',
  help: `Usage: kube-eventer-telegram stats <file|-> [options]

Counts what the rules do with the records of a file: shown, below atLeast, dropped, muted, rejected; by rule, by workload, by
reason and by hour; and how many incidents and messages that makes. Needs neither bot nor network, ignores STATE and sends
nothing. Mutes and ages refer to the time when a record reached Kafka, or to the time of the event.

<file> (also gzipped; - for standard input) is a recording (one consumed record per line), a Lambda batch, the output of
kube-eventer, Kubernetes Events, or the output of kubectl get events -o json. Each record is a batch of its own.

  --config <file>  routing file instead of CONFIG_FILE
  --top <n>        length of the lists of talkers, reasons and hours (default 10)
  --json           print JSON

Examples:
  kube-eventer-telegram stats recording.ndjson.gz
  kube-eventer-telegram stats recording.ndjson.gz --config rules.yml --top 30
  zcat recording-*.gz | kube-eventer-telegram stats - --json | jq '.rules[] | {name, records, share}'

Exit code: 1 if the configuration or the file has a problem.`,

  async run(args) {
    const { values, positionals } = readArguments({ args, allowPositionals: true, options })
    const file = onlyFile(positionals, 'stats <file>, or - for standard input')
    const top = wholeNumber('--top', values.top, 1_000)
    const inspected = await configureInspection(process.env, { file: values.config, readsState: false })
    const { config } = inspected
    const notes = inspected.notes.map(plainLine)
    const counter = startCount(config)
    for await (const one of readInput(file)) counter.add(one)
    const report = reportOf(counter.counted(), config.ruleset, { top, timeZone: config.timeZone })
    if (report.records === 0) throw new UserError(`${plainLine(file)}: no records`)
    if (values.json) console.log(JSON.stringify({ notes, ...report }, undefined, 2))
    else {
      for (const note of notes) console.log(`note: ${note}`)
      console.log(renderReport(report, stdoutLook()))
    }
    return exitCodes.fine
  },
}
