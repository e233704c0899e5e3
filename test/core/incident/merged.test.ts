import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bodyColumns } from '../../../lib/adapters/store/stored-items.ts'
import { toEvent } from '../../../lib/core/event/event.ts'
import { apply } from '../../../lib/core/incident/apply.ts'
import { fold, toTargetedEvent, withoutRules } from '../../../lib/core/incident/fold.ts'
import { type Merged, merge } from '../../../lib/core/incident/merged.ts'
import { viewOf } from '../../../lib/core/incident/view.ts'
import { createRenderer } from '../../../lib/core/message/render.ts'
import { en } from '../../../lib/core/message/words/en.ts'
import type { Threshold } from '../../../lib/core/routing/ruleset.ts'
import { factsOf } from '../../../lib/core/routing/subject.ts'
import { parseTarget, type Target } from '../../../lib/core/routing/target.ts'
import { event } from '../../support/records.ts'

const now = 1_800_000_000_000
const target = parseTarget('-100123') as Target
const renderer = createRenderer({ timeZone: 'UTC', words: en })

interface Sighting {
  name: number
  object: number
  node: number
  count: number
  at: number
  version: number
  text: string
  threshold?: Threshold | undefined
  isSilent?: boolean
}

// Few names and small numbers, so that records meet; sometimes no time, no version, another text of the same version.
const sighting: fc.Arbitrary<Sighting> = fc.record({
  name: fc.integer({ min: 0, max: 90 }),
  object: fc.integer({ min: 0, max: 90 }),
  node: fc.integer({ min: 0, max: 40 }),
  count: fc.integer({ min: 0, max: 6 }),
  at: fc.integer({ min: 0, max: 5 }),
  version: fc.integer({ min: 0, max: 5 }),
  text: fc.constantFrom('a', 'b'),
  threshold: fc.option(
    fc.record({
      atLeast: fc.integer({ min: 2, max: 6 }),
      withinMilliseconds: fc.constantFrom(undefined, 1_000, 2_000),
      isPerEvent: fc.boolean(),
    }),
    { nil: undefined },
  ),
  isSilent: fc.boolean(),
})

function deliveryOf({ name, object, node, count, at, version, text, threshold, isSilent = false }: Sighting) {
  const time = at === 0 ? null : new Date(1_764_000_000_000 + at * 1_000).toISOString()
  const given = toEvent(
    event(0, {
      metadata: { name: `e${name}`, resourceVersion: version === 0 ? '' : String(version), creationTimestamp: null },
      involvedObject: { kind: 'Pod', namespace: 'shop', name: `web-${object}` },
      source: { component: 'kubelet', host: `worker-${node}` },
      message: `Back-off restarting failed container ${text}`,
      count,
      firstTimestamp: time,
      lastTimestamp: time,
    }),
  )
  if (!given) throw new Error('no event')
  const record = { mapKey: 'a-0', topic: 'a', partition: 0, offset: 0, value: '' }
  const { facts, ruling } = withoutRules(factsOf(given, 'test'))
  return toTargetedEvent({ record, target, facts, ruling: { ...ruling, threshold, isSilent } }, true)
}

function mergedOf(list: Sighting[]): Merged {
  const [change] = fold(list.map(deliveryOf))
  if (!change) throw new Error('nothing folded')
  return apply(change, undefined, renderer, now).body.merged
}

const some = fc.array(sighting, { minLength: 1, maxLength: 40 }).map((list) => mergedOf(list))
const total = (merged: Merged) => viewOf({ identity: {} as never, merged }).total

describe('merge', () => {
  it('is commutative, associative and idempotent', () => {
    fc.assert(
      fc.property(some, some, some, (a, b, c) => {
        expect(merge(a, b)).toEqual(merge(b, a))
        expect(merge(merge(a, b), c)).toEqual(merge(a, merge(b, c)))
        expect(merge(a, a)).toEqual(a)
        expect(JSON.stringify(merge(merge(a, b), a))).toBe(JSON.stringify(merge(a, b)))
      }),
      { numRuns: 300 },
    )
  })

  it('also with more events than an incident stores', () => {
    const large = fc.array(sighting, { minLength: 150, maxLength: 250 }).map((list) => mergedOf(list))
    fc.assert(
      fc.property(large, large, large, (a, b, c) => {
        expect(merge(merge(a, b), c)).toEqual(merge(c, merge(b, a)))
      }),
      { numRuns: 25 },
    )
  })

  it('never lowers totals, times, severity or numbers of objects', () => {
    fc.assert(
      fc.property(some, some, (a, b) => {
        const both = merge(a, b)
        expect(total(both)).toBeGreaterThanOrEqual(Math.max(total(a), total(b)))
        expect(both.lastAt).toBeGreaterThanOrEqual(Math.max(a.lastAt, b.lastAt))
        expect(both.objects.length).toBeGreaterThanOrEqual(Math.max(a.objects.length, b.objects.length))
        for (const flag of ['hasMoreEvents', 'hasMoreObjects'] as const)
          expect(both[flag] || !(a[flag] || b[flag])).toBe(true)
        if (a.firstAt > 0 && b.firstAt > 0) expect(both.firstAt).toBe(Math.min(a.firstAt, b.firstAt))
      }),
      { numRuns: 300 },
    )
  })
})

describe('fold', () => {
  it('of records in any order and grouping has the same result, and repeats change nothing', () => {
    const shuffled = fc
      .array(sighting, { minLength: 2, maxLength: 60 })
      .chain((list) =>
        fc.tuple(
          fc.constant(list),
          fc.shuffledSubarray(list, { minLength: list.length }),
          fc.integer({ min: 1, max: list.length - 1 }),
        ),
      )
    fc.assert(
      fc.property(shuffled, ([list, other, cut]) => {
        const whole = mergedOf(list)
        const parts = merge(mergedOf(other.slice(0, cut)), mergedOf(other.slice(cut)))
        expect(parts).toEqual(whole)
        expect(merge(whole, mergedOf(other))).toEqual(whole)
      }),
      { numRuns: 200 },
    )
  })

  it('stores the record of an event with the greatest count, or the latest of equal ones', () => {
    const merged = mergedOf([
      { name: 1, object: 1, node: 1, count: 3, at: 2, version: 9, text: 'a' },
      { name: 1, object: 1, node: 1, count: 5, at: 1, version: 2, text: 'b' },
      { name: 1, object: 1, node: 1, count: 5, at: 1, version: 10, text: 'b' },
    ])
    expect(merged.events).toEqual([[expect.any(String), 5, 1_764_000_001_000, '10']])
    expect(merged.latest.message).toMatch(/ a$/)
  })
})

describe('an incident of 10,000 pods', () => {
  const many = Array.from({ length: 10_000 }, (_, number) => ({
    name: number,
    object: number,
    node: number % 300,
    count: 1 + (number % 7),
    at: 1 + (number % 3_000),
    version: 1 + number,
    text: 'x',
  }))

  it('estimates their number, and stays below 16 KB', () => {
    const merged = mergedOf(many)
    const view = viewOf({ identity: {} as never, merged })
    expect(view.objects.isEstimate).toBe(true)
    expect(Math.abs(view.objects.count - 10_000)).toBeLessThan(3_000)
    expect(view.isAtLeast).toBe(true)
    expect(Buffer.byteLength(JSON.stringify(merged))).toBeLessThan(12_000)
  }, 30_000)
})

describe('the largest event that can be forged', () => {
  it.each(['x', '\u0001', '"', '🚀', '\ud83d', '中'])(
    'of %j is stored in 13 KB, 90 of them merged',
    (character) => {
      const long = character.repeat(400_000)
      const forged = (number: number) => {
        const given = toEvent(
          event(number, {
            metadata: { name: number + long, namespace: long, uid: '', resourceVersion: '9'.repeat(20) },
            involvedObject: { kind: long, namespace: long, name: long + number, fieldPath: `spec.containers{${long}}` },
            related: { kind: long, namespace: long, name: long },
            reason: long,
            message: long,
            action: long,
            type: long,
            source: { component: long, host: number + long },
            reportingInstance: long,
            count: Number.MAX_SAFE_INTEGER - number,
          }),
        )
        if (!given) throw new Error('no event')
        const record = { mapKey: 'a-0', topic: 'a', partition: 0, offset: number, value: '' }
        return toTargetedEvent({ record, target, ...withoutRules(factsOf(given, 'c'.repeat(249))) }, true)
      }
      const changes = fold(Array.from({ length: 90 }, (_, number) => forged(number)))
      expect(changes).toHaveLength(1)
      for (const change of changes) {
        const { body } = apply(change, undefined, renderer, now)
        expect(body.merged.events).toHaveLength(64)
        const { body: main, merged } = bodyColumns(body)
        expect(Buffer.byteLength(main) + Buffer.byteLength(merged)).toBeLessThanOrEqual(13_000)
      }
    },
    60_000,
  )
})
