import { systemClock } from '../../clock.ts'
import { type Config, isToken, type TokenSource } from '../../config/schema.ts'
import { createRedactor } from '../../observe/redact.ts'
import { createClient } from '../../telegram/client.ts'
import { createInspector } from '../../telegram/inspect.ts'
import { type Command, exitCodes, explanation, Misuse, readArguments } from '../command.ts'
import { plainLine } from '../inspect/words.ts'
import { checkConfiguration } from './config.ts'
import type { Finding } from './finding.ts'
import { summarize, targetsOf } from './report.ts'
import { askTelegram } from './telegram.ts'
import { renderFinding, renderSummary } from './text.ts'
import { tokenVariableOf } from './words.ts'

export const check: Command = {
  about: 'what is wrong with the configuration, and what it says; with --telegram also the bot and its chats',
  help: `Usage: kube-eventer-telegram check [file] [options]

Reads the environment and the rules and routes in CONFIG_FILE, or in <file> instead, and says everything that is wrong, each
as a start of the program would say it; or, if nothing is, what the configuration means. Without --telegram it needs neither
bot nor network, and a token or, with <file>, a TELEGRAM_CHAT_ID that is not given is a note only.

  --telegram   also asks Telegram: is the token right, are the chats there, is the bot in them, may it write, was a group
               upgraded. Sends nothing, and leaves no trace
  --send-test  also sends a message to each target, without a sound: only so can be told whether a thread is there
  --json       for machines

Examples:
  kube-eventer-telegram check rules.yml
  kube-eventer-telegram check --telegram
  TELEGRAM_BOT_TOKEN=… TELEGRAM_CHAT_ID=-1001234567890:42 kube-eventer-telegram check rules.yml --send-test
  kube-eventer-telegram check rules.yml --json | jq -r '.problems[]'

Ends with 0 if nothing is wrong (there may be warnings), with 1 if something is.`,

  async run(args) {
    const { values, positionals } = readArguments({ args, allowPositionals: true, options })
    const [file] = positionals
    if (positionals.length > 1) throw new Misuse(`one file at a time, given ${positionals.length}`)
    if (file?.trim() === '') throw new Misuse('which file? check <file>, or check for CONFIG_FILE and the environment')
    const redactor = createRedactor()
    const token = process.env.TELEGRAM_BOT_TOKEN?.trim() ?? ''
    // What is shorter is none, and may be a word of the text.
    if (token.length >= shortestToken) redactor.add(token)
    const print = (text: string) => console.log(redactor.redact(text))
    const asksTelegram = values.telegram || values['send-test']
    const checked = await checkConfiguration(process.env, { file, asksTelegram })
    const { config, problems, warnings, notes } = checked
    const summary = config && summarize(checked, config, systemClock.now())
    const look = {
      hasColor: process.stdout.hasColors?.() ?? false,
      width: Math.min(process.stdout.columns ?? 100, 120),
    }
    if (!values.json) {
      for (const line of headOf(checked, file)) print(line)
      if (summary) print(`\n${renderSummary(summary, look)}`)
    }
    const findings: Finding[] = []
    if (config && asksTelegram) {
      if (!values.json) print(`\nTelegram, at ${config.apiRoot}`)
      for await (const finding of ask(config, { sends: values['send-test'], hide: redactor.add })) {
        findings.push(finding)
        if (!values.json) print(renderFinding(finding, look))
      }
    }
    if (values.json)
      print(JSON.stringify({ problems, warnings, notes, ...(summary ?? nothing), telegram: findings }, undefined, 2))
    const wrong = problems.length + findings.filter(({ level }) => level === 'problem').length
    if (!values.json && asksTelegram) print(`\n${endOf(wrong, config !== undefined)}`)
    return wrong > 0 ? exitCodes.problem : exitCodes.fine
  },
}

const options = {
  telegram: { type: 'boolean', default: false },
  'send-test': { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
} as const

const shortestToken = 16

const nothing = { targets: [], routes: [], rules: [] }

function headOf(
  { problems, warnings, notes }: { problems: string[]; warnings: string[]; notes: string[] },
  file: string | undefined,
): string[] {
  const name = file ?? process.env.CONFIG_FILE?.trim()
  const what = name ? `${plainLine(name)} and the environment` : 'the environment, without a file'
  const count = `${problems.length} problem${problems.length === 1 ? '' : 's'} in the configuration:`
  return [
    problems.length === 0 ? `${what}: fine` : count,
    ...problems.map((problem) => `- ${plainLine(problem)}`),
    ...warnings.map((warning) => `warning: ${plainLine(warning)}`),
    ...notes.map((note) => `note: not needed here, but for a start: ${plainLine(note)}`),
  ]
}

function endOf(wrong: number, isAsked: boolean): string {
  if (!isAsked) return 'Telegram was not asked: first the configuration has to be right.'
  return wrong === 0 ? 'Nothing is wrong.' : `${wrong} problem${wrong === 1 ? '' : 's'}.`
}

interface Asking {
  sends: boolean
  /** The token is to be seen nowhere. */
  hide: (token: string) => void
}

async function* ask({ token: source, apiRoot, ruleset }: Config, { sends, hide }: Asking): AsyncGenerator<Finding> {
  const tokenVariable = tokenVariableOf(source)
  const read = await readToken(source)
  if ('problem' in read) {
    const advice = `check ${tokenVariable}, and whether the AWS credentials in this environment may read it`
    yield { level: 'problem', about: 'bot', targets: [], chat: null, says: read.problem, advice }
    return
  }
  const { token } = read
  hide(token)
  const reach = { token, apiRoot, clock: systemClock }
  const inspector = createInspector(reach)
  const client = createClient(reach)
  const send = sends ? client.send : undefined
  try {
    yield* askTelegram({ inspector, targets: targetsOf(ruleset), send, apiRoot, tokenVariable })
  } finally {
    inspector.close()
    client.close()
  }
}

async function readToken(source: TokenSource): Promise<{ token: string } | { problem: string }> {
  if (source.kind === 'given') return { token: source.token }
  const { fetchToken } = await import('../../aws/token.ts')
  try {
    const token = await fetchToken(source, systemClock)
    if (isToken(token)) return { token }
    return { problem: `the ${source.kind} ${source.name} holds ${token.length} characters, and not a bot token` }
  } catch (error) {
    return { problem: plainLine(String(explanation(error))) }
  }
}
