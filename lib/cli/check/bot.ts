import { systemClock } from '../../adapters/clock.ts'
import { createClient } from '../../adapters/telegram/client.ts'
import { createInspector } from '../../adapters/telegram/inspect.ts'
import { type Config, isToken, type TokenSource } from '../../app/config/config.ts'
import { explanation } from '../command.ts'
import { plainLine } from '../inspect/words.ts'
import type { TelegramFinding } from './finding.ts'
import { placedTargets } from './summary.ts'
import { askTelegram } from './telegram.ts'

interface Asking {
  sends: boolean
  /** Hides the token in all output. */
  hide: (token: string) => void
}

/** Asks Telegram with the token of this configuration. */
export async function* askAsBot(
  { token: source, apiRoot, ruleset }: Config,
  { sends, hide }: Asking,
): AsyncGenerator<TelegramFinding, undefined> {
  const tokenVariable = tokenVariables[source.kind]
  const read = await readToken(source)
  if ('problem' in read) {
    const advice = `check ${tokenVariable}, and check that the AWS credentials in this environment may read it`
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
    yield* askTelegram({ inspector, targets: placedTargets(ruleset), send, apiRoot, tokenVariable })
  } finally {
    inspector.close()
    client.close()
  }
}

const tokenVariables = {
  given: 'TELEGRAM_BOT_TOKEN',
  parameter: 'TELEGRAM_BOT_TOKEN_PARAMETER',
  secret: 'TELEGRAM_BOT_TOKEN_SECRET',
} as const

async function readToken(source: TokenSource): Promise<{ token: string } | { problem: string }> {
  if (source.kind === 'given') return { token: source.token }
  const { fetchToken } = await import('../../adapters/aws/token.ts')
  try {
    const token = await fetchToken(source, systemClock)
    if (isToken(token)) return { token }
    return {
      problem: `the ${source.kind} ${source.name} does not contain a bot token but ${token.length} other characters`,
    }
  } catch (error) {
    return { problem: plainLine(String(explanation(error))) }
  }
}
