import { systemClock } from '../adapters/clock.ts'
import { createKafkaClient } from '../adapters/kafka/client.ts'
import { consume } from '../adapters/kafka/consumer.ts'
import { type ConsumerProgress, initialProgress, lagOf } from '../adapters/kafka/progress.ts'
import { gather } from '../adapters/log/log.ts'
import { followProblems } from '../core/ongoing-problems.ts'
import { slotsInUse } from '../core/rate-limit/chat.ts'
import { knownTargets } from '../core/routing/compile-ruleset.ts'
import type { Ruleset } from '../core/routing/ruleset.ts'
import type { Clock } from '../pipeline/ports.ts'
import { orOutage } from '../pipeline/ports.ts'
import { type App, type AppOptions, createApp } from './app.ts'
import type { Config } from './config/config.ts'
import type { KafkaConfig } from './config/kafka.ts'
import { openMetrics } from './health/metrics.ts'
import { type Checks, serveHealth } from './health/server.ts'
import { openReadTopics } from './read-topics.ts'
import { createSweepTimer } from './sweep-timer.ts'

export interface Worker {
  /** Resolves after the worker has stopped: the current batch is done and committed, and the group is left. */
  done: Promise<void>
  stop(): void
}

interface Options {
  version: string
  clock?: Clock
  /** Gets whole lines. */
  write?: (text: string) => unknown
}

// Less than in Lambda: a rebalance and a stop wait for the current batch.
const batchMilliseconds = 30_000
// Longer than a batch, a rebalance or a request to a broker that does not answer.
const mostIdleMilliseconds = 150_000
const telegramCheckMilliseconds = 60_000
// A shorter password may be an ordinary word of the log.
const leastSecretLength = 8

/** Runs Lambda's handlers beside the brokers: a consumer group replaces the event source, a timer the schedule. */
export async function startWorker(
  config: Config,
  { kafka: setting, topics, group, from, healthPort, warnings }: KafkaConfig,
  { version, clock = systemClock, write = (text) => process.stdout.write(text) }: Options,
): Promise<Worker> {
  const metrics = openMetrics(version)
  const password = setting.login && 'password' in setting.login ? setting.login.password : ''
  const common: AppOptions = {
    clock,
    meter: metrics,
    problems: followProblems(),
    // The consumer backs its partitions off itself.
    backOff: async () => {},
    write: gather(write),
    secrets: password.length >= leastSecretLength ? [password] : [],
  }
  // Two apps, like the two functions in Lambda: neither waits for the other's turn in a chat, and the store coordinates them.
  const app = createApp(config, common)
  const sweepApp = createApp(config, { ...common, isSilent: true })
  const { log } = app
  for (const warning of warnings) log.warn(warning)
  const progress = initialProgress(clock.now())
  const stopped = new AbortController()
  const sweepTimer = createSweepTimer(sweepApp, clock)
  const consumerOptions = {
    kafka: createKafkaClient(setting, { retries: 5, debug: config.logLevel === 'debug' ? log.debug : undefined }),
    bootstrapServers: setting.brokers.join(','),
    topics,
    group,
    from,
    clock,
    progress,
    readTopics: openReadTopics(group, () => app.state(), clock),
    async handle(event: unknown) {
      try {
        return await app.notify(event, batchMilliseconds)
      } finally {
        sweepTimer.wake()
      }
    },
    report: (level: 'info' | 'warn' | 'error', message: string, fields = {}) => log[level](`kafka: ${message}`, fields),
  }
  const checkTelegram = untilReached(() => app.reachTelegram(), clock)
  const closeHealth = await serveHealth(healthPort, {
    alive: () => checkProgress(progress, clock.now()),
    ready,
    metrics: renderMetrics,
  })
  log.info('worker started', { version, topics, group, brokers: setting.brokers, healthPort })

  return { done: run(), stop: () => stopped.abort() }

  async function run() {
    // Opens the store while the group is joined. If that fails, the first batch retries.
    app.state().catch(() => {})
    await Promise.all([
      consume(consumerOptions, stopped.signal),
      config.state.kind === 'memory' ? undefined : sweepTimer.run(stopped.signal),
    ])
    await app.close()
    await sweepApp.close()
    closeHealth()
    log.info('worker stopped')
  }

  async function ready(): Promise<Checks> {
    const store = await app.state().then((opened) => orOutage(() => opened.countPending()), toOutage)
    const { whyNotInGroup } = progress
    return {
      kafka: whyNotInGroup && `not in the consumer group: ${whyNotInGroup}`,
      state: 'outage' in store ? store.outage : undefined,
      telegram: await checkTelegram(),
    }
  }

  async function renderMetrics(): Promise<string> {
    const now = clock.now()
    const stored = await readStore(app, chatsOf(config.liveRules?.inUse().ruleset ?? config.ruleset), now).catch(
      () => undefined,
    )
    return metrics.render({
      now,
      isInGroup: progress.whyNotInGroup === undefined,
      lags: lagOf(progress, now),
      pending: stored?.pending,
      slotsInUse: stored?.slotsInUse,
    })
  }
}

/** Fails if the worker hangs and must be restarted. */
function checkProgress({ activeAt, busySince }: ConsumerProgress, now: number): Checks {
  const idle = now - activeAt
  const busy = busySince === undefined ? 0 : now - busySince
  return {
    loop: idle > mostIdleMilliseconds ? `no activity for ${Math.round(idle / 1_000)} s` : undefined,
    batch: busy > mostIdleMilliseconds ? `the current batch has taken ${Math.round(busy / 1_000)} s` : undefined,
  }
}

async function readStore({ state }: App, chats: string[], now: number) {
  const store = await state()
  const read = await store.chats.read(chats)
  const used = [...read.values()].map(({ value }) => slotsInUse(value, now))
  return { pending: await store.countPending(), slotsInUse: Math.max(0, ...used) }
}

function chatsOf(ruleset: Ruleset): string[] {
  return [...new Set([...knownTargets(ruleset).values()].map(({ chat }) => chat))]
}

function toOutage(error: Error) {
  return { outage: error.message }
}

/** Asks at most once a minute while Telegram answers, and every time while it does not. */
function untilReached(ask: () => Promise<string | undefined>, clock: Clock): () => Promise<string | undefined> {
  let reachedAt = Number.NEGATIVE_INFINITY
  return async () => {
    if (clock.now() - reachedAt < telegramCheckMilliseconds) return undefined
    const problem = await ask().catch((error: Error) => error.message)
    if (problem === undefined) reachedAt = clock.now()
    return problem
  }
}
