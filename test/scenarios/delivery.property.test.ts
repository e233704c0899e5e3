import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Fault } from '../../lib/emulator/faults.ts'
import { startApp, type TestApp } from '../support/app.ts'
import { drive, type MappingOptions } from '../support/mapping.ts'
import { numbersShown, records } from '../support/records.ts'

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

const trouble = fc.array(fc.tuple(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 0, max: 6 }), fault), {
  maxLength: 10,
})

const mappings: [string, Pick<MappingOptions, 'reading' | 'isBisecting'>, 'partial' | 'throw'][] = [
  ['provisioned, resumes at the first named', { reading: 'resumes at the first named', isBisecting: true }, 'partial'],
  ['provisioned, retries the named only', { reading: 'retries the named only', isBisecting: true }, 'partial'],
  ['on-demand', { reading: 'ignores answers', isBisecting: false }, 'throw'],
]

interface Run {
  shown: number[]
  /** Records that a request without an answer had brought into the chat. */
  cutOff: number[]
  app: TestApp
}

async function deliver(
  mapping: (typeof mappings)[number],
  plan: [number, number, Fault][],
  restartsBefore: number[],
): Promise<Run> {
  const [, options, failureMode] = mapping
  const app = await startApp({ environment: { FAILURE_MODE: failureMode } })
  try {
    await drive(records(24, { partitions: 3 }), (event) => app.notify(event, 90_000), {
      ...options,
      batchSize: 9,
      beforeInvocation(invocation) {
        for (const [at, skip, fault] of plan) if (at === invocation) app.emulator.inject({ ...fault, skip })
        if (restartsBefore.includes(invocation)) app.restart()
      },
    })
    const { journal } = app.emulator
    const cutOff = journal
      .filter(({ accepted, status }) => accepted && status !== 200)
      .map(({ payload }) => String(payload.text))
    return { shown: numbersShown(app.emulator.messages().map(({ text }) => text)), cutOff: numbersShown(cutOff), app }
  } finally {
    await app.emulator.close()
  }
}

const all = Array.from({ length: 24 }, (_, number) => number)

describe.each(mappings)('%s, with random faults', (...mapping) => {
  it('loses nothing, and repeats only records whose answer was lost, with a mark', async () => {
    await fc.assert(
      fc.asyncProperty(trouble, async (plan) => {
        const { shown, cutOff, app } = await deliver(mapping, plan, [])
        expect(new Set(shown)).toEqual(new Set(all))
        const doubled = all.filter((number) => shown.filter((other) => other === number).length > 1)
        expect(doubled.filter((number) => !cutOff.includes(number))).toEqual([])
        const numbers = new Set<number>()
        for (const { text } of app.emulator.messages()) {
          const [number = -1] = numbersShown([text])
          if (numbers.has(number)) expect(text).toMatch(/^↻ possibly repeated/)
          numbers.add(number)
        }
        const answered = app.emulator.journal.filter(({ status }) => typeof status === 'number')
        for (const [index, { at }] of answered.entries())
          expect(at).toBeGreaterThanOrEqual(answered[index - 1]?.endedAt ?? 0)
      }),
      { numRuns: 60 },
    )
  }, 120_000)

  it('loses nothing when a process with STATE=memory ends, and repeats only what that process had shown', async () => {
    await fc.assert(
      fc.asyncProperty(
        trouble,
        fc.uniqueArray(fc.integer({ min: 2, max: 12 }), { maxLength: 4 }),
        async (plan, restarts) => {
          const { shown, cutOff } = await deliver(mapping, plan, restarts)
          expect(new Set(shown)).toEqual(new Set(all))
          const count = (list: number[], number: number) => list.filter((other) => other === number).length
          for (const number of all) {
            expect(count(shown, number)).toBeLessThanOrEqual(1 + restarts.length + count(cutOff, number))
          }
        },
      ),
      { numRuns: 30 },
    )
  }, 120_000)
})
