import { setFlagsFromString } from 'node:v8'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { openCompiler } from '../../../lib/app/config/regex.ts'
import { readRouting } from '../../../lib/app/config/routing-file.ts'
import { toEvent } from '../../../lib/core/event/event.ts'
import { compileRuleset } from '../../../lib/core/routing/compile-ruleset.ts'
import { type Candidate, createRouter, mostTargets, type Routing } from '../../../lib/core/routing/router.ts'
import type { Ruleset } from '../../../lib/core/routing/ruleset.ts'
import type { RoutingFile } from '../../../lib/core/routing/schema.ts'
import { anyEvent } from '../../support/any-event.ts'
import { anyRoutingFile, meetingEvent } from '../../support/any-routing.ts'

const compile = openCompiler(setFlagsFromString)
const now = Date.parse('2026-11-25T00:00:00Z')
const context = { target: { name: '-1000', chat: '-1000', threadId: undefined }, timeZone: 'UTC', compile }
const event = fc.oneof(anyEvent, meetingEvent).map((given) => toEvent(given))
const cluster = fc.constantFrom('prod', 'staging', '')

function rulesetOf(file: RoutingFile): Ruleset {
  const { ruleset, problems } = compileRuleset(file, context)
  expect(problems).toEqual([])
  return ruleset
}

/** The decision without the facts that led to it. */
function decided({ ruling, targets, resolves }: Routing) {
  return { ruling, targets, resolves }
}

describe('for every event and every valid file', () => {
  it('the file has no mistakes, except rules that never apply', () => {
    fc.assert(
      fc.property(anyRoutingFile, (file) => {
        const read = readRouting(JSON.stringify(file), 'rules.yml', { ...context, environment: {}, now })
        expect(read.problems.filter((problem) => !/never (?:matches|applies): /.test(problem))).toEqual([])
      }),
      { numRuns: 300 },
    )
  })

  it('decides once, and names at least one target, none twice', () => {
    fc.assert(
      fc.property(anyRoutingFile, fc.array(event, { minLength: 1, maxLength: 10 }), cluster, (file, events, from) => {
        const ruleset = rulesetOf(file)
        const route = createRouter(ruleset)
        for (const one of events) {
          if (!one) continue
          const { ruling, targets, resolves } = route(one, from, now)
          expect(['show', 'drop', 'mute']).toContain(ruling.action)
          for (const list of [targets, ...resolves.map((resolution) => resolution.targets)]) {
            expect(list.length).toBeGreaterThan(0)
            expect(new Set(list.map(({ name }) => name)).size).toBe(list.length)
          }
          const names = [...ruleset.mutes, ...ruleset.rules].map(({ name }) => name)
          if (ruling.rule !== undefined) expect(names).toContain(ruling.rule)
          else expect(ruling.action).toBe('show')
        }
      }),
      { numRuns: 500 },
    )
  })

  it('sends no event to more targets than it says an event may go to, and some to as many', () => {
    let asMany = 0
    fc.assert(
      fc.property(anyRoutingFile, event, cluster, (file, one, from) => {
        if (!one) return
        const ruleset = rulesetOf(file)
        const { length } = createRouter(ruleset)(one, from, now).targets
        expect(length).toBeLessThanOrEqual(mostTargets(ruleset))
        if (length > 1 && length === mostTargets(ruleset)) asMany += 1
      }),
      { numRuns: 1_000 },
    )
    expect(asMany).toBeGreaterThan(20)
  })

  it('decides the same while it tells, and tells of the first that matches last', () => {
    fc.assert(
      fc.property(anyRoutingFile, event, cluster, (file, one, from) => {
        if (!one) return
        const route = createRouter(rulesetOf(file))
        const tried: Candidate[] = []
        const told = decided(route(one, from, now, (each) => void tried.push(each)))
        expect(told).toEqual(decided(route(one, from, now)))
        const matched = tried.filter(({ unmet }) => unmet === undefined)
        expect(matched.map(({ name }) => name)).toEqual(told.ruling.rule === undefined ? [] : [told.ruling.rule])
        if (matched.length > 0) expect(tried.at(-1)).toBe(matched[0])
      }),
      { numRuns: 1_000 },
    )
  })

  it('decides the same without a rule or mute that did not match', () => {
    let removed = 0
    fc.assert(
      fc.property(anyRoutingFile, event, cluster, fc.nat(), (file, one, from, choice) => {
        if (!one) return
        const ruleset = rulesetOf(file)
        const tried: Candidate[] = []
        const before = createRouter(ruleset)(one, from, now, (each) => void tried.push(each))
        const unmatched = tried.filter(({ unmet }) => unmet !== undefined)
        const gone = unmatched[choice % Math.max(1, unmatched.length)]
        if (!gone) return
        const stays = ({ name }: { name: string }) => name !== gone.name
        const rest = createRouter({
          ...ruleset,
          mutes: ruleset.mutes.filter(stays),
          rules: ruleset.rules.filter(stays),
        })
        expect(decided(rest(one, from, now))).toEqual(decided(before))
        removed += 1
      }),
      { numRuns: 1_000 },
    )
    expect(removed).toBeGreaterThan(300)
  })

  it('decides the same without rules behind the one that matched', () => {
    fc.assert(
      fc.property(anyRoutingFile, event, cluster, (file, one, from) => {
        if (!one) return
        const ruleset = rulesetOf(file)
        const before = createRouter(ruleset)(one, from, now)
        const at = ruleset.rules.findIndex(({ name }) => name === before.ruling.rule)
        if (at < 0) return
        const rest = createRouter({ ...ruleset, rules: ruleset.rules.slice(0, at + 1) })
        expect(decided(rest(one, from, now))).toEqual(decided(before))
      }),
      { numRuns: 500 },
    )
  })
})
