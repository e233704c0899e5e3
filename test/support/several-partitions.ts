import { describe, expect, it } from 'vitest'
import type { ConsumedRecord } from '../../lib/adapters/kafka/lambda-event.ts'
import { interceptStore } from '../../lib/adapters/store/intercept.ts'
import { mostAcceptedIn } from '../../lib/emulator/journal.ts'
import { type Clock, StateUnavailable, type Store } from '../../lib/pipeline/ports.ts'
import { chatId, type TestApp } from './app.ts'
import { deployedConcurrency, deployedMappings } from './deployed.ts'
import { type Deployment, type DeploymentOptions, onDeployment } from './deployment.ts'
import { readRecording } from './recordings.ts'
import { envelope, event, numbersShown, record, records } from './records.ts'
import { chatOf } from './scenarios.ts'
import { random } from './shuffle.ts'
import type { DeployedState } from './states.ts'

const hour = 3_600_000

const all = (count: number) => Array.from({ length: count }, (_, number) => number)

function shownIn({ emulator }: TestApp, chat = chatId): number[] {
  return numbersShown(emulator.messages(chat).map(({ text }) => text))
}

/** Expects each of the first `count` records in the chat once. */
function expectAllShownOnce(app: TestApp, count: number) {
  expect(shownIn(app).toSorted((a, b) => a - b)).toEqual(all(count))
}

/** With a cool-down longer than an invocation for STATE=memory, and with an unavailable store for the others, since these save what a cool-down delays. */
function withTrouble(options: DeploymentOptions, work: (deployment: Deployment) => Promise<void>): Promise<void> {
  let availableAt = 0
  let clock: Clock | undefined
  const decorate = (store: Store) =>
    interceptStore(store, (method, call) => {
      if (method === 'saveBody' && (clock?.now() ?? 0) < availableAt) throw new StateUnavailable('a test')
      return call()
    })
  return onDeployment({ ...options, app: options.state.name === 'memory' ? {} : { decorate } }, (deployment) => {
    clock = deployment.app.clock
    availableAt = clock.now() + 30_000
    if (options.state.name === 'memory') deployment.app.emulator.inject({ kind: 'too many requests', retryAfter: 300 })
    return work(deployment)
  })
}

/** Scenarios for each deployed delivery, with each of these states and numbers of consumers. */
export function severalPartitionScenarios(states: DeployedState[], consumerCounts: number[]) {
  const cases = deployedMappings.flatMap((deployed) =>
    states.flatMap((state) => consumerCounts.map((consumers) => ({ deployed, state, consumers }))),
  )

  describe.each(cases)('$deployed.name, state $state.name, $consumers consumers', ({ deployed, state, consumers }) => {
    it('several partitions returned at once lose nothing and show nothing twice', () =>
      withTrouble({ state, deployed }, async ({ app, notify, log, deliver }) => {
        await deliver(records(24, { partitions: 6 }), { consumers, batchSize: 6, next: random(consumers) })
        const returned = log().filter(({ outcome }) => outcome === 'returned')
        expect(new Set(returned.map(({ partition }) => partition)).size).toBeGreaterThan(1)
        expectAllShownOnce(app, 24)
        expect(mostAcceptedIn(app.emulator.journal, chatId, 60_000)).toBeLessThanOrEqual(20)
        expect(notify.most).toBe(Math.min(consumers, deployedConcurrency(state.name)))
      }))

    it('records that come during a cool-down and errors are shown once, too', () =>
      onDeployment({ state, deployed }, async ({ app, deliver }) => {
        app.emulator.inject({ kind: 'too many requests', retryAfter: 300, skip: 5 })
        app.emulator.inject({ kind: 'internal error', times: 6, skip: 9 })
        const startsAt = app.clock.now()
        const at = ({ offset, partition }: ConsumedRecord) => startsAt + (Number(offset) * 4 + partition) * 2_000
        const arrivals = { clock: app.clock, windowMilliseconds: 5_000, at }
        await deliver(records(40, { partitions: 4 }), { consumers, batchSize: 10, next: random(consumers), arrivals })
        expectAllShownOnce(app, 40)
      }))

    it('batches that come again after a rebalance show nothing twice', () =>
      onDeployment({ state, deployed }, async ({ app, deliver }) => {
        const next = random(consumers)
        app.emulator.inject({ kind: 'too many requests', retryAfter: 300, skip: 3 })
        const isDeliveredAgain = () => next() < 0.4
        await deliver(records(24, { partitions: 6 }), { consumers, batchSize: 6, next, isDeliveredAgain })
        expectAllShownOnce(app, 24)
      }))
  })

  describe.each(deployedMappings)('$name: incidents whose events are in several partitions', (deployed) => {
    const recorded = readRecording('cluster-mixed')
      .slice(0, 150)
      .map((one, index) => ({ ...one, partition: index % 6, offset: String(Math.floor(index / 6)) }))
    const app = { environment: { INCIDENTS: 'on' } }
    const durable = states.filter(({ name }) => name !== 'memory')

    it.each(durable)('with state $name are shown as by one consumer', (state) =>
      onDeployment({ state, deployed, app }, async (parallel) => {
        await parallel.deliver(recorded, { consumers: 4, batchSize: 20, next: random(7) })
        const shown = chatOf(parallel.app)
        expect(shown.living.length).toBeGreaterThan(20)
        await onDeployment({ state, deployed, app }, async (single) => {
          await single.deliver(recorded, { batchSize: 150 })
          expect(shown.living).toEqual(chatOf(single.app).living)
        })
      }),
    )
  })

  describe.each(deployedMappings)('$name: a chat in a cool-down of one hour', (deployed) => {
    const other = -1009876543210
    const chats = [chatId, other].map((id) => ({ id, type: 'supergroup' as const, title: `${id}` }))
    const rules = JSON.stringify({
      defaults: false,
      routes: [{ match: { name: 'api-*' }, to: [String(other)] }, { to: [String(chatId)] }],
    })

    /** Partitions 0 and 1 are for the chat in its cool-down, 2 and 3 for the other one. */
    const recordOf = (number: number) => {
      const partition = number % 4
      const involvedObject = {
        kind: 'Pod',
        namespace: 'shop',
        name: `${partition < 2 ? 'web' : 'api'}-7d9f8c6b5-x2k4p`,
      }
      return record(number, {
        partition,
        offset: Math.floor(number / 4),
        value: envelope(event(number, { involvedObject })),
      })
    }

    it.each(states)('with state $name the other partitions and chat are not late', (state) =>
      onDeployment({ state, deployed, app: { chats, rules } }, async ({ app, deliver }) => {
        app.emulator.inject({ kind: 'too many requests', retryAfter: 3_600, chatId })
        const startedAt = app.clock.now()
        await deliver(all(16).map(recordOf), { consumers: 4, batchSize: 4 })
        expect(shownIn(app).toSorted((a, b) => a - b)).toEqual(all(16).filter((number) => number % 4 < 2))
        expect(shownIn(app, other).toSorted((a, b) => a - b)).toEqual(all(16).filter((number) => number % 4 >= 2))
        const times = (chat: number) => app.emulator.messages(chat).map(({ date }) => date - startedAt)
        expect(Math.min(...times(chatId))).toBeGreaterThanOrEqual(hour)
        expect(Math.max(...times(other))).toBeLessThan(5 * 60_000)
      }),
    )
  })
}
