import fc from 'fast-check'
import { expect, it } from 'vitest'
import { lastEnded, periodOf } from '../../lib/pipeline/suppressed-summary.ts'
import {
  anyMinute,
  anyMoment,
  dayLength,
  hourLength,
  isNearChange,
  isWithoutADay,
  minuteLength,
  timeOfDay,
  wallClock,
} from '../support/wall-clocks.ts'

const dateOf = (day: number) => new Date(day * dayLength).toISOString().slice(0, 10)

it('each record counts for the day in local time', () => {
  fc.assert(
    fc.property(anyMoment, anyMinute, ({ zone, now }, minute) => {
      const wall = wallClock(now, zone)
      const day = wall.minute >= minute ? wall.day : wall.day - 1
      const found = periodOf(now, { at: timeOfDay(minute), zone })
      // A day that ended does not continue when clocks are set back over its end.
      expect([dateOf(day), ...(isNearChange(now, zone, 2) ? [dateOf(day + 1)] : [])]).toContain(found)
    }),
    { numRuns: 3_000 },
  )
})

it('each day is summarised once, after its end, with all records that count for it', () => {
  fc.assert(
    fc.property(anyMoment, anyMinute, ({ zone, change }, minute) => {
      // A sweep every quarter of an hour is too seldom for that.
      fc.pre(!isWithoutADay(change, zone))
      const schedule = { at: timeOfDay(minute), zone }
      const counted = new Set<string>()
      const told: string[] = []
      // As it runs: a record and a sweep every quarter of an hour.
      const steps = Array.from({ length: 5 * 24 * 4 }, (_, step) => change + (step / 4 - 60) * hourLength)
      for (const now of steps) {
        const { day, endedAt } = lastEnded(now, schedule)
        if (day !== told.at(-1)) told.push(day)
        expect(endedAt).toBeLessThanOrEqual(now)
        expect(now - endedAt).toBeLessThan(26 * hourLength)
        expect(periodOf(endedAt - 1, schedule)).toBe(day)
        const period = periodOf(now, schedule)
        expect(told).not.toContain(period)
        counted.add(period)
      }
      expect(new Set(told).size).toBe(told.length)
      // The first was over before, and the last is not yet.
      expect(told.slice(1)).toEqual([...counted].slice(0, -1))
    }),
    { numRuns: 100 },
  )
})

it('a day ends at the configured time, or at the first moment after it', () => {
  fc.assert(
    fc.property(anyMoment, anyMinute, ({ zone, change, now }, minute) => {
      fc.pre(!isWithoutADay(change, zone))
      const { endedAt } = lastEnded(now, { at: timeOfDay(minute), zone })
      if (wallClock(endedAt, zone).minute === minute) return
      expect(isNearChange(endedAt, zone, 1)).toBe(true)
      expect(wallClock(endedAt - minuteLength, zone).minute).not.toBe(minute)
    }),
    { numRuns: 3_000 },
  )
})
