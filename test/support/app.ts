import { setFlagsFromString } from 'node:v8'
import type { ConsumedRecord } from '../../lib/adapters/kafka/lambda-event.ts'
import { toLambdaEvent } from '../../lib/adapters/kafka/lambda-event.ts'
import { createApp } from '../../lib/app/app.ts'
import { type Config, parseConfig, type RoutingSource } from '../../lib/app/config/config.ts'
import { loadConfig } from '../../lib/app/config/load.ts'
import { openCompiler } from '../../lib/app/config/regex.ts'
import { readRouting } from '../../lib/app/config/routing-file.ts'
import { openStore } from '../../lib/app/open-store.ts'
import type { ChatSetup } from '../../lib/emulator/chats.ts'
import { type Emulator, startEmulator } from '../../lib/emulator/server.ts'
import { type VirtualClock, virtualClock } from '../../lib/emulator/virtual-clock.ts'
import type { Clock, DeadLetters, KafkaBatchResponse, Store } from '../../lib/pipeline/ports.ts'
import type { SweepResult } from '../../lib/pipeline/sweep.ts'

export const chatId = -1001234567890

export interface TestApp {
  emulator: Emulator
  clock: VirtualClock
  /** Every line of the log, parsed. */
  log: Record<string, unknown>[]
  /** The same as text. */
  output: string[]
  notify(records: ConsumedRecord[] | unknown, milliseconds?: number): Promise<KafkaBatchResponse>
  sweep(milliseconds?: number): Promise<SweepResult>
  nextDue(after: number): Promise<number | undefined>
  /** Sweeps once a minute until nothing is pending. Resolves with the number of minutes. */
  sweepUntilDelivered(mostMinutes?: number): Promise<number>
  /** Outcomes as `0/3 sent: shown`, in their order. */
  outcomes(): string[]
  deadLetters(): Promise<DeadLetters>
  /** Starts a new process, with empty memory. */
  restart(): void
  close(): Promise<void>
}

export interface AppOptions {
  environment?: Record<string, string>
  chats?: ChatSetup[]
  isPaced?: boolean
  apiRoot?: string
  /** Another process on the same chats at the same time. */
  beside?: TestApp
  /** In milliseconds since the epoch. */
  startsAt?: number
  /** Wraps the program's store. */
  decorate?: (store: Store) => Store
  /** The targets, which all get every event. One chat unless given. */
  targets?: string[]
  /** A routing file, or `default` for the default rules. Unless given, everything is shown. */
  rules?: string
}

/** The whole program in virtual time, with real grammY over a real socket to the emulator. */
export async function startApp({
  environment = {},
  chats,
  isPaced = false,
  apiRoot,
  beside,
  startsAt,
  decorate = (store) => store,
  targets = [String(chatId)],
  rules,
}: AppOptions = {}): Promise<TestApp> {
  const clock = beside?.clock ?? virtualClock(startsAt)
  const emulator =
    beside?.emulator ?? (await startEmulator({ clock: clock.server, isPaced, ...(chats ? { chats } : {}) }))
  const output: string[] = []
  const variables = {
    TELEGRAM_BOT_TOKEN: emulator.token,
    TELEGRAM_CHAT_ID: targets[0],
    TELEGRAM_API_ROOT: apiRoot ?? emulator.apiRoot,
    CLUSTER_NAME: 'test',
    ...environment,
  }
  const config = environment.CONFIG_FILE ? await loadConfig(variables, clock) : configOf(variables)
  const readLog = () => output.map((line) => JSON.parse(line) as Record<string, unknown>)
  const openState: typeof openStore = async (...words) => decorate(await openStore(...words))
  const start = () => createApp(config, { clock, write: (line) => void output.push(line), openState })
  let app = start()
  const test: TestApp = {
    emulator,
    clock,
    output,
    get log() {
      return readLog()
    },
    notify: (records, milliseconds = 300_000) =>
      app.notify(Array.isArray(records) ? toLambdaEvent(records as ConsumedRecord[]) : records, milliseconds),
    sweep: (milliseconds = 58_000) => app.sweep(milliseconds),
    nextDue: (after) => app.nextDue(after),
    async sweepUntilDelivered(mostMinutes = 600) {
      for (let minutes = 0; minutes < mostMinutes; minutes += 1) {
        const startedAt = clock.now()
        const { pending } = await app.sweep(58_000)
        if (pending === 0) return minutes
        await clock.sleep(Math.max(0, startedAt + 60_000 - clock.now()))
      }
      throw new Error(`still pending after ${mostMinutes} minutes`)
    },
    outcomes() {
      return readLog()
        .filter(({ message }) => message === 'record')
        .map(
          ({ partition, offset, outcome, why, batchItemFailure }) =>
            `${partition}/${offset} ${outcome}: ${why}${batchItemFailure ? ', batch item failure' : ''}`,
        )
    },
    deadLetters: () => app.deadLetters(),
    restart() {
      app = start()
    },
    async close() {
      await app.close()
      if (!beside) await emulator.close()
    },
  }
  return test

  function configOf(given: Record<string, string | undefined>): Config {
    const parsed = parseConfig(given, rules === 'default' ? undefined : routingOf(rules, targets, given, clock))
    if ('config' in parsed) return parsed.config
    throw new Error(parsed.problems.join('\n'))
  }
}

const compile = openCompiler(setFlagsFromString)

function routingOf(
  rules: string | undefined,
  targets: string[],
  environment: Record<string, string | undefined>,
  clock: Pick<Clock, 'now'>,
): RoutingSource {
  const all = JSON.stringify({ defaults: false, ...(targets.length > 1 ? { routes: [{ to: targets }] } : {}) })
  return (context) => readRouting(rules ?? all, 'rules.yml', { ...context, compile, environment, now: clock.now() })
}
