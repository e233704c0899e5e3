import { performance } from 'node:perf_hooks'
import { setFlagsFromString } from 'node:v8'
import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { openCompiler } from '../../../lib/app/config/regex.ts'
import { type Pattern, parseMessagePattern, parsePattern } from '../../../lib/core/routing/pattern.ts'

const compile = openCompiler(setFlagsFromString)

function patternOf(parsed: Pattern | { problem: string }): Pattern {
  if ('problem' in parsed) throw new Error(parsed.problem)
  return parsed
}

const matches = (source: string, text: string) => {
  const pattern = patternOf(parsePattern(source, compile))
  return pattern.test(pattern.kind === 'regex' ? text : text.toLowerCase())
}
const finds = (source: string, text: string) => patternOf(parseMessagePattern(source, compile)).test(text)

describe('a text of a condition', () => {
  test.each([
    ['a literal', 'web', 'web', true],
    ['another case', 'WEB', 'Web', true],
    ['only a part', 'web', 'web-1', false],
    ['an empty text', '', '', true],
    ['a dot is a letter', 'a.b', 'axb', false],
    ['a glob’s beginning', 'web-*', 'web-1', true],
    ['a glob’s end', '*-web', 'my-web', true],
    ['a star for no characters', 'web*', 'web', true],
    ['another ending', '*-web', 'my-web-1', false],
    ['stars between', 'a*b*c', 'a-b-c', true],
    ['stars in the wrong order', 'a*b*c', 'a-c-b', false],
    ['no letter matches twice', 'aba*aba', 'ababa', false],
    ['a star alone', '*', '', true],
    ['brackets are letters', '[a]*', 'a', false],
    ['line breaks', 'a*b', 'a\nb', true],
    ['a regular expression', '/^web-\\d+$/', 'web-12', true],
    ['an expression is case-sensitive', '/^web/', 'Web', false],
    ['an expression matches anywhere', '/eb/', 'web', true],
    ['a single slash', '/', '/', true],
    ['two slashes', '//', '//', true],
    ['a kind and a name', 'deployment/web*', 'Deployment/web-1', true],
  ])('%s: %j against %j', (_, source, text, expected) => {
    expect(matches(source, text)).toBe(expected)
  })

  test.each([
    ['a part of a message', 'back-off', 'a back-off of 5m', true],
    ['is case-sensitive', 'Back-off', 'a back-off of 5m', false],
    ['with slashes or without', '/^a/', 'a back-off', true],
    ['a path', '/var/lib', 'no /var/lib here', true],
    ['a star is not a glob', 'bac*k-off', 'back-off', true],
  ])('%s: %j in %j', (_, source, text, expected) => {
    expect(finds(source, text)).toBe(expected)
  })

  it('matches exactly what its own expression matches, which the shortlist uses', () => {
    const piece = fc.constantFrom('a', 'B', '*', '-', '.', '(', '[', '\\', '$', 'ab', '\n', 'é')
    const word = fc.array(piece, { maxLength: 6 }).map((pieces) => pieces.join(''))
    fc.assert(
      fc.property(word, word, (source, text) => {
        const pattern = patternOf(parsePattern(source, compile))
        expect(pattern.test(text.toLowerCase())).toBe(new RegExp(pattern.expression).test(text.toLowerCase()))
      }),
      { numRuns: 2_000 },
    )
  })
})

describe('an expression of an operator', () => {
  const many = 4_000
  const evil: [string, string][] = [
    ['(a+)+$', `${'a'.repeat(many)}!`],
    ['(a*)*$', `${'a'.repeat(many)}!`],
    ['(a|a)*$', `${'a'.repeat(many)}!`],
    ['(a|aa)+$', `${'a'.repeat(many)}!`],
    ['(.*a){12}$', `${'a'.repeat(many)}!`],
    ['^(([a-z])+.)+[A-Z]([a-z])+$', 'a'.repeat(many)],
    ['(\\w+\\s?)*$', `${'word '.repeat(many / 5)}!`],
    ['([^"]*"[^"]*")*x', '"'.repeat(many)],
    ['(x+x+)+y', 'x'.repeat(many)],
    ['(\\d+)*[a-f]+$', '1'.repeat(many)],
    ['a*a*a*a*a*b', 'a'.repeat(many)],
    ['(?:a?){16}(?:a?a?){8}a{16}b', 'a'.repeat(many)],
    ['(?<=x)(a+)+$', `x${'a'.repeat(many)}!`],
    ['^(?:.|\\s)*?z$', ' '.repeat(many)],
  ]

  function millisecondsOf(source: string, text: string): number[] {
    const pattern = patternOf(parseMessagePattern(source, compile))
    return Array.from({ length: 3 }, () => {
      const startedAt = performance.now()
      pattern.test(text)
      return performance.now() - startedAt
    })
  }

  test.each(evil)('%s runs in no noticeable time', (source, text) => {
    const harmless = Math.max(...millisecondsOf('[a-z]x[a-z]y[a-z]z', text))
    expect(Math.max(...millisecondsOf(source, text))).toBeLessThan(50 + 100 * harmless)
  })

  test.each(evil.slice(0, 4))('%s runs in linear time', (source, text) => {
    // Other load on the machine only adds to the time, so compare the shortest runs.
    const half = Math.min(...millisecondsOf(source, text.slice(text.length / 2)))
    expect(Math.min(...millisecondsOf(source, text))).toBeLessThan(4 * half + 5)
  })

  test.each([
    ['a syntax error', '(', /^is not a valid regular expression \(Unterminated group\)$/],
    ['a lookahead', '(a+)+(?=b)', /^cannot run in linear time/],
    ['a negative lookahead', 'a(?!b)', /^cannot run in linear time/],
    ['a back-reference', '(a+)\\1', /^cannot run in linear time/],
    ['a named back-reference', '(?<x>a+)\\k<x>', /^cannot run in linear time/],
    ['a count above sixteen', 'a{17}', /^cannot run in linear time/],
    ['nested counts', '(a{5}){4}', /^cannot run in linear time/],
  ])('%s is refused: %s', (_, source, expected) => {
    const refused = { problem: expect.stringMatching(expected) }
    expect(parseMessagePattern(source, compile)).toEqual(refused)
    expect(parsePattern(`/${source}/`, compile)).toEqual(refused)
  })
})
