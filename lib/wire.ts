import { type Clock, systemClock } from './clock.ts'
import { type Config, isToken } from './config/schema.ts'
import { createLog, type Log } from './observe/log.ts'
import { sha256 } from './observe/quarantine.ts'
import { createRedactor } from './observe/redact.ts'
import type { KafkaBatchResponse } from './outcome.ts'
import { processBatch, TokenRefused } from './pipeline.ts'
import { createRest } from './rest.ts'
import { memoryReceipts } from './state/memory.ts'
import { createClient } from './telegram/client.ts'
import { createDeliver, type Deliver } from './telegram/deliver.ts'
import { openLanes } from './telegram/lane.ts'

export interface App {
  /** `milliseconds` from now on in which the answer must be out. */
  notify(kafkaEvent: unknown, milliseconds: number): Promise<KafkaBatchResponse>
  log: Log
}

/** What is left for logging and answering when the last request has ended. */
const reserveMilliseconds = 2_000

/** From configuration to a running program: the only place that picks real implementations. */
export function wire(
  config: Config,
  { clock = systemClock, write }: { clock?: Clock; write?: (line: string) => unknown } = {},
): App {
  const { add, redact } = createRedactor()
  const log = createLog({ level: config.logLevel, clock, redact, ...(write ? { write } : {}) })
  const receipts = memoryReceipts()
  // What is known of a chat outlives the client, which a refused token replaces.
  const lanes = openLanes(clock)
  const rest = createRest(clock)
  const { cluster, timeZone, failureMode, functionName } = config
  const settings = { cluster, timeZone, failureMode, functionName }
  let deliver: Promise<Deliver> | undefined

  async function connect(): Promise<Deliver> {
    const token = await readToken(config.token, clock)
    add(token)
    return createDeliver(lanes, { client: createClient({ token, apiRoot: config.apiRoot, clock }), receipts, clock })
  }

  for (const warning of config.warnings) log.warn(warning)
  log.info('start', {
    state: 'memory',
    notice: 'what was shown is remembered by this process only: a batch delivered again to another one is shown again',
  })
  return {
    log,
    async notify(kafkaEvent, milliseconds) {
      const deadline = clock.now() + milliseconds - reserveMilliseconds
      deliver ??= connect()
      const mine = deliver
      try {
        return await processBatch(kafkaEvent, deadline, {
          ...settings,
          deliver: await mine,
          route: () => [config.target],
          hash: sha256,
          rest,
          clock,
          log,
          redact,
        })
      } catch (error) {
        // A token that could not be read, or was changed since, is read anew by the next invocation.
        const isStale = error instanceof TokenRefused || (await isRejected(mine))
        if (isStale && deliver === mine) deliver = undefined
        throw redacted(error, redact)
      }
    },
  }
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

/** Lambda's runtime prints what is thrown, past our log. */
function redacted(error: unknown, redact: (text: string) => string): unknown {
  if (!(error instanceof Error)) return error
  error.message = redact(error.message)
  error.stack = redact(error.stack ?? '')
  return error
}

function isRejected(promise: Promise<unknown>): Promise<boolean> {
  return promise.then(
    () => false,
    () => true,
  )
}
