import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { formatNumber } from '../../../../lib/core/message/counts.ts'
import { codePoints, clip as cut, clipEnds as cutEnds, type Ends } from '../../../../lib/core/message/text/clip.ts'
import { en } from '../../../../lib/core/message/words/en.ts'

const english = (missing: number) => en.card.cut(formatNumber(missing, en.card))
const clip = (text: string, most: number, missing = 0, note = english) => cut(text, most, missing, note)
const clipEnds = (ends: Ends, most: number, note = english) => cutEnds(ends, most, note)

const family = '👨‍👩‍👧'
const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' })
const clusters = (text: string) => [...segmenter.segment(text)].map(({ segment }) => segment)

/** Texts of characters that must not be cut, with plain ones between. */
const mixed = fc
  .array(fc.constantFrom('a', ' ', '\n', 'word ', '漢', 'é', 'e\u0301', '🚀', family, '👍🏽', '🇩🇪', '1️⃣', '각', 'क्षि'), {
    maxLength: 200,
  })
  .map((parts) => parts.join(''))

test.each([
  ['short enough', 'abc', 30, 'abc'],
  ['astral characters count once', '🚀'.repeat(30), 30, '🚀'.repeat(30)],
  ['too long', 'x'.repeat(100), 40, `${'x'.repeat(21)}… (+79 characters)`],
  ['between surrogates', '🚀'.repeat(100), 40, `${'🚀'.repeat(21)}… (+79 characters)`],
  ['within a family', `${'x'.repeat(19)}${family.repeat(20)}`, 40, `${'x'.repeat(19)}… (+100 characters)`],
  ['within a flag', `${'x'.repeat(20)}${'🇩🇪'.repeat(40)}`, 40, `${'x'.repeat(20)}… (+80 characters)`],
  [
    'between a letter and its accent',
    `${'x'.repeat(20)}e\u0301${'x'.repeat(80)}`,
    40,
    `${'x'.repeat(20)}… (+82 characters)`,
  ],
])('%s', (_, text, most, expected) => {
  expect(clip(text, most)).toBe(expected)
})

it('ends with … alone without a note', () => {
  expect(cut('x'.repeat(100), 40)).toBe(`${'x'.repeat(39)}…`)
})

it('counts what was missing before', () => {
  expect(clip('abc', 30, 2_310)).toBe('abc… (+2,310 characters)')
})

it('takes the note of another language', () => {
  expect(clip('字'.repeat(100), 40, 0, (missing) => `…（还有 ${missing} 个字符）`)).toBe(
    `${'字'.repeat(27)}…（还有 73 个字符）`,
  )
})

it('never exceeds the limit, cuts between characters, and keeps what fits', () => {
  const texts = fc.oneof(fc.string({ unit: 'binary', maxLength: 300 }), mixed)
  fc.assert(
    fc.property(texts, fc.integer({ min: 30, max: 200 }), (text, most) => {
      const clipped = clip(text, most)
      expect([...clipped].length).toBe(codePoints(clipped))
      expect(codePoints(clipped)).toBeLessThanOrEqual(most)
      expect(clipped.isWellFormed()).toBe(text.isWellFormed() || clipped.isWellFormed())
      if ([...text].length <= most) expect(clipped).toBe(text)
    }),
    { numRuns: 2_000 },
  )
})

it('starts with whole characters and counts the rest', () => {
  fc.assert(
    fc.property(mixed, fc.integer({ min: 30, max: 200 }), (text, most) => {
      const clipped = clip(text, most)
      if (clipped === text) return
      const [, head = '', missing = ''] = /^(.*)… \(\+([\d,]+) characters\)$/s.exec(clipped) ?? []
      expectWhole(text, head, '')
      expect(codePoints(head) + Number(missing.replaceAll(',', ''))).toBe(codePoints(text))
    }),
    { numRuns: 1_000 },
  )
})

describe('both ends', () => {
  const words = Array.from({ length: 100 }, (_, index) => `word${index}`).join(' ')

  test.each([
    ['nothing missing', whole('abc'), 60, 'abc'],
    [
      'missing already',
      { head: 'Failed to', tail: 'not found', missing: 2_310 },
      60,
      'Failed to … (+2,310 characters) … not found',
    ],
    ['in lines', { head: 'a\nb', tail: 'c', missing: 9 }, 60, 'a\nb\n… (+9 characters) …\nc'],
    ['no end known', { head: 'abc', tail: '', missing: 9 }, 60, 'abc… (+9 characters)'],
    [
      'too long, at words',
      whole(words),
      80,
      'word0 word1 word2 word3 word4 word5 … (+634 characters) … word97 word98 word99',
    ],
    ['one word', whole('x'.repeat(200)), 60, `${'x'.repeat(23)} … (+163 characters) … ${'x'.repeat(14)}`],
    [
      'at lines',
      whole(`the first line of this longer text\n${'x'.repeat(80)}\nthe last line of it`),
      80,
      'the first line of this longer text\n… (+82 characters) …\nthe last line of it',
    ],
  ])('%s', (_, ends, most, expected) => {
    expect(clipEnds(ends, most)).toBe(expected)
  })

  it('takes a note of any length', () => {
    const note = (missing: number) => `…（中间省略了 ${missing} 个字符，请看集群里的事件）`
    const clipped = clipEnds(whole(words), 80, note)
    expect(clipped).toMatch(/^word0 .*…（中间省略了 \d+ 个字符，请看集群里的事件） … .* word99$/)
    expect(codePoints(clipped)).toBeLessThanOrEqual(80)
  })

  it('never exceed the limit, are cut between characters, and are counted correctly', () => {
    fc.assert(
      fc.property(mixed, mixed, fc.nat(99_999), fc.integer({ min: 60, max: 300 }), (head, tail, missing, most) => {
        const ends = missing === 0 ? whole(head) : { head, tail: `${tail}.`, missing }
        const clipped = clipEnds(ends, most)
        expect(codePoints(clipped)).toBeLessThanOrEqual(most)
        expect(clipped.isWellFormed()).toBe(true)
        const [, begun = '', number, ended = ''] =
          /^(.*)[ \n]… \(\+([\d,]+) characters\) …[ \n](.*)$/s.exec(clipped) ?? []
        if (number === undefined) {
          expect(clipped).toBe(head)
          return
        }
        if (missing > 0) {
          expectWhole(head, begun, '')
          expectWhole(ends.tail, '', ended)
        } else expectWhole(head, begun, ended)
        expect(codePoints(begun) + Number(number.replaceAll(',', '')) + codePoints(ended)).toBe(
          codePoints(ends.head) + ends.missing + codePoints(ends.tail),
        )
      }),
      { numRuns: 2_000 },
    )
  })

  it('leave more than half of the room for the text', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 100, max: 2_000 }),
        fc.string({ minLength: 3_000, maxLength: 3_000 }),
        (most, text) => {
          const clipped = clipEnds(whole(text), most)
          expect(codePoints(clipped)).toBeGreaterThan(most - 60)
          expect(text.endsWith(clipped.slice(-Math.floor(most / 10)))).toBe(true)
        },
      ),
      { numRuns: 100 },
    )
  })
})

/** Expects that each part consists of whole characters of the text. */
function expectWhole(text: string, head: string, tail: string) {
  const all = clusters(text)
  const heads = clusters(head)
  const tails = clusters(tail)
  expect(all.slice(0, heads.length)).toEqual(heads)
  expect(tails.length === 0 ? [] : all.slice(-tails.length)).toEqual(tails)
}

test.each(['x', '\ud83d', '🇩🇪', 'e\u0301', '\u0301', '\u200d', family, '漢', ' ', '\n'])(
  'a megabyte of %j takes no longer than counting it',
  (unit) => {
    const text = unit.repeat(2 ** 20 / unit.length)
    const start = performance.now()
    clip(text, 4_000)
    clipEnds(whole(text), 4_000)
    expect(performance.now() - start).toBeLessThan(1_000)
  },
)

function whole(head: string) {
  return { head, tail: '', missing: 0 }
}
