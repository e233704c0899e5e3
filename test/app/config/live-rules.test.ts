import { describe, expect, it, test } from 'vitest'
import { afterReading, type GoodRules, type RulesReading, type RulesState } from '../../../lib/app/config/live-rules.ts'
import { defaultRuleset } from '../../../lib/core/routing/compile-ruleset.ts'

const ruleset = defaultRuleset({
  target: { name: '-1', chat: '-1', threadId: undefined },
  timeZone: 'UTC',
  compile: (source) => new RegExp(source),
})
const day = 24 * 3_600_000
const now = Date.parse('2026-11-24T12:00:00Z')

const good = (version: string, warnings: string[] = []): GoodRules => {
  return { kind: 'good', text: version, version, modifiedAt: undefined, ruleset, warnings }
}
const wrong = (
  version: string,
  { text = version, modifiedAt = undefined as number | undefined } = {},
): RulesReading => {
  return { kind: 'wrong', text, version, modifiedAt, problems: [`mistake of ${version}`] }
}
const unreadable = (reason: string): RulesReading => ({ kind: 'unreadable', reason })
const one = good('1')

/** The readings one minute after the other: what was logged, each with the number of its reading, and the state at the end. */
function follow(readings: RulesReading[], minutes = 1) {
  let state: RulesState = { inUse: one, problem: undefined, mistakes: [] }
  const lines: string[] = []
  for (const [index, reading] of readings.entries()) {
    const after = afterReading(state, reading, now + index * minutes * 60_000)
    state = after.state
    for (const { level, message } of after.entries) lines.push(`${index}: ${level} ${message}`)
  }
  return { state, lines }
}

describe('readings of the rules', () => {
  const two = wrong('2')
  test.each<[string, RulesReading[], string[], string]>([
    ['that stay the same say nothing', [one, one, one], [], '1'],
    ['of a good version say it once', [one, good('2')], ['1: info new rules in use'], '2'],
    ['of a version with mistakes say it once', [two, two, two], ['0: error new rules have mistakes'], '1'],
    [
      'of one version with mistakes after another say each',
      [two, wrong('3')],
      ['0: error new rules have mistakes', '1: error new rules have mistakes'],
      '1',
    ],
    [
      'that are corrected say so',
      [two, good('3')],
      ['0: error new rules have mistakes', '1: info new rules in use'],
      '3',
    ],
    [
      'of an outage with many addresses say it once',
      [unreadable('connect ECONNREFUSED 10.0.0.1:443'), unreadable('connect ECONNREFUSED 10.0.0.2:443')],
      ['0: error rules cannot be read'],
      '1',
    ],
    [
      'of the old version, restored, say so',
      [two, good('1')],
      ['0: error new rules have mistakes', '1: info new rules in use'],
      '1',
    ],
    [
      'that fail say it once for each reason',
      [unreadable('a'), unreadable('a'), unreadable('b'), one],
      ['0: error rules cannot be read', '2: error rules cannot be read', '3: info rules can be read again'],
      '1',
    ],
    [
      'that fail between two of a version with mistakes say both again',
      [two, unreadable('a'), two],
      ['0: error new rules have mistakes', '1: error rules cannot be read', '2: error new rules have mistakes'],
      '1',
    ],
    [
      'say only new warnings',
      [good('2', ['idle']), good('3', ['idle', 'expired'])],
      ['0: info new rules in use', '0: warn idle', '1: info new rules in use', '1: warn expired'],
      '3',
    ],
  ])('%s', (_, readings, lines, version) => {
    const followed = follow(readings)
    expect(followed.lines).toEqual(lines)
    expect(followed.state.inUse.version).toBe(version)
  })

  it('remember each version with mistakes until a day after it was corrected', () => {
    const known = (readings: RulesReading[], minutes?: number) =>
      follow(readings, minutes).state.mistakes.map(({ version, fixed }) => `${version} ${fixed?.version}`)
    expect(known([two, unreadable('a'), two])).toEqual(['2 undefined'])
    expect(known([two, wrong('3'), good('4')])).toEqual(['2 4', '3 4'])
    expect(known([two, good('3'), wrong('4'), good('5')])).toEqual(['2 3', '4 5'])
    expect(known([two, good('3'), good('4')], (day / 60_000) * 0.6)).toEqual(['2 3'])
    expect(known([two, good('3'), good('4'), good('5')], (day / 60_000) * 0.6)).toEqual([])
    // Corrected after more than a day.
    expect(known([two, good('3')], (day / 60_000) * 2)).toEqual(['2 3'])
  })

  it('tell versions of one name apart by their text', () => {
    const { mistakes } = follow([wrong('1', { text: 'a' }), wrong('1', { text: 'b' })]).state
    expect(new Set(mistakes.map(({ id }) => id)).size).toBe(2)
  })

  it('begin when they were written, or when they were found if that is long ago', () => {
    const minute = 60_000
    const since = (modifiedAt: number) => follow([wrong('2', { modifiedAt })]).state.mistakes.map(({ at }) => at)
    expect(since(now - minute)).toEqual([now - minute])
    expect(since(now - 5 * day)).toEqual([now])
  })
})
