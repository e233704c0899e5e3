import { type Clock, systemClock } from '../adapters/clock.ts'
import { createLog, type Log } from '../adapters/log/log.ts'
import { createRedactor, redactError } from '../adapters/log/redact.ts'
import { withDeadline } from '../adapters/store/intercept.ts'
import { createClient } from '../adapters/telegram/client.ts'
import { createInspector } from '../adapters/telegram/inspect.ts'
import { memoizedHash, sha256 } from '../core/hash.ts'
import { createKeysOf } from '../core/incident/identity.ts'
import { createRenderer, overridesOf } from '../core/message/render.ts'
import { languages } from '../core/message/words/languages.ts'
import type { KafkaBatchResponse } from '../core/outcome.ts'
import type { Ruleset } from '../core/routing/compiled.ts'
import { createRouter } from '../core/routing/router.ts'
import { knownTargets } from '../core/routing/ruleset.ts'
import { withSameChats } from '../core/routing/same-chats.ts'
import { parseTarget } from '../core/routing/target.ts'
import { createBackOff, type Rest } from '../pipeline/back-off.ts'
import { readSameChats } from '../pipeline/deliver/chat.ts'
import { openLanes } from '../pipeline/deliver/chat-turns.ts'
import { createDeliver, type Deliver, type DeliverIn, TokenRefused } from '../pipeline/deliver/deliver.ts'
import { nextDue } from '../pipeline/due.ts'
import { type Meter, noMeter } from '../pipeline/meter.ts'
import { type DeadLetters, orOutage, type Store } from '../pipeline/ports.ts'
import { processBatch } from '../pipeline/process-batch.ts'
import { type SweepReport, sweep } from '../pipeline/sweep.ts'
import type { Watch } from '../pipeline/watchdog.ts'
import { type Config, isToken } from './config/config.ts'
import { loadConfig } from './config/load.ts'
import { openStore } from './open-store.ts'
import { warmUp } from './warm-up.ts'

export interface App {
  /** `milliseconds` from now on in which the answer must be out. */
  notify(kafkaEvent: unknown, milliseconds: number): Promise<KafkaBatchResponse>
  /** Pays what is pending and due. */
  sweep(milliseconds: number): Promise<SweepReport>
  /** The earliest time after `after` at which something is due in a chat that takes requests then. */
  nextDue(after: number): Promise<number | undefined>
  /** Makes the first record as fast as the next ones; leaves no trace. Rejects for bugs, of which nobody has to know. */
  warmUp(): Promise<number>
  deadLetters(): Promise<DeadLetters>
  state(): Promise<Store>
  /** Whether Telegram knows the bot: leaves no trace. Resolves with why not, in words. */
  reachTelegram(): Promise<string | undefined>
  log: Log
  close(): Promise<void>
}

/** The program of this process's environment. Rejects with every problem of its configuration. */
export async function start(): Promise<App> {
  return createApp(await loadConfig())
}

interface Options {
  clock?: Clock
  write?: (line: string) => unknown
  /** What lies between the program and its state: a test's faults. */
  openState?: typeof openStore
  meter?: Meter
  /** What waits before a fruitless invocation ends; who holds back its partitions itself needs none. */
  rest?: Rest
  /** What no output may have, besides the bot token. */
  secrets?: string[]
  /** Has nothing to say at its start: another one of this process has said it. */
  isSilent?: boolean
}

/** What is left when the last request has ended: for logging and answering, and for one more write of a state that answers slowly. */
const reserveMilliseconds = { memory: 2_000, sqlite: 2_000, dynamodb: 7_000 }
// For logging, and for the answer's way.
const answerMilliseconds = 500

/** From configuration to a running program: the only place that picks real implementations. */
export function createApp(config: Config, options: Options = {}): App {
  const { clock = systemClock, write, openState = openStore, meter = noMeter, isSilent = false } = options
  const { add, redact } = createRedactor()
  for (const secret of options.secrets ?? []) add(secret)
  const log = createLog({ level: config.logLevel, clock, redact, ...(write ? { write } : {}) })
  // Turns in a chat outlive the client, which a refused token replaces.
  const lanes = openLanes(clock)
  const rest = options.rest ?? createBackOff(clock)
  const reserve = reserveMilliseconds[config.state.kind]
  const { cluster, timeZone, link, hasIncidents, failureMode, functionName } = config
  const words = languages[config.language]
  const hash = memoizedHash(sha256)
  const lookedAt = new Set<string>()
  const turns = { own: 0, others: 0 }
  const look = { at: Number.NEGATIVE_INFINITY }
  const toldDays = new Set<string>()
  const lastHeard = new Map<string, number>()
  const watch: Watch = { since: undefined, told: new Set() }

  /** What is made of the rules once. */
  function toolsOf(ruleset: Ruleset) {
    const { quiet, clusters, rules, fallback, suppressed, watchdog, target } = ruleset
    const targets = knownTargets(ruleset)
    return {
      ...{
        keysOf: createKeysOf(hash),
        hash,
        clock,
        log,
        hasIncidents,
        functionName,
        meter,
        fallback,
        suppressed,
        watchdog,
      },
      renderer: createRenderer({ timeZone, words, link, quiet, ...overridesOf(rules) }, sha256),
      route: createRouter(ruleset),
      clusterOf: (topic: string) => clusters[topic] ?? cluster ?? topic,
      targetNamed: (name: string) => {
        const known = targets.get(name)
        return { target: known ?? parseTarget(name), isConfigured: known !== undefined }
      },
      defaultTarget: target,
    }
  }

  const configured = toolsOf(config.ruleset)
  let known: ReturnType<typeof toolsOf> | undefined

  /** With the targets under the names that the state has for them. */
  async function tools(store: Store): Promise<ReturnType<typeof toolsOf>> {
    if (known || !store.isDurable) return known ?? configured
    const chats = [...new Set([...knownTargets(config.ruleset).values()].map(({ chat }) => chat))]
    const read = await orOutage(() => readSameChats(chats, store))
    // Where the state is away nothing can be kept under any name, and the next invocation asks again.
    if ('outage' in read) return configured
    known = read.value.size === 0 ? configured : toolsOf(withSameChats(config.ruleset, read.value))
    return known
  }

  let opened: Promise<Store> | undefined
  let connected: Promise<DeliverIn> | undefined

  async function state(): Promise<Store> {
    const mine = opened ?? openState(config.state, { clock })
    opened = mine
    // What could not be opened is tried again by the next invocation.
    if (await isRejected(mine)) opened = undefined
    return mine
  }

  async function connect(): Promise<DeliverIn> {
    const token = await readToken(config.token, clock)
    add(token)
    const client = createClient({ token, apiRoot: config.apiRoot, clock })
    return createDeliver(lanes, { client, clock, newToken: () => crypto.randomUUID() })
  }

  /** When the last request has to have ended, and from when on nothing is waited for any more. */
  function timesOf(milliseconds: number) {
    const now = clock.now()
    return { deadline: now + milliseconds - reserve, answerBefore: now + milliseconds - answerMilliseconds }
  }

  async function connectedRun<Answer>(
    answerBefore: number,
    run: (deliver: Deliver, store: Store, made: ReturnType<typeof toolsOf>) => Promise<Answer>,
  ): Promise<Answer> {
    connected ??= connect()
    const mine = connected
    try {
      const [telegram, store] = [await mine, await state()]
      const runIn = async (timely: Store) => {
        const made = await tools(timely)
        const deliver: Deliver = async (items, limits) => {
          const report = await telegram(items, limits, { store: timely, renderer: made.renderer })
          if (report.hasLinked) known = undefined
          return report
        }
        return run(deliver, timely, made)
      }
      return await (store.isDurable ? withDeadline(store, answerBefore, clock, runIn) : runIn(store))
    } catch (error) {
      // A token that could not be read, or was changed since, is read anew by the next invocation.
      const isStale = error instanceof TokenRefused || (await isRejected(mine))
      if (isStale && connected === mine) connected = undefined
      throw redactError(error, redact)
    }
  }

  async function tellPending(store: Store): Promise<void> {
    const pending = await orOutage(() => store.countPending())
    const count = 'value' in pending ? pending.value.count : 0
    if (count > 0) log.always(`${count} pending: npx serverless invoke local -f sweep`)
  }

  for (const warning of isSilent ? [] : config.warnings) log.warn(warning)
  log[isSilent ? 'debug' : 'info']('start', {
    state: config.state.kind,
    incidents: hasIncidents ? 'on' : 'off',
    info: notices[config.state.kind],
  })
  return {
    log,
    notify: (kafkaEvent, milliseconds) => {
      const times = timesOf(milliseconds)
      const settings = { failureMode, lookedAt, turns, lastHeard, rest, redact }
      return connectedRun(times.answerBefore, async (deliver, store, made) => {
        const answer = await processBatch(kafkaEvent, times.deadline, { ...made, ...settings, deliver, store })
        if (config.isInvokedLocally && store.isDurable) await tellPending(store)
        return answer
      })
    },
    sweep: (milliseconds) => {
      const times = timesOf(milliseconds)
      return connectedRun(times.answerBefore, (deliver, store, made) =>
        sweep(times.deadline, { ...made, words, timeZone, look, toldDays, watch, deliver, store }),
      )
    },
    async nextDue(after) {
      const store = await state()
      return nextDue(after, { ...(await tools(store)), store })
    },
    warmUp: () => warmUp({ ...configured, failureMode, redact }, config),
    deadLetters: async () => (await state()).deadLetters,
    state,
    async reachTelegram() {
      const token = await readToken(config.token, clock)
      add(token)
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

const notices: Record<Config['state']['kind'], string> = {
  memory: 'what was shown is remembered by this process only: a batch delivered again to another one is shown again',
  sqlite:
    'what is pending and shown is kept in a file of this machine: all processes that share it show one message per incident',
  dynamodb: 'what is pending and shown is kept in a table: all processes that share it show one message per incident',
}

async function readToken(source: Config['token'], clock: Clock): Promise<string> {
  if (source.kind === 'given') return source.token
  // Only who configured it pays for loading it.
  const { fetchToken } = await import('../adapters/aws/token.ts')
  const token = await fetchToken(source, clock)
  if (!isToken(token))
    throw new Error(
      `the ${source.kind} ${source.name} holds ${token.length} characters of another form than a bot token`,
    )
  return token
}

function isRejected(promise: Promise<unknown>): Promise<boolean> {
  return promise.then(
    () => false,
    () => true,
  )
}
