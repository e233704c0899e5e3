import { existsSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { systemClock } from '../adapters/clock.ts'
import { type App, createApp } from '../app/app.ts'
import { isoTime } from '../core/event/time.ts'
import { terminalText } from '../emulator/view/terminal-text.ts'
import type { DeadLetter } from '../pipeline/ports.ts'
import { type Command, exitCodes, Misuse, readArguments, UserError } from './command.ts'
import { configure, configureState } from './configuration.ts'
import { drive } from './replay/drive.ts'
import { startTally, type Tally } from './replay/tally.ts'

const actions = ['list', 'replay', 'drop']
const options = { json: { type: 'boolean' }, all: { type: 'boolean' } } as const

export const deadLettersCommand: Command = {
  about: 'list, resend or drop the records that could not be shown',
  help: `Usage: kube-eventer-telegram dead-letters list [--json]
       kube-eventer-telegram dead-letters replay <id>… | --all
       kube-eventer-telegram dead-letters drop <id>… | --all

A record becomes a dead letter if it is not an event, or if Telegram refuses its text even without markup. Dead letters
are stored for 14 days in STATE (sqlite:<file> or dynamodb:<table>). With STATE=memory they are only in the log.

  list    list them, latest first
  replay  send them again, oldest first, for example after an update that can read them. Uses the configured bot. Records
          that are now shown, skipped or pending are removed from the dead letters
  drop    delete them

  --all   replay or drop all of them
  --json  list them as JSON, with their values: jq -r '.[0].gzip' | base64 -d | gunzip

list and drop need STATE only.

Examples:
  STATE=sqlite:state.db kube-eventer-telegram dead-letters list
  STATE=dynamodb:kube-eventer-telegram-prod kube-eventer-telegram dead-letters replay 0f3a9b5c7d1e2f48
  STATE=sqlite:state.db kube-eventer-telegram dead-letters drop --all

Exit code 1: a record was not found, or is still a dead letter.`,
  words: actions,

  async run([action, ...args]) {
    if (action === 'list') return list(args)
    if (action === 'replay') return replaySome(args)
    if (action === 'drop') return dropSome(args)
    throw new Misuse(
      action === undefined
        ? 'missing action: list, replay or drop'
        : `unknown action "${action}": use list, replay or drop`,
    )
  },
}

const none = 'There are no dead letters.'

async function list(args: string[]): Promise<number> {
  const { values } = readArguments({ args, options: { json: options.json } })
  return withState(createApp(await configureState(durable()), { write: () => {} }), async (app) => {
    const records = await allOf(app)
    if (values.json) console.log(JSON.stringify(records, undefined, 2))
    else console.log(records.length === 0 ? none : renderTable(records, process.stdout.columns ?? 160))
    return exitCodes.fine
  })
}

async function dropSome(args: string[]): Promise<number> {
  const select = readSelection('drop', args)
  return withState(createApp(await configureState(durable()), { write: () => {} }), async (app) => {
    const { chosen, missing } = select(await allOf(app))
    const { drop } = await app.deadLetters()
    for (const { id } of chosen) {
      await drop(id)
      console.log(`${id}: dropped`)
    }
    return report(missing, chosen.length, 0)
  })
}

async function replaySome(args: string[]): Promise<number> {
  const select = readSelection('replay', args)
  const tally = startTally()
  return withState(createApp(await configure(durable()), { write: tally.write }), async (app) => {
    const { chosen, missing } = select(await allOf(app))
    let remaining = 0
    for (const record of chosen.toReversed()) {
      const { isDone, what } = await resend(app, record, tally)
      if (isDone) await (await app.deadLetters()).drop(record.id)
      else remaining += 1
      console.log(`${record.id}: ${terminalText(what)}; ${isDone ? 'removed' : 'still a dead letter'}`)
    }
    return report(missing, chosen.length, remaining)
  })
}

interface Resent {
  /** The record is shown, skipped or pending. */
  isDone: boolean
  /** The outcome in words. */
  what: string
}

/** Sends a dead letter through the program once more, under its own topic, partition and offset. */
async function resend(app: App, record: DeadLetter, tally: Tally): Promise<Resent> {
  const { topic, partition, offset, why, detail, gzip, bytes, sha256 } = record
  const inKafka = `Kafka may still have it at ${topic}/${partition}/${offset}`
  if (why === 'unreadable') return { isDone: false, what: `the value could not be read (${detail}); ${inKafka}` }
  if (gzip === undefined) {
    const what = `the value was too large to store (${bytes} bytes of base64, SHA-256 ${sha256}); ${inKafka}`
    return { isDone: false, what }
  }
  const event = {
    records: { [`${topic}-${partition}`]: [{ topic, partition, offset, value: originalValue(record, gzip) }] },
  }
  const batches = [{ at: undefined, event, size: 1 }]
  await drive({ app, clock: systemClock, batches, followsRecording: false, sweepEverySeconds: 10, mostMinutes: 0 })
  const outcomes = tally.outcomesOf(topic, partition, offset)
  // A returned record may not be in the store, so it stays a dead letter.
  const isDone = outcomes.length > 0 && outcomes.every((outcome) => /^(sent|pending|skipped)/.test(outcome))
  return { isDone, what: outcomes.join('; ') || 'no outcome' }
}

/** Lambda hands values over in base64. A value that was not base64 is passed on unchanged. */
function originalValue({ why }: DeadLetter, gzip: string): string {
  const bytes = gunzipSync(Buffer.from(gzip, 'base64'))
  return why === 'not base64' ? bytes.toString('utf8') : bytes.toString('base64')
}

function report(missing: string[], chosen: number, remaining: number): number {
  for (const id of missing) console.error(`${terminalText(id)}: no such dead letter`)
  if (chosen === 0 && missing.length === 0) console.log(none)
  return missing.length > 0 || remaining > 0 ? exitCodes.problem : exitCodes.fine
}

/** The environment, if its state stores dead letters. */
function durable(): Record<string, string | undefined> {
  const STATE = process.env.STATE?.trim() ?? ''
  if (STATE === '' || STATE === 'memory')
    throw new UserError(
      `STATE is ${STATE === '' ? 'not set' : '"memory"'}, so no dead letters are stored. Set it to sqlite:<file> or dynamodb:<table>. With STATE=memory, rejected records and their values are in the log`,
    )
  const [, file] = /^sqlite:(.+)$/.exec(STATE) ?? []
  if (file !== undefined && !existsSync(file)) throw new UserError(`STATE: file ${file} does not exist`)
  return process.env
}

function readSelection(action: string, args: string[]) {
  const { values, positionals } = readArguments({ args, allowPositionals: true, options: { all: options.all } })
  if (values.all && positionals.length > 0) throw new Misuse(`dead-letters ${action}: give ids or --all, not both`)
  if (!values.all && positionals.length === 0) throw new Misuse(`dead-letters ${action}: give ids, or --all`)
  return (records: DeadLetter[]) => ({
    chosen: values.all ? records : records.filter(({ id }) => positionals.includes(id)),
    missing: positionals.filter((given) => !records.some(({ id }) => id === given)),
  })
}

async function allOf(app: App): Promise<DeadLetter[]> {
  return (await app.deadLetters()).list(systemClock.now())
}

async function withState(app: App, work: (app: App) => Promise<number>): Promise<number> {
  try {
    return await work(app)
  } finally {
    await app.close()
  }
}

function renderTable(records: DeadLetter[], width: number): string {
  const rows = records.map(({ id, at, why, topic, partition, offset, target, gzip, head }) => [
    id,
    isoTime(at).slice(0, 19).replace('T', ' '),
    why,
    `${topic}/${partition}/${offset}`,
    target ?? '–',
    gzip === undefined ? (head ?? '') : gunzipSync(Buffer.from(gzip, 'base64')).toString('utf8').slice(0, 500),
  ])
  const table = [['id', 'when (UTC)', 'why', 'where', 'target', 'value'], ...rows].map((row) =>
    row.map((cell) => terminalText(cell).replace(/\s+/g, ' ')),
  )
  const widths = [0, 1, 2, 3, 4].map((column) => Math.max(...table.map((row) => row[column]?.length ?? 0)))
  const lineOf = (row: string[]) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')
  return table.map((row) => [...lineOf(row)].slice(0, Math.max(width, 120)).join('').trimEnd()).join('\n')
}
