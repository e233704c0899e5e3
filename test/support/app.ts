import { parseConfig } from '../../lib/config/schema.ts'
import type { ConsumedRecord } from '../../lib/kafka/event.ts'
import { toLambdaEvent } from '../../lib/kafka/event.ts'
import type { KafkaBatchResponse } from '../../lib/outcome.ts'
import type { ChatSetup } from '../../lib/standin/chats.ts'
import { type Standin, startStandin } from '../../lib/standin/server.ts'
import { wire } from '../../lib/wire.ts'
import { type VirtualClock, virtualClock } from './virtual-clock.ts'

export const chatId = -1001234567890

export interface TestApp {
  standin: Standin
  clock: VirtualClock
  /** Every line of the log, parsed. */
  log: Record<string, unknown>[]
  /** The same as text. */
  output: string[]
  notify(records: ConsumedRecord[] | unknown, milliseconds?: number): Promise<KafkaBatchResponse>
  /** Outcome lines as `0/3 sent: shown`, in their order. */
  outcomes(): string[]
  /** A new process: what memory knew is forgotten. */
  restart(): void
}

interface Options {
  environment?: Record<string, string>
  chats?: ChatSetup[]
  isPaced?: boolean
  apiRoot?: string
}

/** The whole program in virtual time, with real grammY over a real socket to the stand-in. */
export async function startApp({ environment = {}, chats, isPaced = false, apiRoot }: Options = {}): Promise<TestApp> {
  const clock = virtualClock()
  const standin = await startStandin({ clock: clock.server, isPaced, ...(chats ? { chats } : {}) })
  const output: string[] = []
  const parsed = parseConfig({
    TELEGRAM_BOT_TOKEN: standin.token,
    TELEGRAM_CHAT_ID: String(chatId),
    TELEGRAM_API_ROOT: apiRoot ?? standin.apiRoot,
    CLUSTER_NAME: 'test',
    ...environment,
  })
  if ('problems' in parsed) throw new Error(parsed.problems.join('\n'))
  const readLog = () => output.map((line) => JSON.parse(line) as Record<string, unknown>)
  const start = () => wire(parsed.config, { clock, write: (line) => void output.push(line) })
  let app = start()
  return {
    standin,
    clock,
    output,
    get log() {
      return readLog()
    },
    notify: (records, milliseconds = 300_000) =>
      app.notify(Array.isArray(records) ? toLambdaEvent(records as ConsumedRecord[]) : records, milliseconds),
    outcomes() {
      return readLog()
        .filter(({ message }) => message === 'record')
        .map(
          ({ partition, offset, outcome, why, returned }) =>
            `${partition}/${offset} ${outcome}: ${why}${returned ? ', returned' : ''}`,
        )
    },
    restart() {
      app = start()
    },
  }
}
