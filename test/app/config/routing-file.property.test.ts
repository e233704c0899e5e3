import { setFlagsFromString } from 'node:v8'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { openCompiler } from '../../../lib/app/config/regex.ts'
import { readRouting } from '../../../lib/app/config/routing-file.ts'

const target = { name: '-1', chat: '-1', threadId: undefined }
const context = {
  target,
  timeZone: 'UTC',
  compile: openCompiler(setFlagsFromString),
  environment: {},
  now: 1_795_000_000_000,
}
const read = (text: string) => readRouting(text, 'rules.yml', context)

describe('any content of the file', () => {
  const key = fc.constantFrom(
    'rules',
    'match',
    'except',
    'name',
    'to',
    'targets',
    'quiet',
    'mutes',
    'routes',
    'suppressed',
    'watchdog',
    'cause',
  )
  const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 6 },
      fc.constantFrom<unknown>('a', '', 5, null, true, '/(/', '22:00', `\${X}`, 'probes'),
      fc.array(tie('tree'), { maxLength: 3 }),
      fc.dictionary(fc.oneof(key, fc.string({ maxLength: 5 })), tie('tree'), { maxKeys: 5 }),
    ),
  }))

  it('is read, and mistakes are reported with their place', () => {
    let wrong = 0
    const sections = ['targets', 'rules', 'routes', 'quiet', 'mutes', 'suppressed', 'watchdog']
    const file = fc.record(Object.fromEntries(sections.map((section) => [section, tree])), { requiredKeys: [] })
    fc.assert(
      fc.property(fc.oneof(file, tree), (value) => {
        const { problems } = read(JSON.stringify(value))
        for (const problem of problems) expect(problem).toMatch(/^rules\.yml, line 1(?:, \S.*)?: \S.*[^;,: ]$/s)
        wrong += problems.length
      }),
      { numRuns: 500 },
    )
    expect(wrong).toBeGreaterThan(500)
  })

  it('may be invalid YAML', () => {
    const piece = fc.constantFrom(
      'a: ',
      '- ',
      '\n',
      '  ',
      '*a',
      '&a ',
      '[',
      ']',
      '{',
      '}',
      '"',
      "'",
      '!x ',
      '? ',
      '---\n',
      '|\n',
      '\t',
      '%',
      '<<: ',
    )
    fc.assert(
      fc.property(fc.array(fc.oneof(piece, fc.string({ maxLength: 3 })), { maxLength: 20 }), (pieces) => {
        for (const problem of read(pieces.join('')).problems) expect(problem).toMatch(/^rules\.yml, line \d+[,:] \S/)
      }),
      { numRuns: 2_000 },
    )
  })
})
