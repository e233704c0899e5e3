import { systemClock } from '../adapters/clock.ts'
import { createLog } from '../adapters/log/log.ts'
import { createRedactor, redactError } from '../adapters/log/redact.ts'
import { limitStore, withinTime } from '../adapters/store/intercept.ts'
import { createClient } from '../adapters/telegram/client.ts'
import { createInspector } from '../adapters/telegram/inspect.ts'
import { followProblems, type OngoingProblems } from '../core/ongoing-problems.ts'
import { knownTargets } from '../core/routing/compile-ruleset.ts'
import { createRouter } from '../core/routing/router.ts'
import type { Ruleset } from '../core/routing/ruleset.ts'
import { withSameChats } from '../core/routing/same-chats.ts'
import type { Target } from '../core/routing/target.ts'
import { type BackOff, createBackOff } from '../pipeline/back-off.ts'
import { openChatTurns } from '../pipeline/deliver/chat-lock.ts'
import type { Deliver } from '../pipeline/deliver/deliver.ts'
import { readSameChats } from '../pipeline/deliver/rate-limit.ts'
import {
  type Clock,
  type DeadLetters,
  type KafkaBatchResponse,
  type Log,
  type Meter,
  noMeter,
  orOutage,
  type Store,
  type TelegramClient,
} from '../pipeline/ports.ts'
import { processBatch } from '../pipeline/process-batch.ts'
import { TokenRefused } from '../pipeline/respond.ts'
import { type SweepResult, sweep } from '../pipeline/sweep.ts'
import { type Config, isToken } from './config/config.ts'
import { loadConfig } from './config/load.ts'
import { openStore } from './open-store.ts'
import { requestIds } from './request-ids.ts'
import { createStages, type Stages } from './stages.ts'
import { warmUp } from './warm-up.ts'

export interface App {
  /** Processes a batch of records, and answers within `milliseconds`. */
  notify(kafkaEvent: unknown, milliseconds: number): Promise<KafkaBatchResponse>
  /** Delivers what is pending and due. */
  sweep(milliseconds: number): Promise<SweepResult>
  /** The earliest time after `after` at which something is due in a chat that takes requests then. */
  nextDue(after: number): Promise<number | undefined>
  /** Makes the first record as fast as the next ones, and leaves no trace. Rejects for bugs, which may be ignored. */
  warmUp(): Promise<number>
  deadLetters(): Promise<DeadLetters>
  state(): Promise<Store>
  /** Asks whether Telegram knows the bot, and leaves no trace. Resolves with the reason if not. */
  reachTelegram(): Promise<string | undefined>
  log: Log
  close(): Promise<void>
}

/** Starts the program with this process's environment. Rejects with every problem of the configuration. */
export async function start(): Promise<App> {
  return createApp(await loadConfig())
}

export interface AppOptions {
  clock?: Clock
  write?: (line: string) => unknown
  /** Opens the store; tests add faults here. */
  openState?: typeof openStore
  meter?: Meter
  /** Shared by apps that should log a lasting problem once. */
  problems?: OngoingProblems
  /** Waits before a fruitless invocation ends. The worker needs none, since it pauses its partitions itself. */
  backOff?: BackOff
  /** Secrets besides the bot token that no output may contain. */
  secrets?: string[]
  /** Logs nothing at its start, since another app of this process has. */
  isSilent?: boolean
}

/** The time after the last request: for logging and answering, and for one more write to a slow store. */
const reserveMilliseconds = { memory: 2_000, sqlite: 2_000, dynamodb: 7_000 }
// The time after the last call to the store: for logging and for the answer.
const answerMilliseconds = 500

/** From configuration to a running program: the only place that picks real implementations. */
export function createApp(config: Config, options: AppOptions = {}): App {
  const { clock = systemClock, write, openState = openStore, meter = noMeter, isSilent = false } = options
  const { addToken, addSecret, redact } = createRedactor()
  for (const secret of options.secrets ?? []) addSecret(secret)
  const log = createLog({
    level: config.logLevel,
    clock,
    redact,
    functionName: config.functionName,
    requestId: () => requestIds.getStore(),
    ...(write ? { write } : {}),
  })
  const reserve = reserveMilliseconds[config.state.kind]
  const common = {
    problems: options.problems ?? followProblems(),
    toldMistakes: new Map<string, Target>(),
    startedAt: clock.now(),
    clock,
    log,
    meter,
    redact,
    turns: openChatTurns(clock),
    backOff: options.backOff ?? createBackOff(clock),
  }

  const firstRouter = createRouter(config.ruleset)
  let watched: { by: string; since: number | undefined } = { by: watchedBy(config.ruleset), since: undefined }
  let opened: Promise<Store> | undefined
  let connected: Promise<TelegramClient> | undefined
  let client: TelegramClient | undefined
  let made: { store: Store; ruleset: Ruleset; stages: Stages } | undefined

  async function state(): Promise<Store> {
    const mine =
      opened ?? openState(config.state, { clock }).then((store) => (store.isDurable ? limitStore(store) : store))
    opened = mine
    // If opening fails, the next invocation tries again.
    if (await isRejected(mine)) opened = undefined
    return mine
  }

  async function connect(): Promise<TelegramClient> {
    const token = await readToken(config.token, clock)
    addToken(token)
    return createClient({ token, apiRoot: config.apiRoot, clock })
  }

  // The stages outlive a client, which is replaced after its token was refused.
  const present = () => {
    if (!client) throw new Error('not connected')
    return client
  }
  const currentClient: TelegramClient = {
    send: (...request) => present().send(...request),
    edit: (...request) => present().edit(...request),
    close: () => present().close(),
  }

  /** Made once for a store and its rules, with the targets under the names that the store knows for their chats. */
  async function stagesFor(store: Store): Promise<Stages> {
    const ruleset = config.liveRules ? await config.liveRules.current(log) : config.ruleset
    if (made?.store === store && made.ruleset === ruleset) return made.stages
    const chats = [...new Set([...knownTargets(ruleset).values()].map(({ chat }) => chat))]
    const read = store.isDurable ? await orOutage(() => readSameChats(chats, store)) : { value: new Map() }
    const named = 'value' in read && read.value.size > 0 ? withSameChats(ruleset, read.value) : ruleset
    if (watchedBy(ruleset) !== watched.by) watched = { by: watchedBy(ruleset), since: clock.now() }
    const stages = createStages(config, {
      ...common,
      watchingSince: watched.since,
      ruleset: named,
      router: named === config.ruleset ? firstRouter : createRouter(named),
      store,
      client: currentClient,
    })
    const deliver = forgetStagesOnceLinked(stages.batch.deliver)
    const linking = { batch: { ...stages.batch, deliver }, sweep: { ...stages.sweep, deliver } }
    // During an outage of the store nothing is saved, and the next invocation asks for the names again.
    if ('value' in read) made = { store, ruleset, stages: linking }
    return linking
  }

  function forgetStagesOnceLinked(deliver: Deliver): Deliver {
    return async (items, limits) => {
      const report = await deliver(items, limits)
      if (report.hasLinked) made = undefined
      return report
    }
  }

  /** Runs one invocation. `deadline` is when its last request has to have ended, in ms since the epoch. */
  async function invoke<Answer>(
    milliseconds: number,
    run: (stages: Stages, deadline: number, store: Store) => Promise<Answer>,
  ): Promise<Answer> {
    const startedAt = clock.now()
    connected ??= connect()
    const mine = connected
    try {
      client = await mine
      const store = await state()
      return await withinTime(startedAt + milliseconds - answerMilliseconds, clock, async () =>
        run(await stagesFor(store), startedAt + milliseconds - reserve, store),
      )
    } catch (error) {
      // The token could not be read, or was changed since. The next invocation reads it again.
      const isStale = error instanceof TokenRefused || (await isRejected(mine))
      if (isStale && connected === mine) connected = undefined
      throw redactError(error, redact)
    }
  }

  async function logPending(store: Store): Promise<void> {
    const pending = await orOutage(() => store.countPending())
    const count = 'value' in pending ? pending.value.count : 0
    if (count > 0) log.info(`${count} pending: npx serverless invoke local -f sweep`)
  }

  for (const warning of isSilent ? [] : config.warnings) log.warn(warning)
  log[isSilent ? 'debug' : 'info']('start', {
    state: config.state.kind,
    incidents: config.hasIncidents ? 'on' : 'off',
    ...(config.liveRules && { rules: `${config.liveRules.name}, version ${config.liveRules.inUse().version}` }),
    note: notices[config.state.kind],
  })
  return {
    log,
    notify: (kafkaEvent, milliseconds) =>
      invoke(milliseconds, async ({ batch }, deadline, store) => {
        const answer = await processBatch(kafkaEvent, deadline, batch)
        if (config.isInvokedLocally && store.isDurable) await logPending(store)
        return answer
      }),
    sweep: (milliseconds) => invoke(milliseconds, (stages, deadline) => sweep(deadline, stages.sweep)),
    nextDue: async (after) => (await stagesFor(await state())).sweep.due.next(after),
    warmUp: () => warmUp(config, { clock, redact, router: firstRouter }),
    deadLetters: async () => (await state()).deadLetters,
    state,
    async reachTelegram() {
      const token = await readToken(config.token, clock)
      addToken(token)
      const inspector = createInspector({ token, apiRoot: config.apiRoot, clock, timeoutMilliseconds: 5_000 })
      const answer = await inspector.bot()
      inspector.close()
      if (answer.kind === 'ok') return undefined
      return redact(answer.kind === 'refused' ? `${answer.code} ${answer.description}` : answer.reason)
    },
    async close() {
      if (opened) (await opened).close()
    },
  }
}

/** Changes when the watchdog begins to watch something else. */
function watchedBy({ watchdog, clusters }: Ruleset): string {
  return JSON.stringify([watchdog, clusters])
}

const notices: Record<Config['state']['kind'], string> = {
  memory: 'the store is in memory: a batch that another process receives again is shown again',
  sqlite: 'the store is a file: all processes that share it show one message per incident',
  dynamodb: 'the store is a table: all processes that share it show one message per incident',
}

async function readToken(source: Config['token'], clock: Clock): Promise<string> {
  if (source.kind === 'given') return source.token
  // Loaded only if the token is in AWS.
  const { fetchToken } = await import('../adapters/aws/token.ts')
  const token = await fetchToken(source, clock)
  if (!isToken(token))
    throw new Error(
      `the ${source.kind} ${source.name} contains ${token.length} characters that do not look like a bot token`,
    )
  return token
}

function isRejected(promise: Promise<unknown>): Promise<boolean> {
  return promise.then(
    () => false,
    () => true,
  )
}
