import { writeFileSync } from 'node:fs'
import { systemClock } from '../../adapters/clock.ts'
import type { Environment } from '../../app/config/environment.ts'
import { parseStateSetting } from '../../app/config/state.ts'
import { renderPage } from '../../emulator/view/page.ts'
import { renderTerminal } from '../../emulator/view/terminal.ts'
import { type Command, exitCodes, Misuse, oneOf, onlyFile, readArguments, UserError, wholeNumber } from '../command.ts'
import { configure } from '../configuration.ts'
import { type RecordedBatch, readBatches } from '../recording.ts'
import { confirm, plural } from '../terminal.ts'
import { howToGoOn, sendLive } from './live.ts'
import { countOld, type Old } from './old.ts'
import { rehearse } from './rehearsal.ts'
import { isComplete, type ReplaySummary, renderReplaySummary } from './summary.ts'

const virtualMinutes = 60
const realMinutes = 10

const options = {
  to: { type: 'string', default: 'emulator' },
  state: { type: 'string' },
  cluster: { type: 'string' },
  page: { type: 'string' },
  batch: { type: 'string', default: '100' },
  yes: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
} as const
const destinations = ['emulator', 'telegram'] as const

export const replay: Command = {
  about: 'send a recording through the program, to an emulator or to Telegram',
  help: `Usage: kube-eventer-telegram replay <file|-> [options]

<file> (may be gzipped; - is standard input) is a Lambda batch, a recording (one consumed record per line), what kube-eventer
writes, Kubernetes Events, or the output of kubectl get events -o json.

  --to emulator     (default) send to a Telegram emulator, in virtual time that follows the recording, and print the chat as
                    its readers see it at the end. Needs no bot and no network
  --to telegram     send to the bot and the chat of the environment, in real time: one batch after another, then up to
                    ${realMinutes} minutes for pending incidents
  --yes             with --to telegram: send records older than 48 hours without asking. No state remembers any more whether
                    they were shown, so they may be shown twice. Without a terminal and without --yes, nothing is sent
  --state <state>   memory, sqlite:<file> or dynamodb:<table>. Default: STATE with --to telegram, otherwise a temporary file.
                    With --to emulator don't use the state of a running program: its pending messages would be sent there
  --cluster <name>  instead of CLUSTER_NAME
  --page <file>     with --to emulator: write the chat as an HTML page that steps through time
  --batch <n>       at most n records per batch (default 100)
  --json            print only the summary, as JSON

With CONFIG_FILE its rules and routes apply; the emulator then has a chat for each target.

Examples:
  kube-eventer-telegram replay test/batches/trouble.json
  kube-eventer-telegram replay test/recordings/cluster-mixed.ndjson.gz --page chat.html
  kubectl get events -A -o json | kube-eventer-telegram replay - --cluster staging
  kube-eventer-telegram replay batch.json --to telegram --state sqlite:state.db
  kube-eventer-telegram replay recording.ndjson --json | jq .outcomes

Exit code 0: every record has its outcome and nothing is pending. 1: something is left.`,
  choices: { to: destinations },

  async run(args) {
    const { values, positionals } = readArguments({ args, allowPositionals: true, options })
    const file = onlyFile(positionals, 'replay <file>, or - for standard input')
    const { json: isJson, page, state, cluster, yes: isAgreed } = values
    const to = oneOf('--to', values.to, destinations)
    const most = wholeNumber('--batch', values.batch, 10_000)
    if (page !== undefined && to === 'telegram') throw new Misuse('--page: only with --to emulator')
    if (isAgreed && to !== 'telegram') throw new Misuse('--yes: only with --to telegram')
    if (state !== undefined && !parseStateSetting(state))
      throw new Misuse(`--state: "${state}" must be memory, sqlite:<file> or dynamodb:<table>`)
    const environment = cluster === undefined ? process.env : { ...process.env, CLUSTER_NAME: cluster }
    const batches = await readBatches(file, most)
    const summary =
      to === 'telegram'
        ? await toTelegram(batches, { environment, state, isAgreed })
        : await toEmulator(batches, { environment, state, page, isJson })
    console.log(isJson ? JSON.stringify(summary, undefined, 2) : renderReplaySummary(summary))
    if (!isJson && to === 'telegram') console.log(howToGoOn(summary, state ?? process.env.STATE))
    return isComplete(summary) ? exitCodes.fine : exitCodes.problem
  },
}

interface EmulatorOptions {
  environment: Environment
  state: string | undefined
  page: string | undefined
  isJson: boolean
}

async function toEmulator(
  batches: RecordedBatch[],
  { environment, state, page, isJson }: EmulatorOptions,
): Promise<ReplaySummary> {
  if (!isJson) console.error(`virtual time, at most ${virtualMinutes} minutes after the last batch …\n`)
  const { chats, summary, warnings } = await rehearse(batches, { state, environment, mostMinutes: virtualMinutes })
  for (const warning of warnings) console.error(`note: ${warning}`)
  if (!isJson) console.log(renderTerminal([...chats.values()], { hasColor: process.stdout.hasColors?.() ?? false }))
  if (page !== undefined) writePage(page, [...chats.values()], isJson)
  return summary
}

function writePage(page: string, chats: Parameters<typeof renderPage>[0]['chats'], isJson: boolean) {
  try {
    writeFileSync(page, renderPage({ title: 'kube-eventer in Telegram', chats }))
  } catch (error) {
    throw new UserError(`--page: ${(error as Error).message}`)
  }
  if (!isJson) console.log(`The chat as a page: ${page}\n`)
}

interface TelegramOptions {
  environment: Environment
  state: string | undefined
  isAgreed: boolean
}

async function toTelegram(
  batches: RecordedBatch[],
  { environment, state, isAgreed }: TelegramOptions,
): Promise<ReplaySummary> {
  const config = await configure(state === undefined ? environment : { ...environment, STATE: state })
  if (!isAgreed) await agreeOn(countOld(batches, config, systemClock.now()))
  console.error(`after the last batch, at most ${realMinutes} minutes for pending incidents`)
  return sendLive(batches, { config, mostMinutes: realMinutes })
}

/** Asks before old records are sent, which may have been shown already. Throws a UserError if they must not be sent. */
async function agreeOn({ records, messages }: Old) {
  if (messages === 0) return
  const what = `${plural(records, 'record')} older than 48 hours, which may have been shown before`
  const most = `at most ${plural(messages, 'message')}`
  const isWanted = await confirm(`The recording has ${what}. Send ${most} for them?`)
  if (isWanted) return
  throw new UserError(
    isWanted === undefined
      ? `the recording has ${what} (${most}). Nothing was sent, because there is no terminal to ask on. Use --yes to send everything`
      : 'Nothing was sent.',
  )
}
