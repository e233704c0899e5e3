import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ConsumedRecord } from '../../lib/adapters/kafka/lambda-event.ts'
import type { Fault } from '../../lib/emulator/faults.ts'
import type { TestApp } from '../support/app.ts'
import { deployedMappings } from '../support/deployed.ts'
import { type DeploymentOptions, onDeployment } from '../support/deployment.ts'
import type { MappingOptions } from '../support/mapping.ts'
import { numbersShown, records } from '../support/records.ts'
import { random } from '../support/shuffle.ts'
import { memory, sqlite } from '../support/states.ts'

const never = Number.POSITIVE_INFINITY

const fault: fc.Arbitrary<Fault> = fc.oneof(
  fc.record({ kind: fc.constant('too many requests' as const), retryAfter: fc.integer({ min: 1, max: 400 }) }),
  fc.record({ kind: fc.constant('internal error' as const), times: fc.integer({ min: 1, max: 7 }) }),
  fc.record({ kind: fc.constantFrom('reset' as const, 'bad gateway' as const), isAccepted: fc.boolean() }),
  fc.record({ kind: fc.constant('slow' as const), milliseconds: fc.constantFrom(3_000, 9_000) }),
  fc.record({ kind: fc.constant('slow' as const), milliseconds: fc.constant(never), isAccepted: fc.boolean() }),
  fc.record({ kind: fc.constant('forbidden' as const) }),
  fc.record({ kind: fc.constant('unauthorized' as const) }),
)

/** Before which invocation, and after how many requests, a fault occurs. */
const trouble = fc.array(fc.tuple(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 0, max: 6 }), fault), {
  maxLength: 10,
})
const restarts = fc.uniqueArray(fc.integer({ min: 2, max: 12 }), { maxLength: 4 })

/** How mappings read six partitions of two topics. AWS's mappings have one topic each; the program does not depend on it. */
const reading = fc.record({
  consumers: fc.integer({ min: 1, max: 4 }),
  batchSize: fc.integer({ min: 1, max: 12 }),
  seed: fc.integer({ min: 1, max: 1_000 }),
  repeatedPercent: fc.constantFrom(0, 0, 20),
  mixesTopics: fc.boolean(),
})
type Reading = typeof reading extends fc.Arbitrary<infer Value> ? Value : never

function mappingOf({ seed, repeatedPercent, ...options }: Reading): Partial<MappingOptions> & { mixesTopics: boolean } {
  const next = random(seed)
  return { ...options, next, isDeliveredAgain: () => 100 * next() < repeatedPercent }
}

const all = Array.from({ length: 24 }, (_, number) => number)

// The keys of their partitions begin alike: kube-events-1 is a topic, and partition 1 of the other one.
const twoTopics: ConsumedRecord[] = records(24, { partitions: 6 }).map((record) =>
  record.partition % 2 === 0 ? record : { ...record, topic: 'kube-events-1' },
)

interface Run {
  shown: number[]
  /** Records that a request without an answer had brought into the chat. */
  cutOff: number[]
  app: TestApp
}

function deliver(
  deployment: Pick<DeploymentOptions, 'state' | 'deployed'>,
  how: Reading,
  plan: [number, number, Fault][],
  restartsBefore: number[],
  judge: (run: Run) => void,
): Promise<void> {
  return onDeployment(
    {
      ...deployment,
      beforeInvocation(invocation, { app, notify }) {
        for (const [at, skip, fault] of plan) if (at === invocation) app.emulator.inject({ ...fault, skip })
        if (restartsBefore.includes(invocation)) notify.restart()
      },
    },
    async ({ app, deliver }) => {
      await deliver(twoTopics, mappingOf(how))
      const cutOff = app.emulator.journal
        .filter(({ accepted, status }) => accepted && status !== 200)
        .map(({ payload }) => String(payload.text))
      judge({
        shown: numbersShown(app.emulator.messages().map(({ text }) => text)),
        cutOff: numbersShown(cutOff),
        app,
      })
    },
  )
}

/** Nothing is lost, and only records whose answer was lost are repeated, with a mark. */
function expectAllOnce({ shown, cutOff, app }: Run) {
  expect(new Set(shown)).toEqual(new Set(all))
  const doubled = all.filter((number) => shown.filter((other) => other === number).length > 1)
  expect(doubled.filter((number) => !cutOff.includes(number))).toEqual([])
  const numbers = new Set<number>()
  for (const { text } of app.emulator.messages()) {
    const [number = -1] = numbersShown([text])
    if (numbers.has(number)) expect(text).toMatch(/^↻ possibly repeated/)
    numbers.add(number)
  }
}

describe.each(deployedMappings)('$name, with random faults and one to four consumers', (deployed) => {
  it('with STATE=memory loses nothing, and repeats only records whose answer was lost, with a mark', async () => {
    await fc.assert(
      fc.asyncProperty(reading, trouble, (how, plan) =>
        deliver({ state: memory, deployed }, how, plan, [], (run) => {
          expectAllOnce(run)
          const answered = run.app.emulator.journal.filter(({ status }) => typeof status === 'number')
          for (const [index, { at }] of answered.entries())
            expect(at).toBeGreaterThanOrEqual(answered[index - 1]?.endedAt ?? 0)
        }),
      ),
      { numRuns: 50 },
    )
  }, 120_000)

  it('with a durable state the same, although processes run at the same time and new ones replace them', async () => {
    await fc.assert(
      fc.asyncProperty(reading, trouble, restarts, (how, plan, restartsBefore) =>
        deliver({ state: sqlite, deployed }, how, plan, restartsBefore, expectAllOnce),
      ),
      { numRuns: 40 },
    )
  }, 120_000)

  it('with STATE=memory loses nothing when its process ends, and repeats only what that process had shown', async () => {
    await fc.assert(
      fc.asyncProperty(reading, trouble, restarts, (how, plan, restartsBefore) =>
        deliver({ state: memory, deployed }, how, plan, restartsBefore, ({ shown, cutOff }) => {
          expect(new Set(shown)).toEqual(new Set(all))
          const count = (list: number[], number: number) => list.filter((other) => other === number).length
          for (const number of all)
            expect(count(shown, number)).toBeLessThanOrEqual(1 + restartsBefore.length + count(cutOff, number))
        }),
      ),
      { numRuns: 30 },
    )
  }, 120_000)
})
