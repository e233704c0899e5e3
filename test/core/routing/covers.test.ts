import { setFlagsFromString } from 'node:v8'
import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { openCompiler } from '../../../lib/app/config/regex.ts'
import { toEvent } from '../../../lib/core/event/event.ts'
import { contradictionIn, covers } from '../../../lib/core/routing/covers.ts'
import { parseMatch } from '../../../lib/core/routing/match.ts'
import { unmetOf } from '../../../lib/core/routing/router.ts'
import type { Conditions } from '../../../lib/core/routing/ruleset.ts'
import type { Match, Rule } from '../../../lib/core/routing/schema.ts'
import { factsOf, subjectOf } from '../../../lib/core/routing/subject.ts'
import { anyConditions, anyPair, meetingEvent } from '../../support/any-routing.ts'

const compile = openCompiler(setFlagsFromString)
const now = Date.parse('2026-11-25T00:00:00Z')

function conditionsOf({ match, except }: Pick<Rule, 'match' | 'except'>): Conditions {
  const compiled = (one: Match | undefined) => one && parseMatch(one, compile).matcher
  return { match: compiled(match), except: compiled(except) }
}

function isMet(conditions: Conditions, given: Record<string, unknown>, cluster: string): boolean {
  const event = toEvent(given)
  if (!event) throw new Error('no event')
  return unmetOf(conditions, subjectOf(factsOf(event, cluster)), now) === undefined
}

const list = { reason: ['BackOff', 'Failed'] }
const web = { namespace: 'shop', workload: 'web' }

describe('what matches all that another matches', () => {
  test.each<[string, Pick<Rule, 'match' | 'except'>, Pick<Rule, 'match' | 'except'>, boolean]>([
    ['everything', {}, { match: web }, true],
    ['a map without conditions', { match: {} }, { match: web }, true],
    ['the same', { match: web }, { match: web }, true],
    ['one condition less', { match: { namespace: 'shop' } }, { match: web }, true],
    ['one condition more', { match: web }, { match: { namespace: 'shop' } }, false],
    ['a list with it', { match: list }, { match: { reason: 'failed' } }, true],
    ['a list with all of a list', { match: list }, { match: { reason: ['Failed', 'BACKOFF'] } }, true],
    ['a list without one', { match: list }, { match: { reason: ['Failed', 'Killing'] } }, false],
    ['a glob', { match: { name: 'WEB-*' } }, { match: { name: 'web-1' } }, true],
    ['a star, although the other does not ask', { match: { name: '*' } }, { match: { kind: 'Pod' } }, true],
    ['a glob and a glob: not told', { match: { name: 'web*' } }, { match: { name: 'web-*' } }, false],
    ['an expression of the same letters', { match: { name: '/^web/' } }, { match: { name: '/^web/' } }, true],
    ['an expression heeds case, a literal does not', { match: { name: '/^web/' } }, { match: { name: 'web' } }, false],
    ['an expression without letters', { match: { name: '/^\\d+$/' } }, { match: { name: '42' } }, true],
    ['a workload’s glob', { match: { workload: 'w*' } }, { match: { workload: 'web' } }, true],
    ['a workload with its kind', { match: { workload: 'web' } }, { match: { workload: 'Deployment/web' } }, false],
    ['a workload’s kind', { match: { workload: 'Job/*' } }, { match: { workload: 'Job/a' } }, true],
    ['a greater age', { match: { olderThan: '2h' } }, { match: { olderThan: '1h' } }, false],
    ['a smaller age', { match: { olderThan: '1h' } }, { match: { olderThan: '2h' } }, true],
    ['an age', { match: { olderThan: '1h' } }, {}, false],
    ['an exception', { except: { kind: 'Job' } }, { match: web }, false],
    ['the same exception', { except: { kind: 'Job' } }, { match: web, except: { kind: 'Job' } }, true],
    ['a smaller exception', { except: { ...web, kind: 'Job' } }, { except: { kind: 'Job' } }, true],
    ['a larger exception', { except: { kind: 'Job' } }, { except: { ...web, kind: 'Job' } }, false],
  ])('%s', (_, a, b, expected) => {
    expect(covers(conditionsOf(a), conditionsOf(b))).toBe(expected)
  })

  it('matches each event that the other matches', () => {
    let found = 0
    fc.assert(
      fc.property(anyPair, fc.array(meetingEvent, { minLength: 20, maxLength: 40 }), ([a, b], events) => {
        const [wider, narrower] = [conditionsOf(a), conditionsOf(b)]
        if (!covers(wider, narrower)) return
        for (const event of events.filter((one) => isMet(narrower, one, 'prod'))) {
          found += 1
          expect(isMet(wider, event, 'prod')).toBe(true)
        }
      }),
      { numRuns: 8_000 },
    )
    expect(found).toBeGreaterThan(500)
  })
})

describe('a contradiction', () => {
  test.each<[string, Match, RegExp | undefined]>([
    ['a Node in a namespace', { kind: 'Node', namespace: 'default' }, /have no namespace/],
    ['a Node without a namespace', { kind: 'Node', namespace: '' }, undefined],
    ['a Node in any namespace', { kind: 'Node', namespace: '*' }, undefined],
    ['a Node or a Pod in a namespace', { kind: ['Node', 'Pod'], namespace: 'default' }, undefined],
    [
      'a reason of another cause',
      { cause: 'crash-loop', reason: 'Failed' },
      /^events with this reason never have this cause$/,
    ],
    ['a reason of this cause', { cause: 'crash-loop', reason: 'backoff' }, undefined],
    ['a reason as cause', { cause: 'Whatever', reason: 'Whatever' }, undefined],
    [
      'another reason as cause',
      { cause: 'Whatever', reason: ['A', 'B'] },
      /^events with these reasons never have this cause$/,
    ],
    ['a reason by glob', { cause: 'crash-loop', reason: 'Fail*' }, undefined],
    ['its severity', { cause: 'crash-loop', severity: 'warning' }, undefined],
    ['another severity', { cause: 'crash-loop', severity: 'good' }, /^this cause always has severity warning$/],
    ['a cause of two severities', { cause: 'node-disk', severity: 'good' }, /severity warning or critical$/],
  ])('%s', (_, match, expected) => {
    const why = contradictionIn(conditionsOf({ match }))
    expect(why ?? 'none').toMatch(expected ?? /^none$/)
  })

  it('considers the severities that rules set', () => {
    const route = conditionsOf({ match: { cause: 'crash-loop', severity: ['good', 'critical'] } })
    expect(contradictionIn(route, ['info'])).toMatch(/^this cause/)
    expect(contradictionIn(route, ['critical'])).toBeUndefined()
  })

  it('matches no event', () => {
    let found = 0
    fc.assert(
      fc.property(anyConditions, fc.array(meetingEvent, { minLength: 20, maxLength: 40 }), (given, events) => {
        const conditions = conditionsOf(given)
        if (contradictionIn(conditions) === undefined) return
        found += 1
        for (const event of events) expect(isMet(conditions, event, 'prod')).toBe(false)
      }),
      { numRuns: 10_000 },
    )
    expect(found).toBeGreaterThan(50)
  })
})
