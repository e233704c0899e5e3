import fc from 'fast-check'
import { expect, it, test } from 'vitest'
import { codePoints } from '../../../../lib/core/message/text/clip.ts'
import { endsWithin, headWithin } from '../../../../lib/core/message/text/room.ts'

const family = '👨‍👩‍👧'
const bytesOf = (text: string) => Buffer.byteLength(JSON.stringify(text)) - 2
const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' })
const clusters = (text: string) => [...segmenter.segment(text)].map(({ segment }) => segment)

const pieces = fc.constantFrom(
  'a',
  ' ',
  '\n',
  '"',
  '\\',
  '\u0001',
  'word ',
  '漢',
  'e\u0301',
  '🚀',
  family,
  '🇩🇪',
  '\ud83d',
  '\udc00',
)
const texts = fc.oneof(
  fc.string({ maxLength: 300 }),
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.array(pieces, { maxLength: 300 }).map((parts) => parts.join('')),
)
const rooms = fc.integer({ min: 0, max: 400 })

test.each([
  ['fits', 'abc', 3, 'abc'],
  ['is too long', 'abcd', 3, 'abc'],
  ['has quotes', '"""', 4, '""'],
  ['has line ends', '\n\n\n', 4, '\n\n'],
  ['has control characters', '\u0001\u0001', 11, '\u0001'],
  ['has letters of three bytes', '漢漢', 5, '漢'],
  ['has emoji', `ab${family}`, 12, 'ab'],
  ['has half a pair', 'a\ud83d', 4, 'a\ufffd'],
])('a beginning that %s', (_, text, most, expected) => {
  expect(headWithin(text, most)).toBe(expected)
})

it('the beginning fits and ends between characters', () => {
  fc.assert(
    fc.property(texts, rooms, (given, most) => {
      const text = given.toWellFormed()
      const cut = headWithin(given, most)
      expect(bytesOf(cut)).toBeLessThanOrEqual(most)
      expect(clusters(text).slice(0, clusters(cut).length)).toEqual(clusters(cut))
      expect(cut === text).toBe(bytesOf(text) <= most)
      expect(headWithin(cut, most)).toBe(cut)
      const next = clusters(text)[clusters(cut).length]
      if (next !== undefined) expect(bytesOf(cut + next)).toBeGreaterThan(most)
    }),
    { numRuns: 2_000 },
  )
})

test.each([
  ['fits', 'abc', 3, 'abc', '', 0],
  ['is one word', 'x'.repeat(100), 50, 'x'.repeat(30), 'x'.repeat(20), 50],
  [
    'has words',
    'Failed to do this: since that: and so on, and so forth: not found',
    50,
    'Failed to do this: since that:',
    'so forth: not found',
    16,
  ],
  [
    'has lines',
    `first\nsecond\n${'x'.repeat(60)}\nthe last of it`,
    40,
    `first\nsecond\n${'x'.repeat(11)}`,
    'the last of it',
    50,
  ],
  ['has emoji', family.repeat(10), 100, family.repeat(3), family.repeat(2), 25],
])('both ends of a text that %s', (_, text, most, head, tail, missing) => {
  expect(endsWithin(text, most)).toEqual({ head, tail, missing })
})

it('both ends fit together, are cut between characters, and the rest is counted', () => {
  fc.assert(
    fc.property(texts, rooms, (given, most) => {
      const text = given.toWellFormed()
      const { head, tail, missing } = endsWithin(given, most)
      expect(bytesOf(head) + bytesOf(tail)).toBeLessThanOrEqual(most)
      expect((head + tail).isWellFormed()).toBe(true)
      const [all, heads, tails] = [clusters(text), clusters(head), clusters(tail)]
      expect(all.slice(0, heads.length)).toEqual(heads)
      expect(tails.length === 0 ? [] : all.slice(-tails.length)).toEqual(tails)
      expect(codePoints(head) + missing + codePoints(tail)).toBe(codePoints(text))
      expect({ head, tail, missing }.missing === 0).toBe(bytesOf(text) <= most)
      expect(endsWithin(head, most)).toEqual({ head, tail: '', missing: 0 })
      expect(endsWithin(head + tail, most)).toEqual({ head: head + tail, tail: '', missing: 0 })
    }),
    { numRuns: 2_000 },
  )
})

it('both ends use nearly all of the room, and the end at least a third of it', () => {
  fc.assert(
    fc.property(
      fc.string({ minLength: 3_000, maxLength: 4_000 }),
      fc.integer({ min: 300, max: 2_000 }),
      (text, most) => {
        const { head, tail } = endsWithin(text, most)
        expect(bytesOf(head) + bytesOf(tail)).toBeGreaterThan(most - 60)
        expect(bytesOf(tail)).toBeGreaterThan(most * 0.4 - 60)
      },
    ),
    { numRuns: 100 },
  )
})

test.each(['x', '"', '\ud83d', '🇩🇪', 'e\u0301', '\u0301', '\u200d', family, '漢', ' ', '\n'])(
  'a megabyte of %j takes no longer than counting it',
  (unit) => {
    const text = unit.repeat(2 ** 20 / unit.length)
    const start = performance.now()
    headWithin(text, 2_000)
    endsWithin(text, 2_000)
    expect(performance.now() - start).toBeLessThan(500)
  },
)
