import fc from 'fast-check'
import { expect, it, test } from 'vitest'
import { clean } from '../../../../lib/core/message/text/clean.ts'
import { maskSecrets } from '../../../../lib/core/message/text/mask.ts'
import { atMost, tidy, tidyBeginning } from '../../../../lib/core/message/text/tidy.ts'
import { anySecretText, leaked } from '../../../support/secrets.ts'

it('cleans and masks a text of any length, whatever came before', () => {
  const text = fc.oneof(fc.string(), anySecretText(9_000))
  fc.assert(
    fc.property(text, text, (one, other) => {
      for (const each of [one, other, one, one]) expect(tidy(each)).toBe(maskSecrets(clean(each)))
    }),
  )
})

it('shows no part of a secret at the end of a beginning', () => {
  fc.assert(
    fc.property(anySecretText(6_000), fc.integer({ min: 30, max: 5_000 }), (text, characters) => {
      expect(tidyBeginning(text, characters)).not.toMatch(leaked)
      if (text.length > characters) expect(atMost(text, characters)).not.toMatch(leaked)
    }),
    { numRuns: 1_000 },
  )
})

test.each([
  ['a short one', 'web\u200B-0', 'web\u200B-0'],
  ['one of just that length', 'x'.repeat(253), 'x'.repeat(253)],
  ['a longer one', 'x'.repeat(254), 'x'.repeat(253)],
  ['one with a secret at its end', `${'x'.repeat(240)} password=hunter2`, `${'x'.repeat(240)} password=<se`],
])('a name: %s', (_, name, expected) => {
  expect(atMost(name, 253)).toBe(expected)
})

test.each(['a', '\u200B', '😀', 'password=hunter2 ', '://a:b@', '-----BEGIN PRIVATE KEY-----', 'eyJaaaaaaaa'])(
  'the beginning of a megabyte of %j takes no longer than that of any other text',
  (unit) => {
    const text = unit.repeat(2 ** 20 / unit.length)
    const start = performance.now()
    for (let times = 0; times < 20; times += 1) tidyBeginning(text, 2_000)
    expect(performance.now() - start).toBeLessThan(1_000)
  },
)
