import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { toEvent } from '../../../lib/core/event/event.ts'
import { mostAheadMilliseconds, withoutFutureTimes } from '../../../lib/core/event/future.ts'
import { apply } from '../../../lib/core/incident/apply.ts'
import { fold, toTargetedEvent, withoutRules } from '../../../lib/core/incident/fold.ts'
import { type Incident, newIncident } from '../../../lib/core/incident/incident.ts'
import type { Threshold } from '../../../lib/core/routing/ruleset.ts'
import { factsOf } from '../../../lib/core/routing/subject.ts'
import { renderer, target } from '../../support/incidents.ts'
import { event } from '../../support/records.ts'

const minute = 60_000
const now = Date.parse('2026-11-24T12:00:00Z')

interface Given {
  name: string
  count: number
  /** Minutes after `now` of its time. */
  at: number
  version: number
  text?: string
}

const threshold: Threshold = { atLeast: 3, withinMilliseconds: 10 * minute, isPerEvent: false }

function deliveryOf({ name, count, at, version, text = '' }: Given, moment: number) {
  const found = toEvent(
    event(0, {
      metadata: { name, resourceVersion: String(version), creationTimestamp: null },
      involvedObject: { kind: 'Pod', namespace: 'shop', name: 'web-0' },
      message: `Back-off restarting failed container${text}`,
      firstTimestamp: new Date(now - 30 * minute).toISOString(),
      lastTimestamp: new Date(now + at * minute).toISOString(),
      count,
    }),
  )
  if (!found) throw new Error('not an event')
  const record = { mapKey: 'a-0', topic: 'a', partition: 0, offset: 0, value: '' }
  const { facts, ruling } = withoutRules(factsOf(withoutFutureTimes(found, moment), 'test'))
  return toTargetedEvent({ record, target, facts, ruling: { ...ruling, threshold } }, true)
}

/** The incident after a batch that arrives at this moment. */
function delivered(before: Incident | undefined, batch: Given[], moment: number) {
  const [change] = fold(batch.map((given) => deliveryOf(given, moment)))
  if (!change) throw new Error('no change')
  const { body, hasChanged } = apply(change, before, renderer, moment)
  return { incident: { ...newIncident('key', body), ...(before ? { delivery: before.delivery } : {}) }, hasChanged }
}

// No more than are remembered: 32.
const given = fc.record({
  name: fc.constantFrom('a', 'b', 'c'),
  count: fc.integer({ min: 1, max: 6 }),
  at: fc.oneof(fc.integer({ min: -20, max: 5 }), fc.integer({ min: 6, max: 90 })),
  version: fc.integer({ min: 1, max: 9 }),
  // Only a forger writes different events with the same name, count, time and version.
  text: fc.constantFrom('', ' again'),
})
const batches = fc.array(fc.array(given, { minLength: 1, maxLength: 5 }), { minLength: 1, maxLength: 6 })

describe('records, some of which are dated in the future', () => {
  it('delivered in any order, and again at any later moment, have the same result as each once', () => {
    const again = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 120 })), { maxLength: 10 })
    fc.assert(
      fc.property(batches, fc.infiniteStream(fc.nat()), again, (list, order, repeats) => {
        const once = delivered(undefined, list.flat(), now).incident
        const shuffled = list.flat().map((one) => ({ one, place: order.next().value as number }))
        shuffled.sort((a, b) => a.place - b.place)
        let incident: Incident | undefined
        for (const { one } of shuffled) ({ incident } = delivered(incident, [one], now))
        expect(incident?.body.merged).toEqual(once.body.merged)
        for (const [which, minutes] of repeats) {
          const { hasChanged } = delivered(incident, list[which % list.length] ?? [], now + minutes * minute)
          expect(hasChanged).toBe(false)
        }
      }),
      { numRuns: 300 },
    )
  })

  it('do not hide others behind their threshold', () => {
    const forged = fc.array(fc.record({ ...givenFields, at: fc.integer({ min: 6, max: 5_000_000 }) }), {
      minLength: 1,
      maxLength: 60,
    })
    const real = fc.array(fc.record({ ...givenFields, at: fc.integer({ min: -30, max: 0 }) }), {
      minLength: 1,
      maxLength: 12,
    })
    fc.assert(
      fc.property(real, forged, (honest, others) => {
        const alone = delivered(undefined, honest, now).incident
        const { incident } = delivered(delivered(undefined, others, now).incident, honest, now)
        if (alone.body.isBelow === undefined) expect(incident.body.isBelow).toBeUndefined()
        expect(incident.body.merged.lastAt).toBe(alone.body.merged.lastAt)
        expect(incident.body.merged.latest.at).toBe(alone.body.merged.latest.at)
        expect(incident.body.merged.recent).toEqual(alone.body.merged.recent)
      }),
      { numRuns: 200 },
    )
  })
})

const givenFields = {
  name: fc.constantFrom('a', 'b', 'c'),
  count: fc.integer({ min: 1, max: 9 }),
  version: fc.integer({ min: 1, max: 9 }),
}

it('up to 32 future times are remembered, the latest first, to recognise repeats', () => {
  const list = Array.from({ length: 40 }, (_, number) => ({
    name: `e${number}`,
    count: 1,
    at: 10 + number,
    version: 1,
  }))
  const { incident } = delivered(undefined, list, now)
  const later = now + 60 * minute + mostAheadMilliseconds
  expect(delivered(incident, list.slice(8), later).hasChanged).toBe(false)
  expect(delivered(incident, list.slice(0, 8), later).hasChanged).toBe(true)
})
