import fc from 'fast-check'
import { expect, it, test } from 'vitest'
import { clip, codePoints } from '../../lib/format/clip.ts'

test.each([
  ['short enough', 'abc', 30, 'abc'],
  ['astral characters count once', '🚀'.repeat(30), 30, '🚀'.repeat(30)],
  ['too long', 'x'.repeat(100), 40, `${'x'.repeat(21)}… (+79 characters)`],
  ['between surrogates', '🚀'.repeat(100), 40, `${'🚀'.repeat(21)}… (+79 characters)`],
])('%s', (_, text, most, expected) => {
  expect(clip(text, most)).toBe(expected)
})

it('never exceeds the limit, never cuts a pair, keeps what fits', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 300 }), fc.integer({ min: 30, max: 200 }), (text, most) => {
      const clipped = clip(text, most)
      expect([...clipped].length).toBe(codePoints(clipped))
      expect(codePoints(clipped)).toBeLessThanOrEqual(most)
      expect(clipped.isWellFormed()).toBe(text.isWellFormed() || clipped.isWellFormed())
      if ([...text].length <= most) expect(clipped).toBe(text)
    }),
    { numRuns: 2_000 },
  )
})
