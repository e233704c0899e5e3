import { describe, expect, it, test } from 'vitest'
import { toEvent } from '../../../lib/core/event/event.ts'
import { futureTimesNotice, withoutFutureTimes } from '../../../lib/core/event/future.ts'
import { event } from '../../support/records.ts'

const now = Date.parse('2026-11-24T12:00:00Z')
const before = '2026-11-24T10:00:00Z'
const soon = '2026-11-24T12:05:00Z'
const late = '2026-11-24T12:05:01Z'
const none = { firstTimestamp: null, lastTimestamp: null, eventTime: null }

function decoded(times: Record<string, unknown>) {
  const found = toEvent(event(0, { ...none, ...times }))
  if (!found) throw new Error('not an event')
  return found
}

describe('an event with times in the future', () => {
  test.each<[string, Record<string, unknown>, Record<string, number | undefined>]>([
    ['the last', { firstTimestamp: before, lastTimestamp: late }, { firstAt: Date.parse(before), lastAt: undefined }],
    ['all', { firstTimestamp: late, lastTimestamp: late, eventTime: late }, { firstAt: undefined, lastAt: undefined }],
    ['its own', { firstTimestamp: before, lastTimestamp: before, eventTime: late }, { lastAt: Date.parse(before) }],
    ['a series', { eventTime: before, series: { count: 2, lastObservedTime: late } }, { firstAt: Date.parse(before) }],
    ['its creation', { metadata: { creationTimestamp: late } }, {}],
  ])('has no latest time, and remembers what it claims: %s', (_, times, left) => {
    const given = decoded(times)
    const kept = withoutFutureTimes(given, now)
    expect(kept).toMatchObject({ ...left, at: undefined, claimedAt: Date.parse(late) })
    for (const time of [kept.firstAt, kept.lastAt, kept.eventTime])
      expect(time ?? 0).toBeLessThanOrEqual(Date.parse(soon))
    expect(withoutFutureTimes(given, now + 1_000)).toBe(given)
  })

  it.each([{ lastTimestamp: before }, { lastTimestamp: soon }, { metadata: { creationTimestamp: null } }])(
    'is none of %j',
    (times) => {
      const given = decoded(times)
      expect(withoutFutureTimes(given, now)).toBe(given)
    },
  )
})

test('the notice counts the events', () => {
  expect(futureTimesNotice([{}, {}])).toEqual([])
  expect(futureTimesNotice([{ claimedAt: 1 }, {}, { claimedAt: 2 }])).toEqual([
    expect.stringMatching(/^2 records are dated/),
  ])
})
