import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { isTimeZone, localTime, parseTime } from '../../lib/event/time.ts'

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

  it('is what Intl says, in any zone at any time', () => {
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

test.each([
  ['Europe/Berlin', true],
  ['UTC', true],
  ['Mars/Base', false],
  ['', false],
])('isTimeZone %s', (zone, expected) => {
  expect(isTimeZone(zone)).toBe(expected)
})
