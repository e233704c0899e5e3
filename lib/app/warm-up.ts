import { createLog } from '../adapters/log/log.ts'
import { memoryStore } from '../adapters/store/memory.ts'
import { prepareTls } from '../adapters/telegram/https.ts'
import { isoTime } from '../core/event/time.ts'
import { withoutRules } from '../core/incident/fold.ts'
import { followProblems } from '../core/ongoing-problems.ts'
import type { Router } from '../core/routing/router.ts'
import { openChatTurns } from '../pipeline/deliver/chat-lock.ts'
import type { Clock } from '../pipeline/ports.ts'
import { noMeter } from '../pipeline/ports.ts'
import { processBatch } from '../pipeline/process-batch.ts'
import type { Config } from './config/config.ts'
import { createStages } from './stages.ts'

interface Tools {
  clock: Clock
  redact: (text: string) => string
  router: Router
}

/**
 * Takes one example record from Kafka's event to the answer, so that the first real one finds everything loaded and compiled. Lambda loads a
 * module with a whole CPU, and gives an invocation a seventh of one. Sends, stores and logs nothing. Waits for nothing either, so it has ended
 * before the runtime asks for an event. Resolves with how many messages it made.
 */
export async function warmUp(config: Config, tools: Tools): Promise<number> {
  if (config.apiRoot.startsWith('https:')) prepareTls()
  const made = await runExample(config, tools)
  await prepareAws(config)
  return made
}

/** Loads what reads the token and stores the state. */
async function prepareAws({ token, state }: Config): Promise<void> {
  const access = token.kind === 'given' ? undefined : token.access
  if (access) await import('../adapters/aws/token.ts')
  if (state.kind === 'dynamodb') await import('../adapters/store/dynamodb.ts')
  const used = access ?? (state.kind === 'dynamodb' ? state.access : undefined)
  if (!used) return
  const { prepareCalls } = await import('../adapters/aws/request.ts')
  await prepareCalls(used)
}

async function runExample(config: Config, { clock: realClock, redact, router }: Tools): Promise<number> {
  const clock = withoutPauses(realClock)
  let made = 0
  const take = async () => {
    made += 1
    return { kind: 'ok' as const, messageId: made }
  }
  const { batch } = createStages(config, {
    ruleset: config.ruleset,
    // Rules or quiet hours may suppress such an event, but the way of an event that is shown is the one to prepare.
    router: (event, cluster, now) => {
      const routing = router(event, cluster, now)
      return { ...routing, ruling: { ...withoutRules(routing.facts).ruling, severity: 'critical' } }
    },
    store: memoryStore({ clock }),
    client: { send: take, edit: take, close() {} },
    clock,
    turns: openChatTurns(clock),
    backOff: async () => {},
    log: createLog({ level: config.logLevel, clock, redact, write: () => {} }),
    meter: noMeter,
    problems: followProblems(),
    toldMistakes: new Map(),
    startedAt: clock.now(),
    watchingSince: undefined,
    redact,
  })
  await processBatch(exampleBatch(clock.now()), clock.now() + 60_000, batch)
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
