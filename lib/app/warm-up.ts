import type { Clock } from '../adapters/clock.ts'
import { createLog } from '../adapters/log/log.ts'
import { memoryStore } from '../adapters/store/memory.ts'
import { prepareTls } from '../adapters/telegram/https.ts'
import { isoTime } from '../core/event/time.ts'
import { withoutRules } from '../core/incident/fold.ts'
import { openLanes } from '../pipeline/deliver/chat-turns.ts'
import { createDeliver } from '../pipeline/deliver/deliver.ts'
import { noMeter } from '../pipeline/meter.ts'
import { type Dependencies, processBatch } from '../pipeline/process-batch.ts'
import type { Config } from './config/config.ts'

/** The configured program without its ends. */
type Middle = Omit<Dependencies, 'deliver' | 'store' | 'log' | 'meter' | 'rest' | 'lookedAt' | 'turns' | 'lastHeard'>

/**
 * Takes one example record from Kafka's event to the answer, so that the first real one finds everything loaded and compiled. Lambda loads
 * a module with all of a CPU, and gives an invocation a seventh of one. Sends, keeps and logs nothing. Waits for nothing either, so it has
 * ended before the runtime asks for an event. Resolves with how many messages were made.
 */
export async function warmUp(middle: Middle, config: Config): Promise<number> {
  if (config.apiRoot.startsWith('https:')) prepareTls()
  const made = await runExample(middle, config)
  await prepareAws(config)
  return made
}

/** What reads the token and keeps the state. */
async function prepareAws({ token, state }: Config): Promise<void> {
  const access = token.kind === 'given' ? undefined : token.access
  if (access) await import('../adapters/aws/token.ts')
  if (state.kind === 'dynamodb') await import('../adapters/store/dynamodb.ts')
  const used = access ?? (state.kind === 'dynamodb' ? state.access : undefined)
  if (!used) return
  const { prepareCalls } = await import('../adapters/aws/request.ts')
  await prepareCalls(used)
}

async function runExample(middle: Middle, { logLevel }: Config): Promise<number> {
  const clock = withoutPauses(middle.clock)
  const { renderer, redact, route } = middle
  const store = memoryStore({ clock })
  let made = 0
  const take = async () => {
    made += 1
    return { kind: 'ok' as const, messageId: made }
  }
  const deliver = createDeliver(openLanes(clock), {
    ...{ client: { send: take, edit: take, close() {} }, clock },
    newToken: () => crypto.randomUUID(),
  })
  await processBatch(exampleBatch(clock.now()), clock.now() + 60_000, {
    ...middle,
    // Rules or hours may hold such a record back, and the way of what is shown is the long one.
    route: (event, cluster, now) => {
      const routing = route(event, cluster, now)
      return { ...routing, ruling: { ...withoutRules(routing.facts).ruling, severity: 'critical' } }
    },
    ...{ clock, store },
    deliver: (items, limits) => deliver(items, limits, { store, renderer }),
    log: createLog({ level: logLevel, clock, redact, write: () => {} }),
    meter: noMeter,
    rest: async () => {},
    lookedAt: new Set(),
    turns: { own: 0, others: 0 },
    lastHeard: new Map(),
  })
  return made
}

/** Time that passes at once: any timer would end only after the runtime has asked for an event. What has a signal is a time-out, and does not come. */
function withoutPauses(clock: Clock): Clock {
  let ahead = 0
  return {
    ...clock,
    now: () => clock.now() + ahead,
    async sleep(milliseconds, signal) {
      if (signal && milliseconds > 0) return clock.sleep(milliseconds, signal)
      ahead += Math.max(0, milliseconds)
    },
  }
}

function exampleBatch(now: number): unknown {
  const [firstTimestamp, lastTimestamp] = [isoTime(now - 120_000), isoTime(now - 60_000)]
  const event = { ...example, firstTimestamp, lastTimestamp }
  const envelope = { EventValue: JSON.stringify(event), EventTimestamp: lastTimestamp, EventTags: {} }
  const value = Buffer.from(JSON.stringify(envelope)).toString('base64')
  const record = { topic: 'example', partition: 0, offset: 0, timestamp: now, value, headers: [] }
  return { eventSource: 'aws:kafka', records: { 'example-0': [record] } }
}

const example = {
  metadata: { name: 'web-7d9f8c6b5-x2k4p.17a1', namespace: 'shop', uid: '', resourceVersion: '1' },
  involvedObject: { kind: 'Pod', namespace: 'shop', name: 'web-7d9f8c6b5-x2k4p', fieldPath: 'spec.containers{web}' },
  reason: 'BackOff',
  message:
    'Back-off restarting failed container web in pod web-7d9f8c6b5-x2k4p_shop(00000000-0000-4000-8000-000000000000)',
  source: { component: 'kubelet', host: 'worker-1' },
  count: 4,
  type: 'Warning',
  reportingComponent: 'kubelet',
  reportingInstance: 'worker-1',
}
