import { setFlagsFromString } from 'node:v8'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { openCompiler } from '../../../lib/app/config/regex.ts'
import { toEvent } from '../../../lib/core/event/event.ts'
import { parseMatch } from '../../../lib/core/routing/match.ts'
import type { Match } from '../../../lib/core/routing/schema.ts'
import { shortlistOf } from '../../../lib/core/routing/shortlist.ts'
import { factsOf, subjectOf } from '../../../lib/core/routing/subject.ts'
import { event } from '../../support/records.ts'

const compile = openCompiler(setFlagsFromString)

// Alternatives that no text has make a pattern long, so that few of them fit into one expression.
const padding = '|no such text'.repeat(200)

// Few words, so that conditions and events meet; all three kinds of patterns, and lists that mix them.
const word = fc.constantFrom('web', 'Web', 'web-1', 'db', 'shop', 'Pod', 'BackOff', 'kubelet', 'a.b', '')
const written = word.filter((text) => text !== '')
const text = fc.oneof(
  written,
  written.map((one) => `${one}*`),
  written.map((one) => `*${one}`),
  written.map((one) => `/^${one.replaceAll('.', '\\.')}/`),
  written.map((one) => `/^${one.replaceAll('.', '\\.')}${padding}/`),
)
const texts = fc.oneof(text, fc.array(text, { minLength: 1, maxLength: 4 }))
const long = written.map((one) => `${one}${padding}`)
const message = fc.oneof(written, long, fc.array(fc.oneof(written, long), { minLength: 1, maxLength: 12 }))
const match: fc.Arbitrary<Match> = fc.record(
  {
    ...{
      type: texts,
      reason: texts,
      cause: texts,
      kind: texts,
      namespace: texts,
      name: texts,
      workload: texts,
      node: texts,
    },
    ...{ component: texts, cluster: texts, message, olderThan: fc.constantFrom('1h', '1d') },
    severity: fc.constantFrom('critical' as const, 'warning' as const, 'info' as const),
  },
  { requiredKeys: [] },
)
// Of one or two conditions each, so that some match.
const few = match.chain((all) =>
  fc
    .subarray(Object.keys(all) as (keyof Match)[], { maxLength: Math.min(2, Object.keys(all).length) })
    .map((names) => Object.fromEntries(names.map((name) => [name, all[name]])) as Match),
)
const fields = fc.record({
  ...{ type: word, reason: word, message: word },
  involvedObject: fc.record({ kind: word, namespace: word, name: word }),
  source: fc.record({ component: word, host: word }),
})

describe('the shortlist', () => {
  it('has every rule that matches, in order', () => {
    let matching = 0
    fc.assert(
      fc.property(
        fc.array(few, { maxLength: 30 }),
        fc.array(fields, { minLength: 1, maxLength: 5 }),
        (matches, events) => {
          const items = matches.map((one) => ({ match: parseMatch(one, compile).matcher }))
          const shortlist = shortlistOf(items)
          for (const given of events) {
            const found = toEvent(event(0, given))
            if (!found) throw new Error('no event')
            const subject = subjectOf(factsOf(found, 'db'))
            const now = Date.parse('2027-01-01T00:00:00Z')
            const wanted = [...items.keys()].filter((place) => items[place]?.match.unmet(subject, now) === undefined)
            const places = shortlist(subject)
            expect(places).toEqual([...new Set(places)].sort((a, b) => a - b))
            expect(wanted.filter((place) => !places.includes(place))).toEqual([])
            matching += wanted.length
          }
        },
      ),
      { numRuns: 1_000 },
    )
    expect(matching).toBeGreaterThan(1_000)
  })

  it('is short however many rules there are: of 1,000 for a message each it names the few that are asked in one expression', () => {
    const matches = Array.from({ length: 1_000 }, (_, number) => ({ message: `connection to db-${number}\\.internal` }))
    const shortlist = shortlistOf(matches.map((one) => ({ match: parseMatch(one, compile).matcher })))
    const found = toEvent(event(0, { message: 'no connection to db-700.internal' }))
    if (!found) throw new Error('no event')
    const places = shortlist(subjectOf(factsOf(found, 'c')))
    expect(places).toContain(700)
    expect(places.length).toBeLessThan(300)
  })

  it('is short: of 200 rules for one workload, namespace or message each it names the few that can match', () => {
    const matches: Match[] = Array.from(
      { length: 200 },
      (_, number) =>
        [
          { workload: `web-${number}` },
          { namespace: `team-${number}` },
          { message: `db-${number}\\b` },
          { name: `pod-${number}-*` },
        ][number % 4] ?? {},
    )
    const shortlist = shortlistOf(matches.map((one) => ({ match: parseMatch(one, compile).matcher })))
    const found = toEvent(event(0, { involvedObject: { kind: 'Pod', namespace: 'team-41', name: 'pod-7-x' } }))
    if (!found) throw new Error('no event')
    // With patterns it names all of their kind if one of them fits.
    expect(shortlist(subjectOf(factsOf(found, 'c'))).length).toBe(51)
  })
})
