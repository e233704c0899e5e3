import { type Clock, systemClock } from '../adapters/clock.ts'
import { createKafkaClient } from '../adapters/kafka/client.ts'
import { consume } from '../adapters/kafka/consumer.ts'
import { lagOf, startProgress } from '../adapters/kafka/progress.ts'
import { gather } from '../adapters/log/log.ts'
import { slotsInUse } from '../core/rate-limit/chat.ts'
import type { Ruleset } from '../core/routing/compiled.ts'
import { knownTargets } from '../core/routing/ruleset.ts'
import { orOutage } from '../pipeline/ports.ts'
import { type App, createApp } from './app.ts'
import type { Config } from './config/config.ts'
import type { KafkaConfig } from './config/kafka.ts'
import { openMetrics } from './health/metrics.ts'
import { type Checks, serveHealth } from './health/server.ts'
import { openReadTopics } from './read-topics.ts'

export interface Worker {
  /** Resolves when it has stopped: what was under way is done and committed, and the group is left. */
  done: Promise<void>
  stop(): void
}

interface Options {
  version: string
  clock?: Clock
  /** Of whole lines. */
  write?: (text: string) => unknown
}

// A rebalance and an end wait for a batch, so it has less time than in Lambda.
const batchMilliseconds = 30_000
const sweepMilliseconds = 30_000
// What is due sooner is paid sooner, and what others leave pending within a minute.
const sweepApart = { least: 2_000, most: 60_000 }
const lookApartMilliseconds = 500
// Longer than a batch, a rebalance, or a broker that does not answer may take.
const mostSilentMilliseconds = 150_000
const reachedMilliseconds = 60_000

/** Lambda's handlers beside the brokers: a consumer group in place of the event source, a timer in place of the schedule. */
export async function startWorker(
  config: Config,
  { kafka: setting, topics, group, from, healthPort, warnings }: KafkaConfig,
  { version, clock = systemClock, write = (text) => process.stdout.write(text) }: Options,
): Promise<Worker> {
  const metrics = openMetrics(version)
  const password = setting.login && 'password' in setting.login ? setting.login.password : ''
  const common = {
    ...{ clock, meter: metrics, rest: async () => {}, write: gather(write) },
    // What is shorter may be a word of the text.
    secrets: password.length >= 8 ? [password] : [],
  }
  const notify = createApp(config, common)
  // As the two functions are in Lambda: neither waits for the other's turn in a chat, and the state keeps them apart.
  const sweeper = createApp(config, { ...common, isSilent: true })
  const { log } = notify
  for (const warning of warnings) log.warn(warning)
  const progress = startProgress(clock.now())
  const stopped = new AbortController()
  // A batch may have left something pending that is due before the sweep would look again.
  let wake = new AbortController()
  const debug = config.logLevel === 'debug' ? log.debug : undefined
  const consumerOptions = {
    ...{ topics, group, from, clock, progress, bootstrapServers: setting.brokers.join(',') },
    kafka: createKafkaClient(setting, { retries: 5, debug }),
    readTopics: openReadTopics(group, () => notify.state(), clock),
    handle: async (event: unknown) => {
      try {
        return await notify.notify(event, batchMilliseconds)
      } finally {
        wake.abort()
      }
    },
    report: (level: 'info' | 'warn' | 'error', message: string, fields = {}) => log[level](`kafka: ${message}`, fields),
  }
  const reach = remembered(() => notify.reachTelegram(), clock)
  const pages = { alive, ready, metrics: renderMetrics }
  const closeHealth = await serveHealth(healthPort, pages)
  log.info('worker', { version, topics, group, brokers: setting.brokers, healthPort })

  return { done: run(), stop: () => stopped.abort() }

  async function run() {
    // Opened while the group is joined; what fails is tried again by the first batch.
    notify.state().catch(() => {})
    await Promise.all([
      consume(consumerOptions, stopped.signal),
      config.state.kind === 'memory' ? undefined : sweepOnTimer(),
    ])
    await notify.close()
    await sweeper.close()
    closeHealth()
    log.info('worker has stopped')
  }

  async function sweepOnTimer() {
    let sweepAt = clock.now()
    let sweptAt = sweepAt
    while (!stopped.signal.aborted) {
      const now = clock.now()
      if (now >= sweepAt) {
        wake = new AbortController()
        sweptAt = now
        const retryAt = await sweepOnce(sweeper)
        sweepAt = within(earlier(retryAt, await nextDue(sweeper, sweptAt)), clock.now())
        continue
      }
      await clock.sleep(sweepAt - now, AbortSignal.any([stopped.signal, wake.signal]))
      if (!wake.signal.aborted) continue
      // Among many batches it is looked once.
      await clock.sleep(Math.max(0, Math.min(sweepAt - clock.now(), lookApartMilliseconds)), stopped.signal)
      wake = new AbortController()
      sweepAt = Math.min(sweepAt, within(await nextDue(sweeper, sweptAt), clock.now()))
    }
  }

  function alive(): Checks {
    const { activeAt, busySince } = progress
    const now = clock.now()
    const idle = now - activeAt
    const busy = busySince === undefined ? 0 : now - busySince
    return {
      loop: idle > mostSilentMilliseconds ? `nothing has happened for ${Math.round(idle / 1_000)} s` : undefined,
      batch: busy > mostSilentMilliseconds ? `under way for ${Math.round(busy / 1_000)} s` : undefined,
    }
  }

  async function ready(): Promise<Checks> {
    const read = await notify.state().then((store) => orOutage(() => store.countPending()), outage)
    return {
      kafka: progress.isInGroup ? undefined : `not in the group: ${progress.waitsFor ?? 'it joins'}`,
      state: 'outage' in read ? read.outage : undefined,
      telegram: await reach(),
    }
  }

  async function renderMetrics(): Promise<string> {
    const now = clock.now()
    const looked = await lookInto(notify, chatsOf(config.ruleset), now).catch(() => undefined)
    return metrics.render({
      ...{ now, isInGroup: progress.isInGroup, lags: lagOf(progress, now) },
      ...{ pending: looked?.pending, slotsInUse: looked?.slotsInUse },
    })
  }
}

/** When something of what could not be delivered may be tried again, in ms since the epoch. */
async function sweepOnce({ sweep, log }: App): Promise<number | undefined> {
  try {
    return (await sweep(sweepMilliseconds)).retryAt
  } catch (error) {
    log.error('sweep failed', { error: error instanceof Error ? error.message : String(error) })
    return undefined
  }
}

async function lookInto({ state }: App, chats: string[], now: number) {
  const store = await state()
  const read = await store.chats.read(chats)
  const used = [...read.values()].map(({ value }) => slotsInUse(value, now))
  return { pending: await store.countPending(), slotsInUse: Math.max(0, ...used) }
}

/** When to look again: as soon as something is due, though not at once. */
function within(nextAt: number | undefined, now: number): number {
  return Math.min(Math.max(nextAt ?? Number.POSITIVE_INFINITY, now + sweepApart.least), now + sweepApart.most)
}

/** What became due after a sweep has begun; what it found is known by its answer. */
async function nextDue(app: App, after: number): Promise<number | undefined> {
  const found = await orOutage(() => app.nextDue(after)).catch(outage)
  return 'value' in found ? found.value : undefined
}

function earlier(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined || other === undefined ? (one ?? other) : Math.min(one, other)
}

function chatsOf(ruleset: Ruleset): string[] {
  return [...new Set([...knownTargets(ruleset).values()].map(({ chat }) => chat))]
}

function outage(error: Error) {
  return { outage: error.message }
}

/** Asks Telegram once a minute, and while it is not there each time. */
function remembered(ask: () => Promise<string | undefined>, clock: Clock): () => Promise<string | undefined> {
  let reachedAt = Number.NEGATIVE_INFINITY
  return async () => {
    if (clock.now() - reachedAt < reachedMilliseconds) return undefined
    const said = await ask().catch((error: Error) => error.message)
    if (said === undefined) reachedAt = clock.now()
    return said
  }
}
