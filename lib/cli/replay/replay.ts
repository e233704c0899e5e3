import { writeFileSync } from 'node:fs'
import { systemClock } from '../../adapters/clock.ts'
import { parseStateSetting } from '../../app/config/state.ts'
import { renderPage } from '../../emulator/view/page.ts'
import { renderTerminal } from '../../emulator/view/terminal.ts'
import { type Command, exitCodes, Misuse, oneOf, onlyFile, readArguments, UserError, wholeNumber } from '../command.ts'
import { configure } from '../configuration.ts'
import { type RecordedBatch, readRecording } from '../recording.ts'
import { confirm, plural } from '../terminal.ts'
import { howToGoOn, sendLive } from './live.ts'
import { countOld, type Old } from './old.ts'
import { rehearse } from './rehearsal.ts'
import { isComplete, type ReplaySummary, renderReplaySummary } from './summary.ts'

const virtualMinutes = 60
const realMinutes = 10

export const replay: Command = {
  about: 'send a recording through the program, to a emulator or to Telegram',
  help: `Usage: kube-eventer-telegram replay <file> [options]

<file> is a batch as Lambda gets it (.json), or a recording: a consumed record on each line,
{"topic":"…","partition":0,"offset":"0","value":"…"} (.ndjson, also gzipped).

  --to emulator     (default) to a emulator with Telegram's limits, in virtual time that follows the recording;
                   prints the chat as its readers see it at the end. Needs no bot, no account and no network
  --to telegram    to the bot and chat of the environment (README, Configure), in real time:
                   one batch after another, then for at most ${realMinutes} minutes what is pending
  --yes            also what is older than 48 hours, without asking: no state knows any more what was shown of it, so it
                   rings once more. Without a terminal to ask on, and without --yes, nothing is sent then
  --state <state>  memory, sqlite:<file> or dynamodb:<table>. Default with a emulator: a new file that is
                   removed at the end; with Telegram: STATE. To a emulator never give the state of a running program:
                   what is pending in it would be sent there
  --page <file>    also writes the chat as an HTML page that steps through time (emulator only)
  --batch <n>      at most so many records at a time (default 100)
  --json           the summary as JSON, and nothing else

With CONFIG_FILE its rules and routes hold; the emulator then has a chat for each target.

Examples:
  kube-eventer-telegram replay test/batches/trouble.json
  kube-eventer-telegram replay test/recordings/cluster-mixed.ndjson.gz --page chat.html
  kube-eventer-telegram replay batch.json --to telegram --state sqlite:state.db
  kube-eventer-telegram replay recording.ndjson --json | jq .outcomes

Ends with 0 if every record has had its outcome and nothing is pending, with 1 if something is left.`,

  async run(args) {
    const { values, positionals } = readArguments({ args, allowPositionals: true, options })
    const file = onlyFile(positionals, 'replay <file>')
    const { json: isJson, page, state, yes: isAgreed } = values
    const to = oneOf('--to', values.to, ['emulator', 'telegram'])
    const most = wholeNumber('--batch', values.batch, 10_000)
    if (page !== undefined && to === 'telegram') throw new Misuse('--page: only with --to emulator')
    if (isAgreed && to !== 'telegram') throw new Misuse('--yes: only with --to telegram')
    if (state !== undefined && !parseStateSetting(state))
      throw new Misuse(`--state: "${state}" must be memory, sqlite:<file> or dynamodb:<table>`)
    const batches = readRecording(file, most)
    const summary =
      to === 'telegram'
        ? await toTelegram(batches, { state, isAgreed })
        : await toEmulator(batches, { state, page, isJson })
    console.log(isJson ? JSON.stringify(summary, undefined, 2) : renderReplaySummary(summary))
    if (!isJson && to === 'telegram') console.log(howToGoOn(summary, state ?? process.env.STATE))
    return isComplete(summary) ? exitCodes.fine : exitCodes.problem
  },
}

const options = {
  to: { type: 'string', default: 'emulator' },
  state: { type: 'string' },
  page: { type: 'string' },
  batch: { type: 'string', default: '100' },
  yes: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
} as const

async function toEmulator(
  batches: RecordedBatch[],
  { state, page, isJson }: { state: string | undefined; page: string | undefined; isJson: boolean },
): Promise<ReplaySummary> {
  if (!isJson) console.error(`in virtual time, at most ${virtualMinutes} minutes after the last batch …\n`)
  const { chats, summary, notices } = await rehearse(batches, {
    state,
    environment: process.env,
    mostMinutes: virtualMinutes,
  })
  for (const notice of notices) console.error(`note: ${notice}`)
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

async function toTelegram(
  batches: RecordedBatch[],
  { state, isAgreed }: { state: string | undefined; isAgreed: boolean },
): Promise<ReplaySummary> {
  const config = await configure(state === undefined ? process.env : { ...process.env, STATE: state })
  if (!isAgreed) await agreeOn(countOld(batches, config, systemClock.now()))
  console.error(`at most ${realMinutes} minutes for what is pending after the last batch`)
  return sendLive(batches, { config, mostMinutes: realMinutes })
}

/** Whoever sits at the terminal has to want what may have been shown already; a UserError if it is not to be sent. */
async function agreeOn({ records, messages }: Old) {
  if (messages === 0) return
  const what = `${plural(records, 'record')} of more than 48 hours ago, of which no state knows any more what was shown`
  const most = `at most ${plural(messages, 'message')}`
  const isWanted = await confirm(`The recording has ${what}.\nSend ${most} for them, shown before or not?`)
  if (isWanted) return
  throw new UserError(
    isWanted === undefined
      ? `the recording has ${what}: ${most}. Nothing is sent, since there is no terminal to ask on; --yes sends it all`
      : 'Nothing is sent.',
  )
}
