import { type Clock, systemClock } from './clock.ts'
import { loadConfig } from './config/load.ts'
import { type Config, isToken } from './config/schema.ts'
import { overridesOf } from './format/overrides.ts'
import { createRenderer } from './format/render.ts'
import { languages } from './format/words/languages.ts'
import { rememberedHash, sha256 } from './hash.ts'
import { createKeysOf } from './incident/identity.ts'
import type { Incident } from './incident/incident.ts'
import { orOutage, type Quarantine, type Store } from './incident/store.ts'
import { createLog, type Log } from './observe/log.ts'
import { type Meter, noMeter } from './observe/meter.ts'
import { createRedactor, redactError } from './observe/redact.ts'
import type { KafkaBatchResponse } from './outcome.ts'
import { processBatch } from './pipeline.ts'
import { createRest, type Rest } from './rest.ts'
import { createRouter } from './route/router.ts'
import { targetOf } from './route/ruleset.ts'
import type { Watch } from './silence.ts'
import { openStore } from './state/open.ts'
import { type SweepReport, sweep } from './sweep.ts'
import { createClient } from './telegram/client.ts'
import { createDeliver, type Deliver, TokenRefused } from './telegram/deliver.ts'
import { createInspector } from './telegram/inspect.ts'
import { openLanes } from './telegram/lane.ts'

export interface App {
  /** `milliseconds` from now on in which the answer must be out. */
  notify(kafkaEvent: unknown, milliseconds: number): Promise<KafkaBatchResponse>
  /** Pays what is owed and due. */
  sweep(milliseconds: number): Promise<SweepReport>
  quarantine(): Promise<Quarantine>
  state(): Promise<Store>
  /** Whether Telegram knows the bot: leaves no trace. Resolves with why not, in words. */
  reachTelegram(): Promise<string | undefined>
  log: Log
  close(): Promise<void>
}

/** The program of this process's environment. Rejects with every problem of its configuration. */
export async function start(): Promise<App> {
  return wire(await loadConfig())
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

/** From configuration to a running program: the only place that picks real implementations. */
export function wire(config: Config, options: Options = {}): App {
  const { clock = systemClock, write, openState = openStore, meter = noMeter, isSilent = false } = options
  const { add, redact } = createRedactor()
  for (const secret of options.secrets ?? []) add(secret)
  const log = createLog({ level: config.logLevel, clock, redact, ...(write ? { write } : {}) })
  // Turns in a chat outlive the client, which a refused token replaces.
  const lanes = openLanes(clock)
  const rest = options.rest ?? createRest(clock)
  const reserve = reserveMilliseconds[config.state.kind]
  const { cluster, timeZone, link, hasIncidents, failureMode, functionName, ruleset } = config
  const { quiet, clusters, fallback, heldBack, silence } = ruleset
  const words = languages[config.language]
  const renderer = createRenderer({ timeZone, words, link, quiet, ...overridesOf(ruleset.rules) }, sha256)
  const route = createRouter(ruleset)
  const hash = rememberedHash(sha256)
  const lookedAt = new Set<string>()
  const toldDays = new Set<string>()
  const lastHeard = new Map<string, number>()
  const watch: Watch = { since: undefined, told: new Set() }
  const common = {
    ...{
      renderer,
      hash,
      keysOf: createKeysOf(hash),
      clock,
      log,
      hasIncidents,
      functionName,
      fallback,
      heldBack,
      silence,
      meter,
    },
    clusterOf: (topic: string) => clusters[topic] ?? cluster ?? topic,
    targetOf: (name: string, { shown }: Incident) => targetOf(ruleset, name, shown?.chat),
  }
  let opened: Promise<Store> | undefined
  let connected: Promise<Deliver> | undefined

  async function state(): Promise<Store> {
    const mine = opened ?? openState(config.state, { clock })
    opened = mine
    // What could not be opened is tried again by the next invocation.
    if (await isRejected(mine)) opened = undefined
    return mine
  }

  async function connect(): Promise<Deliver> {
    const token = await readToken(config.token, clock)
    add(token)
    const client = createClient({ token, apiRoot: config.apiRoot, clock })
    return createDeliver(lanes, { client, store: await state(), renderer, clock, newToken: () => crypto.randomUUID() })
  }

  async function connectedRun<Answer>(run: (deliver: Deliver, store: Store) => Promise<Answer>): Promise<Answer> {
    connected ??= connect()
    const mine = connected
    try {
      return await run(await mine, await state())
    } catch (error) {
      // A token that could not be read, or was changed since, is read anew by the next invocation.
      const isStale = error instanceof TokenRefused || (await isRejected(mine))
      if (isStale && connected === mine) connected = undefined
      throw redactError(error, redact)
    }
  }

  async function tellOwed(store: Store): Promise<void> {
    const owed = await orOutage(() => store.countOwed())
    const count = 'value' in owed ? owed.value.count : 0
    if (count > 0) log.always(`${count} owed: npx serverless invoke local -f sweep`)
  }

  for (const warning of isSilent ? [] : config.warnings) log.warn(warning)
  log[isSilent ? 'debug' : 'info']('start', {
    state: config.state.kind,
    incidents: hasIncidents ? 'on' : 'off',
    notice: notices[config.state.kind],
  })
  return {
    log,
    notify: (kafkaEvent, milliseconds) => {
      const deadline = clock.now() + milliseconds - reserve
      const settings = { ...common, failureMode, lookedAt, lastHeard, rest, redact, route }
      return connectedRun(async (deliver, store) => {
        const answer = await processBatch(kafkaEvent, deadline, { ...settings, deliver, store })
        if (config.isInvokedLocally && store.isDurable) await tellOwed(store)
        return answer
      })
    },
    sweep: (milliseconds) => {
      const deadline = clock.now() + milliseconds - reserve
      return connectedRun((deliver, store) =>
        sweep(deadline, { ...common, words, timeZone, toldDays, watch, deliver, store }),
      )
    },
    quarantine: async () => (await state()).quarantine,
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
    'what is owed and shown is kept in a file of this machine: all processes that share it show one message per incident',
  dynamodb: 'what is owed and shown is kept in a table: all processes that share it show one message per incident',
}

async function readToken(source: Config['token'], clock: Clock): Promise<string> {
  if (source.kind === 'given') return source.token
  // Only who configured it pays for loading it.
  const { fetchToken } = await import('./aws/token.ts')
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
