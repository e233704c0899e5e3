import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { suggest } from '../../../lib/app/config/suggest.ts'

const keys = [
  'name',
  'match',
  'except',
  'action',
  'atLeast',
  'within',
  'per',
  'severity',
  'silent',
  'hint',
  'link',
  'zone',
]

describe('did you mean', () => {
  test.each([
    ['a letter missing', 'mtch', 'match'],
    ['a letter too many', 'matcch', 'match'],
    ['a wrong letter', 'eccept', 'except'],
    ['two swapped', 'wihtin', 'within'],
    ['another case', 'atleast', 'atLeast'],
    ['all capitals', 'SEVERITY', 'severity'],
    ['two mistakes in a long word', 'sevrty', 'severity'],
    ['the nearest of several', 'hin', 'hint'],
    ['a part of what was written', 'timezone', 'zone'],
    ['the word itself', 'link', 'link'],
    ['too far', 'mute', undefined],
    ['nothing like it', 'labels', undefined],
    ['one letter is not enough to guess by', 'x', undefined],
    ['nothing', '', undefined],
  ])('%s: %s', (_, given, expected) => {
    expect(suggest(given, keys)).toBe(expected)
  })

  it('does not guess among several that have it as a part', () => {
    expect(suggest('probe', ['probe-liveness', 'probe-readiness'])).toBeUndefined()
    expect(suggest('liveness', ['probe-liveness', 'probe-readiness'])).toBe('probe-liveness')
  })

  it('finds every word of more than two letters with one letter left out, and names only words', () => {
    const word = fc.stringMatching(/^[a-z]{3,12}$/)
    fc.assert(
      fc.property(word, fc.nat(11), fc.array(word), (one, at, others) => {
        const given = one.slice(0, at % one.length) + one.slice((at % one.length) + 1)
        expect([one, ...others]).toContain(suggest(given, [one, ...others]))
        expect([undefined, ...others]).toContain(suggest(given, others))
      }),
    )
  })
})
