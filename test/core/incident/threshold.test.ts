import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { apply } from '../../../lib/core/incident/apply.ts'
import { fold, withoutRules } from '../../../lib/core/incident/fold.ts'
import { type Incident, newIncident } from '../../../lib/core/incident/incident.ts'
import type { Threshold } from '../../../lib/core/routing/ruleset.ts'
import { changesOf, renderer } from '../../support/incidents.ts'

const minute = 60_000
const startAt = Date.parse('2026-11-24T12:00:00Z')

interface Happening {
  /** The event's name. */
  name: string
  count: number
  /** Minutes after the event's first time. */
  at: number
  from?: number
}

/** Whether an incident may be shown after each of these batches. */
function reachedAfter(batches: Happening[][], threshold: Threshold | undefined): boolean[] {
  let incident: Incident | undefined
  return batches.map((batch) => {
    const time = (minutes: number) => new Date(startAt + minutes * minute).toISOString()
    const changes = changesOf(
      batch.map(({ name, count, at, from = 0 }) => ({
        metadata: { name, resourceVersion: String(1_000 + Math.round(at * 100) + count) },
        ...{ count, message: 'Back-off restarting failed container' },
        ...{ firstTimestamp: time(from), lastTimestamp: time(at) },
      })),
    )
    const deliveries = changes.flatMap(({ entries }) => entries.map(({ source }) => source))
    const [change] = fold(deliveries.map((delivery) => ({ ...delivery, ruling: { ...delivery.ruling, threshold } })))
    if (!change) throw new Error('no change')
    const { body } = apply(change, incident, renderer, startAt + 60 * minute)
    incident = { ...newIncident('key', body), ...(incident ? { delivery: incident.delivery } : {}) }
    return body.isBelow === undefined
  })
}

const thrice: Threshold = { atLeast: 3, withinMilliseconds: 10 * minute, isPerEvent: false }

describe('three times in ten minutes of one event', () => {
  const perEvent = { ...thrice, isPerEvent: true }
  const three = ['a', 'b', 'c'].map((name) => ({ name, count: 1, at: 0 }))

  it('is not three events once each', () => {
    expect(reachedAfter([three], perEvent)).toEqual([false])
    expect(reachedAfter([three], { ...perEvent, withinMilliseconds: undefined })).toEqual([false])
  })

  it('is one of them three times', () => {
    const again = [2, 3].map((count) => [{ name: 'b', count, at: count }])
    expect(reachedAfter([three, ...again], perEvent)).toEqual([false, false, true])
  })
})

describe('three times in ten minutes', () => {
  test.each<[string, Happening[][], boolean[]]>([
    ['once', [[{ name: 'a', count: 1, at: 0 }]], [false]],
    ['a count that grows', [1, 2, 3].map((count) => [{ name: 'a', count, at: count }]), [false, false, true]],
    ['a count of three at once, all of it recent', [[{ name: 'a', count: 3, at: 5 }]], [true]],
    ['a count of three in two hours', [[{ name: 'a', count: 3, at: 120 }]], [false]],
    ['a count so high that it must be reached', [[{ name: 'a', count: 40, at: 120 }]], [true]],
    ['three events', [['a', 'b', 'c'].map((name, index) => ({ name, count: 1, at: index, from: index }))], [true]],
    ['three events, too far apart', [[0, 8, 16].map((at) => ({ name: `e${at}`, count: 1, at, from: at }))], [false]],
    [
      'a jump of the count so high that it must be reached',
      [[{ name: 'a', count: 2, at: 40 }], [{ name: 'a', count: 12, at: 80 }]],
      [false, true],
    ],
    [
      'a jump of the count that may have been slow',
      [[{ name: 'a', count: 2, at: 40 }], [{ name: 'a', count: 5, at: 80 }]],
      [false, false],
    ],
    [
      'once reached it stays reached',
      [
        [{ name: 'a', count: 3, at: 3 }],
        ...Array.from({ length: 40 }, (_, index) => [{ name: `b${index}`, count: 1, at: 30 * (index + 1), from: 0 }]),
      ],
      Array.from({ length: 41 }, () => true),
    ],
  ])('%s', (_, batches, reached) => {
    expect(reachedAfter(batches, thrice)).toEqual(reached)
  })

  it('in all, without a time', () => {
    const batches = [0, 600, 1_200].map((at) => [{ name: `e${at}`, count: 1, at, from: at }])
    expect(reachedAfter(batches, { atLeast: 3, withinMilliseconds: undefined, isPerEvent: false })).toEqual([
      false,
      false,
      true,
    ])
  })

  it('without a threshold at once', () => {
    expect(reachedAfter([[{ name: 'a', count: 1, at: 0 }]], undefined)).toEqual([true])
  })
})

it('is reached by real events beside one that reports the same count at many times', () => {
  const real = Array.from({ length: 40 }, (_, index) => [{ name: `real-${index}`, count: 1, at: index, from: index }])
  const forged = (from: number) =>
    Array.from({ length: 32 }, (_, index) => ({ name: 'forged', count: 1, at: from + 4 + index / 60, from }))
  const batches = real.flatMap((one, index) => (index % 4 === 0 ? [forged(index), one] : [one]))
  expect(reachedAfter(batches, { atLeast: 5, withinMilliseconds: 10 * minute, isPerEvent: false }).at(-1)).toBe(true)
})

it('does not depend on the order of records, or on how they were batched', () => {
  const happening = fc
    .record({
      name: fc.constantFrom('a', 'b', 'c'),
      count: fc.integer({ min: 1, max: 5 }),
      at: fc.integer({ min: 0, max: 40 }),
    })
    .map((one): Happening => ({ ...one, from: 0 }))
  // An event reaches each count once.
  const lists = fc
    .uniqueArray(happening, { minLength: 1, maxLength: 20, selector: ({ name, count }) => `${name} ${count}` })
    .chain((list) =>
      fc.tuple(
        fc.constant(list),
        fc.shuffledSubarray(list, { minLength: list.length }),
        fc.integer({ min: 1, max: 20 }),
      ),
    )
  const threshold = fc.record({
    atLeast: fc.integer({ min: 2, max: 8 }),
    withinMilliseconds: fc.constantFrom(undefined, 5 * minute, 20 * minute),
    isPerEvent: fc.boolean(),
  })
  fc.assert(
    fc.property(lists, threshold, ([list, other, size], asked) => {
      const parts = Array.from({ length: Math.ceil(other.length / size) }, (_, index) =>
        other.slice(index * size, (index + 1) * size),
      )
      expect(reachedAfter(parts, asked).at(-1)).toBe(reachedAfter([list], asked).at(-1))
    }),
    { numRuns: 300 },
  )
})

it('is the lowest of an incident’s rules', () => {
  const [change] = changesOf([{ count: 1 }, { count: 1 }])
  if (!change) throw new Error('no change')
  const delivery = change.entries.map(({ source }) => source)
  const thresholds = [
    { atLeast: 9, withinMilliseconds: undefined, isPerEvent: false },
    { atLeast: 2, withinMilliseconds: undefined, isPerEvent: false },
  ]
  const changes = fold(
    delivery.map((one, index) => ({
      ...one,
      ruling: { ...withoutRules({ ...one, cluster: 'prod-eu' }).ruling, threshold: thresholds[index] },
    })),
  )
  expect(changes.map((one) => apply(one, undefined, renderer, startAt).body.isBelow)).toEqual([undefined])
})
