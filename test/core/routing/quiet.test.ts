import { describe, expect, it, test } from 'vitest'
import { type Loudness, loudnessOf, type QuietHours, quietHoursOf } from '../../../lib/core/routing/quiet.ts'
import type { Quiet } from '../../../lib/core/routing/schema.ts'

type Written = Partial<Omit<Quiet, 'targets'>> & { targets?: string[] }

function hours({ targets, zone = 'UTC', ...quiet }: Written): QuietHours {
  const whole = { from: '22:00', to: '06:00', below: 'critical', action: 'silent', ...quiet } as const
  return quietHoursOf(whole, { zone, targets: targets?.map((name) => ({ name, chat: '-1', threadId: undefined })) })
}

function loudnessAt(written: Written[], at: string, severity: 'critical' | 'warning' | 'info' | 'good' = 'warning') {
  return shown(loudnessOf(written.map(hours), 'oncall', severity, Date.parse(at)))
}

function shown(loudness: Loudness): string {
  return typeof loudness === 'string' ? loudness : new Date(loudness.delayUntil).toISOString()
}

const loud = 'as it is'
const delay = { action: 'delay' } as const
const day: Written = { from: '09:00', to: '17:00', ...delay }
const night: Written = { from: '22:00', to: '06:00', ...delay }
const berlin: Written = { ...night, zone: 'Europe/Berlin' }

// 2026-11-27 is a Friday.
describe('quiet hours', () => {
  test.each<[string, Written[], string, string]>([
    ['none', [], '2026-11-27T23:00:00Z', loud],
    ['the minute before', [day], '2026-11-27T08:59:59Z', loud],
    ['the first minute', [day], '2026-11-27T09:00:00Z', '2026-11-27T17:00:00.000Z'],
    ['the last second', [day], '2026-11-27T16:59:59.999Z', '2026-11-27T17:00:00.000Z'],
    ['the minute after', [day], '2026-11-27T17:00:00Z', loud],
    ['before midnight', [night], '2026-11-27T23:10:30Z', '2026-11-28T06:00:00.000Z'],
    ['at midnight', [night], '2026-11-28T00:00:00Z', '2026-11-28T06:00:00.000Z'],
    ['before the morning', [night], '2026-11-28T05:59:00Z', '2026-11-28T06:00:00.000Z'],
    ['in the morning', [night], '2026-11-28T06:00:00Z', loud],
    ['until midnight', [{ ...night, to: '00:00' }], '2026-11-27T23:00:00Z', '2026-11-28T00:00:00.000Z'],
    ['a year’s last night', [night], '2026-12-31T23:00:00Z', '2027-01-01T06:00:00.000Z'],
    ['a zone ahead', [{ ...night, zone: 'Asia/Kolkata' }], '2026-11-27T16:30:00Z', '2026-11-28T00:30:00.000Z'],
    ['a zone ahead, a minute before', [{ ...night, zone: 'Asia/Kolkata' }], '2026-11-27T16:29:59Z', loud],
    ['a zone behind', [{ ...night, zone: 'America/St_Johns' }], '2026-11-28T01:30:00Z', '2026-11-28T09:30:00.000Z'],
    ['in summer', [berlin], '2026-07-01T20:00:00Z', '2026-07-02T04:00:00.000Z'],
    ['in winter', [berlin], '2026-12-01T20:00:00Z', loud],
    ['on a day', [{ ...day, days: ['fri'] }], '2026-11-27T10:00:00Z', '2026-11-27T17:00:00.000Z'],
    ['on another day', [{ ...day, days: ['sat', 'sun'] }], '2026-11-27T10:00:00Z', loud],
    ['the night of a day', [{ ...night, days: ['fri'] }], '2026-11-27T23:00:00Z', '2026-11-28T06:00:00.000Z'],
    ['continues on the next day', [{ ...night, days: ['fri'] }], '2026-11-28T05:00:00Z', '2026-11-28T06:00:00.000Z'],
    ['does not include the night before', [{ ...night, days: ['fri'] }], '2026-11-27T05:00:00Z', loud],
    [
      'Sunday night continues on Monday',
      [{ ...night, days: ['sun'] }],
      '2026-11-30T05:00:00Z',
      '2026-11-30T06:00:00.000Z',
    ],
    [
      'the day of the zone, not of UTC',
      [{ ...night, zone: 'Asia/Tokyo', days: ['sat'] }],
      '2026-11-27T15:30:00Z',
      loud,
    ],
    ['hours of another target', [{ ...night, targets: ['platform'] }], '2026-11-27T23:00:00Z', loud],
    [
      'hours of this target',
      [{ ...night, targets: ['platform', 'oncall'] }],
      '2026-11-27T23:00:00Z',
      '2026-11-28T06:00:00.000Z',
    ],
    ['silent', [{}], '2026-11-27T23:00:00Z', 'silent'],
    ['delay wins over silent', [{}, night], '2026-11-27T23:00:00Z', '2026-11-28T06:00:00.000Z'],
    ['delay wins in any order', [night, {}], '2026-11-27T23:00:00Z', '2026-11-28T06:00:00.000Z'],
    ['the later end wins', [{ ...night, to: '08:00' }, night], '2026-11-27T23:00:00Z', '2026-11-28T08:00:00.000Z'],
    [
      'the later end wins in any order',
      [night, { ...night, to: '08:00' }],
      '2026-11-27T23:00:00Z',
      '2026-11-28T08:00:00.000Z',
    ],
    ['silent after the delay is over', [{ to: '08:00' }, night], '2026-11-28T07:00:00Z', 'silent'],
  ])('%s', (_, written, at, expected) => {
    expect(loudnessAt(written, at)).toBe(expected)
  })

  test.each([
    ['critical', [loud, 'silent', 'silent', 'silent']],
    ['warning', [loud, loud, 'silent', 'silent']],
    ['info', [loud, loud, loud, 'silent']],
  ] as const)('below %s', (below, expected) => {
    const severities = ['critical', 'warning', 'info', 'good'] as const
    expect(severities.map((severity) => loudnessAt([{ below }], '2026-11-27T23:00:00Z', severity))).toEqual(expected)
  })
})

// Clocks in Berlin go from 02:00 to 03:00 on 2027-03-28, and from 03:00 to 02:00 on 2026-10-25.
describe('when clocks change', () => {
  test.each<[string, Written, string, string]>([
    ['an ordinary night', berlin, '2026-11-27T23:00:00Z', '2026-11-28T05:00:00.000Z'],
    ['the long night', berlin, '2026-10-24T21:00:00Z', '2026-10-25T05:00:00.000Z'],
    ['the long night, once clocks have changed', berlin, '2026-10-25T01:30:00Z', '2026-10-25T05:00:00.000Z'],
    ['the short night', berlin, '2027-03-27T22:00:00Z', '2027-03-28T04:00:00.000Z'],
    ['the short night, once clocks have changed', berlin, '2027-03-28T01:30:00Z', '2027-03-28T04:00:00.000Z'],
    ['until a skipped time', { ...berlin, to: '02:30' }, '2027-03-27T22:00:00Z', '2027-03-28T01:00:00.000Z'],
    ['until a repeated time', { ...berlin, to: '02:30' }, '2026-10-24T21:00:00Z', '2026-10-25T01:30:00.000Z'],
    ['from a skipped time', { ...berlin, from: '02:30' }, '2027-03-28T01:00:00Z', '2027-03-28T04:00:00.000Z'],
    ['from a repeated time', { ...berlin, from: '02:30' }, '2026-10-25T00:30:00Z', '2026-10-25T05:00:00.000Z'],
  ])('%s', (_, written, at, expected) => {
    expect(loudnessAt([written], at)).toBe(expected)
  })

  it('are never quiet if they lie in a skipped hour', () => {
    const written = { ...berlin, from: '02:30', to: '02:45' }
    expect([0, 15, 30, 45].map((minute) => loudnessAt([written], `2027-03-28T01:${minute || '00'}:00Z`))).toEqual(
      Array.from({ length: 4 }, () => loud),
    )
  })

  it('are quiet in both repeated hours', () => {
    const written = { from: '02:30', to: '02:45', zone: 'Europe/Berlin' }
    expect(loudnessAt([written], '2026-10-25T00:30:00Z')).toBe('silent')
    expect(loudnessAt([written], '2026-10-25T01:30:00Z')).toBe('silent')
  })
})
