import { existsSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { systemClock } from '../adapters/clock.ts'
import { type App, createApp } from '../app/app.ts'
import { isoTime } from '../core/event/time.ts'
import { plainText } from '../emulator/plain.ts'
import type { DeadLetter } from '../pipeline/ports.ts'
import { type Command, exitCodes, Misuse, Problem, readArguments } from './command.ts'
import { configure, configureState } from './configuration.ts'
import { resend } from './resend.ts'
import { startTally } from './tally.ts'

export const deadLetters: Command = {
  about: 'list, send again or drop the records that can never be shown',
  help: `Usage: kube-eventer-telegram dead-letters list [--json]
       kube-eventer-telegram dead-letters replay <id>… | --all
       kube-eventer-telegram dead-letters drop <id>… | --all

Records that are no event, or whose text Telegram refuses even without markup, are kept for 14 days in the state that
STATE names: sqlite:<file> or dynamodb:<table>. (With STATE=memory they are in the log.)

  list    latest first. Needs STATE only; --json has the values: jq -r '.[0].gzip' | base64 -d | gunzip
  replay  sends them again, oldest first, to the bot of the environment (README, Configure), for instance after an
          update that understands them; what is then shown, or pending, leaves the deadLetters
  drop    forgets them. Needs STATE only

Examples:
  STATE=sqlite:state.db kube-eventer-telegram dead-letters list
  STATE=dynamodb:kube-eventer-telegram-prod kube-eventer-telegram dead-letters replay 0f3a9b5c7d1e2f48
  STATE=sqlite:state.db kube-eventer-telegram dead-letters drop --all

Ends with 1 if a record was not found, or stays.`,

  async run([action, ...args]) {
    if (action === undefined) throw new Misuse('dead-letters list, replay or drop?')
    if (action === 'list') return list(args)
    if (action === 'replay') return replaySome(args)
    if (action === 'drop') return dropSome(args)
    throw new Misuse(`deadLetters: given "${action}", expected list, replay or drop`)
  },
}

async function list(args: string[]): Promise<number> {
  const { values } = readArguments({ args, options: { json: { type: 'boolean', default: false } } })
  return withState(createApp(await configureState(durable()), { write: () => {} }), async (app) => {
    const records = await allOf(app)
    if (values.json) console.log(JSON.stringify(records, undefined, 2))
    else
      console.log(
        records.length === 0 ? 'Nothing is in deadLetters.' : renderTable(records, process.stdout.columns ?? 160),
      )
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
    let staying = 0
    for (const record of chosen.toReversed()) {
      const { isDone, what } = await resend(app, record, tally)
      if (isDone) await (await app.deadLetters()).drop(record.id)
      else staying += 1
      console.log(`${record.id}: ${plainText(what)}, ${isDone ? 'dropped' : 'kept'}`)
    }
    return report(missing, chosen.length, staying)
  })
}

function report(missing: string[], chosen: number, staying: number): number {
  for (const id of missing) console.error(`${plainText(id)}: no such record in dead-letters`)
  if (chosen === 0 && missing.length === 0) console.log('Nothing is in deadLetters.')
  return missing.length > 0 || staying > 0 ? exitCodes.problem : exitCodes.fine
}

/** The environment, if its state is one that keeps a deadLetters. */
function durable(): Record<string, string | undefined> {
  const { STATE = '' } = process.env
  if (STATE.trim() === '' || STATE.trim() === 'memory')
    throw new Problem(
      `STATE: ${STATE === '' ? 'not given, which means memory' : 'given "memory"'}, expected sqlite:<file> or dynamodb:<table>. Memory keeps no deadLetters: rejected records are in the log then, with their value`,
    )
  const [, file] = /^sqlite:(.+)$/.exec(STATE.trim()) ?? []
  if (file !== undefined && !existsSync(file)) throw new Problem(`STATE: there is no file ${file}`)
  return process.env
}

function readSelection(action: string, args: string[]) {
  const { values, positionals } = readArguments({ args, allowPositionals: true, options: { all: { type: 'boolean' } } })
  if (values.all && positionals.length > 0) throw new Misuse(`dead-letters ${action}: ids or --all, not both`)
  if (!values.all && positionals.length === 0) throw new Misuse(`dead-letters ${action}: which? Give ids, or --all`)
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
    row.map((cell) => plainText(cell).replace(/\s+/g, ' ')),
  )
  const widths = [0, 1, 2, 3, 4].map((column) => Math.max(...table.map((row) => row[column]?.length ?? 0)))
  const lineOf = (row: string[]) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')
  return table.map((row) => [...lineOf(row)].slice(0, Math.max(width, 120)).join('').trimEnd()).join('\n')
}
