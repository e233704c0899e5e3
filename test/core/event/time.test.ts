import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { isTimeZone, lastTimeOfDay, localTime, momentsOf, parseTime } from '../../../lib/core/event/time.ts'
import {
  aheadOf,
  anyMinute,
  anyMoment,
  dayLength,
  hourLength,
  minuteLength,
  wallClock,
} from '../../support/wall-clocks.ts'

describe('parseTime', () => {
  test.each([
    ['2026-11-23T23:25:54Z', 1795476354000],
    ['2026-11-23T23:25:54.123456Z', 1795476354123],
    ['2026-11-24T07:25:54+08:00', 1795476354000],
    ['', undefined],
    ['null', undefined],
    ['yesterday', undefined],
    ['5', undefined],
    ['1/2', undefined],
    ['0001-01-01T00:00:00Z', undefined],
  ])('%s', (text, expected) => {
    expect(parseTime(text)).toBe(expected)
  })
})

describe('localTime', () => {
  test.each([
    ['UTC', { date: '2026-11-23', time: '23:25:54', offset: 'UTC' }],
    ['Asia/Shanghai', { date: '2026-11-24', time: '07:25:54', offset: 'UTC+8' }],
    ['America/St_Johns', { date: '2026-11-23', time: '19:55:54', offset: 'UTC−3:30' }],
    ['Asia/Kathmandu', { date: '2026-11-24', time: '05:10:54', offset: 'UTC+5:45' }],
    ['Europe/London', { date: '2026-11-23', time: '23:25:54', offset: 'UTC' }],
  ])('%s', (zone, expected) => {
    expect(localTime(1795476354000, zone)).toEqual(expected)
  })

  it('agrees with Intl in any zone at any time', () => {
    const zone = fc.constantFrom(
      'Asia/Shanghai',
      'Europe/Berlin',
      'America/New_York',
      'Australia/Lord_Howe',
      'Asia/Kathmandu',
      'Africa/Casablanca',
      'Pacific/Apia',
    )
    const moment = fc.integer({ min: Date.UTC(2000, 0), max: Date.UTC(2050, 0) })
    const formats = new Map<string, Intl.DateTimeFormat>()
    fc.assert(
      fc.property(zone, moment, (timeZone, milliseconds) => {
        const format =
          formats.get(timeZone) ??
          new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium' })
        formats.set(timeZone, format)
        const { date, time } = localTime(milliseconds, timeZone)
        expect(`${date} ${time}`).toBe(format.format(milliseconds))
      }),
      { numRuns: 3_000 },
    )
  })
})

describe('momentsOf', () => {
  const dayOf = (date: string) => Date.parse(date) / dayLength
  const iso = (moment: number) => new Date(moment).toISOString().replace(':00.000Z', 'Z')

  test.each<[string, string, number, string, string[]]>([
    ['UTC', '2026-11-24', 90, 'UTC', ['2026-11-24T01:30Z']],
    ['winter', '2026-11-24', 90, 'Europe/Berlin', ['2026-11-24T00:30Z']],
    ['twice in autumn', '2026-10-25', 150, 'Europe/Berlin', ['2026-10-25T00:30Z', '2026-10-25T01:30Z']],
    ['never in spring', '2027-03-28', 150, 'Europe/Berlin', ['2027-03-28T01:00Z']],
    ['the end of the gap', '2027-03-28', 180, 'Europe/Berlin', ['2027-03-28T01:00Z']],
    ['half an hour twice', '2027-04-04', 105, 'Australia/Lord_Howe', ['2027-04-03T14:45Z', '2027-04-03T15:15Z']],
    ['a quarter hour off', '2026-11-24', 0, 'Asia/Kathmandu', ['2026-11-23T18:15Z']],
    ['a day that there was not', '2011-12-30', 540, 'Pacific/Apia', ['2011-12-30T10:00Z']],
    ['no midnight', '2027-03-14', 0, 'America/Havana', ['2027-03-14T05:00Z']],
    ['midnight twice', '2026-11-01', 0, 'America/Havana', ['2026-11-01T04:00Z', '2026-11-01T05:00Z']],
  ])('%s', (_, date, minute, zone, expected) => {
    const { first, last } = momentsOf(dayOf(date), minute, zone)
    expect([...new Set([first, last])].map(iso)).toEqual(expected)
  })

  it('are the moments at which a wall clock shows the time, or the first moment after a gap', () => {
    fc.assert(
      fc.property(anyMoment, anyMinute, ({ zone, now }, minute) => {
        const { day } = wallClock(now, zone)
        const { first, last } = momentsOf(day, minute, zone)
        // Every zone is at most fifteen hours away from UTC.
        const wall = day * dayLength + minute * minuteLength
        const quarters = Array.from({ length: 30 * 4 + 1 }, (_, number) => wall + (number / 4 - 15) * hourLength)
        const shown = quarters.filter((at) => {
          const there = wallClock(at, zone)
          return there.day === day && there.minute === minute
        })
        if (shown.length > 0) {
          expect([...new Set([first, last])]).toEqual(shown)
          return
        }
        expect(first).toBe(last)
        const missed = wall - first
        expect(missed).toBeGreaterThan(aheadOf(first - minuteLength, zone) * minuteLength - minuteLength)
        expect(missed).toBeLessThan(aheadOf(first, zone) * minuteLength)
      }),
      { numRuns: 500 },
    )
  })
})

describe('lastTimeOfDay', () => {
  it('is not later than now, and the next one is later', () => {
    fc.assert(
      fc.property(anyMoment, anyMinute, ({ zone, now }, minute) => {
        const { day, at } = lastTimeOfDay(now, minute, zone)
        expect(at).toBe(momentsOf(day, minute, zone).first)
        expect(at).toBeLessThanOrEqual(now)
        expect(momentsOf(day + 1, minute, zone).first).toBeGreaterThan(now)
      }),
      { numRuns: 2_000 },
    )
  })
})

test.each([
  ['Europe/Berlin', true],
  ['UTC', true],
  ['Mars/Base', false],
  ['', false],
])('isTimeZone %s', (zone, expected) => {
  expect(isTimeZone(zone)).toBe(expected)
})
