import { describe, expect, it, test } from 'vitest'
import { afterRecord, expiryOf, gapsToTell, type LastSeen, reportGap } from '../../../lib/core/incident/watchdog.ts'

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour
const start = 20_000 * day
const at = (milliseconds: number) => start + milliseconds
const prod = (fields: Omit<LastSeen, 'cluster'>): LastSeen => ({ cluster: 'prod', ...fields })

describe('records of a cluster', () => {
  test.each<[string, LastSeen | undefined, number, LastSeen | undefined]>([
    ['the first', undefined, 0, prod({ at: at(0) })],
    ['within a minute', prod({ at: at(0) }), minute - 1, undefined],
    ['by a clock that is behind', prod({ at: at(0) }), -minute, undefined],
    ['after a minute', prod({ at: at(0) }), minute, prod({ at: at(minute) })],
    ['after a pause that was not reported', prod({ at: at(0) }), 5 * hour, prod({ at: at(5 * hour) })],
    [
      'after a gap',
      prod({ at: at(0), gapReportedAt: at(hour), lastGap: { since: at(-day), until: at(-hour) } }),
      2 * hour,
      prod({ at: at(2 * hour), lastGap: { since: at(0), until: at(2 * hour) } }),
    ],
    [
      'while a gap that is over is remembered',
      prod({ at: at(0), lastGap: { since: at(-day), until: at(-hour) } }),
      hour,
      prod({ at: at(hour), lastGap: { since: at(-day), until: at(-hour) } }),
    ],
    ['after a week', prod({ at: at(0), gapReportedAt: at(hour) }), 7 * day, prod({ at: at(7 * day) })],
  ])('%s', (_, known, milliseconds, expected) => {
    expect(afterRecord(known, 'prod', at(milliseconds))).toEqual(expected)
  })
})

describe('a gap', () => {
  test.each<[string, LastSeen, number, boolean]>([
    ['has not begun before', prod({ at: at(0) }), 30 * minute - 1, false],
    ['begins', prod({ at: at(0) }), 30 * minute, true],
    ['is found late', prod({ at: at(0) }), 3 * day, true],
    ['is reported once', prod({ at: at(0), gapReportedAt: at(30 * minute) }), hour, false],
    ['is not reported for a removed cluster', prod({ at: at(0) }), 7 * day, false],
  ])('%s', (_, before, milliseconds, isGap) => {
    const expected = isGap ? { ...before, gapReportedAt: at(milliseconds) } : undefined
    expect(reportGap(before, at(milliseconds), 30 * minute)).toEqual(expected)
  })
})

it('is reported for a day only, so that it is not reported again after its incident expired', () => {
  const over = { since: at(-2 * hour), until: at(-hour) }
  const cluster = prod({ at: at(0), gapReportedAt: at(hour), lastGap: over })
  expect(gapsToTell(cluster, at(hour))).toEqual({ since: at(0), over })
  expect(gapsToTell(cluster, at(day - hour))).toEqual({ since: at(0) })
  expect(gapsToTell(cluster, at(day + hour))).toEqual({})
  expect(gapsToTell(prod({ at: at(0) }), at(day))).toEqual({})
})

it('is stored for a week and the rest of the day', () => {
  expect(expiryOf(prod({ at: start }))).toBe(start + 7 * day)
  expect(expiryOf(prod({ at: start + 1 }))).toBe(start + 8 * day)
})
