import fc from 'fast-check'
import { expect, it } from 'vitest'
import { loudnessOf, quietHoursOf } from '../../../lib/core/routing/quiet.ts'
import {
  anyMinute,
  anyMoment,
  hourLength,
  isNearChange,
  minuteLength,
  timeOfDay,
  wallClock,
} from '../../support/wall-clocks.ts'

const weekdays = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const

const anyHours = fc.record({
  from: anyMinute,
  to: anyMinute,
  days: fc.option(fc.subarray([...weekdays], { minLength: 1 }), { nil: undefined }),
})

type Hours = typeof anyHours extends fc.Arbitrary<infer Value> ? Value : never

function endOf({ from, to, days }: Hours, zone: string, now: number): number | undefined {
  const written = { from: timeOfDay(from), to: timeOfDay(to), below: 'critical', action: 'delay' } as const
  const hours = quietHoursOf({ ...written, ...(days ? { days } : {}) }, { zone, targets: undefined })
  const loudness = loudnessOf([hours], 'oncall', 'warning', now)
  return typeof loudness === 'string' ? undefined : loudness.delayUntil
}

/** Decides by the local time alone. */
function isInside({ from, to, days }: Hours, zone: string, now: number): boolean {
  const { day, minute } = wallClock(now, zone)
  const isOvernight = to <= from
  const beganYesterday = isOvernight && minute < to
  const isTime = beganYesterday || (minute >= from && (isOvernight || minute < to))
  // 1970-01-01 was a Thursday.
  const weekday = weekdays[(day + 4 - (beganYesterday ? 1 : 0)) % 7]
  return isTime && (days === undefined || days.some((one) => one === weekday))
}

it('quiet hours delay every message while the local time is inside of them', () => {
  fc.assert(
    fc.property(anyHours, anyMoment, (hours, { zone, now }) => {
      fc.pre(isInside(hours, zone, now))
      expect(endOf(hours, zone, now)).toBeGreaterThan(now)
    }),
    { numRuns: 3_000 },
  )
})

it('outside of them, messages are delayed only while clocks are put back', () => {
  fc.assert(
    fc.property(anyHours, anyMoment, (hours, { zone, now }) => {
      fc.pre(!isInside(hours, zone, now))
      if (endOf(hours, zone, now) !== undefined) expect(isNearChange(now, zone, 2)).toBe(true)
    }),
    { numRuns: 3_000 },
  )
})

it('they end after now, when the local time reaches their end or skips it', () => {
  fc.assert(
    fc.property(anyHours, anyMoment, (hours, { zone, now }) => {
      const end = endOf(hours, zone, now)
      fc.pre(end !== undefined)
      expect(end).toBeGreaterThan(now)
      expect(end - now).toBeLessThanOrEqual(26 * hourLength)
      const { day, minute } = wallClock(end, zone)
      if (minute === hours.to) return
      const before = wallClock(end - minuteLength, zone)
      const asMinutes = (wall: typeof before) => wall.day * 24 * 60 + wall.minute
      const due = [day - 1, day].map((one) => one * 24 * 60 + hours.to)
      expect(due.some((one) => asMinutes(before) < one && one < asMinutes({ day, minute }))).toBe(true)
    }),
    { numRuns: 3_000 },
  )
})
