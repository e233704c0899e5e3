import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { clean } from '../../../../lib/core/message/text/clean.ts'
import { tidyText } from '../../../../lib/emulator/text.ts'

const esc = '\u001B'
const bell = '\u0007'
const family = '👨\u200D👩\u200D👧'
const england = '🏴\u{E0067}\u{E0062}\u{E0065}\u{E006E}\u{E0067}\u{E007F}'

test.each([
  ['plain text', 'Back-off restarting failed container', 'Back-off restarting failed container'],
  ['other scripts', 'Größe 中文 עברית हिन्दी Việt Å', 'Größe 中文 עברית हिन्दी Việt Å'],
  ['ANSI colours', `${esc}[1;31mERROR${esc}[0m no ${esc}[38;5;208mdisk${esc}[K`, 'ERROR no disk'],
  ['ANSI colours of eight bits', '\u009B31mERROR\u009B0m', 'ERROR'],
  ['ANSI hyperlink', `see ${esc}]8;;https://a.example.com${bell}the docs${esc}]8;;${bell}!`, 'see the docs!'],
  ['ANSI hyperlink, ended by ST', `${esc}]8;;https://a.example.com${esc}\\docs${esc}]8;;${esc}\\`, 'docs'],
  ['window title of eight bits', '\u009D0;title\u009Cfailed', 'failed'],
  ['hyperlink without its end', `${esc}]8;;no such host`, '8;;no such host'],
  ['other escape sequences', `${esc}(B${esc}7${esc}=a${esc}cb`, 'ab'],
  ['escape alone', `a${esc}`, 'a'],
  ['CRLF', 'a\r\nb\r\n\r\nc', 'a\nb\n\nc'],
  ['CR', 'a\rb', 'a\nb'],
  ['tab', 'a\tb', 'a  b'],
  ['NUL', 'sh\0-c\0exit 1\0', 'sh -c exit 1'],
  ['separators', 'a\u001Cb\u001Dc\u001Ed\u001Fe', 'a b c d e'],
  ['vertical tab, form feed, NEL', 'a\vb\fc\u0085d', 'a\nb\nc\nd'],
  ['other controls', 'a\u0001\b\u000E\u007F\u0080\u009Ab', 'ab'],
  ['lone surrogates', 'a\uD83Db\uDE00', 'a\uFFFDb\uFFFD'],
  ['a pair of surrogates', 'a😀b', 'a😀b'],
  ['zero-width', 'se\u200Bcr\u2060et\u180E', 'secret'],
  ['bidi', '\u202Eevil\u202C \u2066a\u2069 b\u200Ec\u200Fd\u061C', 'evil a bcd'],
  ['soft hyphen', 'pass\u00ADword', 'password'],
  ['BOM', '\uFEFFa\uFEFFb', 'ab'],
  ['tags', `a\u{E0041}\u{E0042}b ${england}`, 'ab 🏴'],
  ['ZWJ in an emoji family', `a ${family} b`, `a ${family} b`],
  ['ZWJ between Latin letters', 'a\u200Db\u200Cc', 'abc'],
  ['ZWJ at the ends', '\u200D中\u200D', '中'],
  ['ZWJ in Indic script', 'क्\u200Dष', 'क्\u200Dष'],
  ['variation selector of an emoji', '⚠\uFE0F 1\uFE0F\u20E3', '⚠\uFE0F 1\uFE0F\u20E3'],
  ['variation selectors elsewhere', 'a\uFE0Fb 1\uFE00 ⚠\uFE0F\uFE01\uFE02', 'ab 1 ⚠\uFE0F'],
  ['more variation selectors', '中\u{E0100}', '中'],
  ['NBSP', 'a\u00A0b\u202Fc', 'a b c'],
  ['wide spaces', 'a\u2003b\u3000c\u1680d', 'a b c d'],
  ['fillers and what is blank', 'a\u3164b\u2800c\u115Fd\uFFFCe', 'a b c d e'],
  ['U+2028', 'a\u2028b\u2029c', 'a\nb\nc'],
  ['zalgo', `Z${'\u0301\u0316'.repeat(20)}algo`, `Z${'\u0301\u0316'.repeat(2)}algo`],
  ['marks at the beginning of a line', '\u0301a\n\u0302\u0303b', 'a\nb'],
  ['ring over a letter', 'A\u030Angstro\u0308m', 'Ångstro\u0308m'],
  ['ring, double underline and overline', 'b\u030A c\u0333 d\u033F', 'b c d'],
  ['blank lines', '\n\na\n\n\n\n b\n \n \nc\n\n', 'a\n\n b\n\nc'],
  ['spaces at line ends', 'a   \n  b  ', 'a\n  b'],
  ['line of what is invisible', 'a\n\u200B\n\u200B\n\u200B\nb', 'a\n\nb'],
  ['nothing', '', ''],
])('%s', (_, text, cleaned) => {
  expect(clean(text)).toBe(cleaned)
})

test.each([
  ['spaces and lines', ' \n \r\n\t\u00A0\u2028\u3000'],
  ['controls', '\0\u0001\u007F\u0085\u009C'],
  ['escape sequences', `${esc}[0m${esc}]8;;https://a.example.com${bell}${esc}c`],
  ['invisible characters', '\u200B\u200C\u200D\u200E\u200F\u202E\u2060\u2066\u00AD\uFEFF\u{E0041}'],
  ['fillers', '\u115F\u1160\u3164\uFFA0\u2800\uFFFC'],
  ['marks', '\u0301\uFE0F\u20E3\u030A'],
])('nothing but %s', (_, text) => {
  expect(clean(text)).toBe('')
})

const units = [
  ...['a', 'A', 'u', '1', '#', '[', ']', 'm', '\\', ';', ' ', '\n', '\r', '\t', '\0', '\u001C', '\u0001', '\u007F'],
  ...[esc, `${esc}[`, `${esc}]8;;`, `${esc}\\`, bell, '\u0085', '\u0090', '\u009B', '\u009C', '\u009D'],
  ...['\uD83D', '\uDE00', '😀', '👩', '\u200D', '\u200C', '\u200B', '\u200E', '\u200F', '\u2028', '\u202A', '\u202E'],
  ...['\u00AD', '\uFEFF', '\u00A0', '\u3000', '\u3164', '\u2800', '\uFFFC', '\uFFF9', '\u{E0041}', '\u{E0100}'],
  ...['\u0301', '\u0316', '\u0323', '\u030A', '\u0333', '\u033F', '\uFE0F', '\uFE00', '\u20E3', 'क', '्', 'é', '中'],
]
const noisy = fc.array(fc.constantFrom(...units), { maxLength: 25 }).map((some) => some.join(''))
const anything = fc.oneof(noisy, fc.string({ unit: 'binary', maxLength: 100 }), fc.string({ unit: 'grapheme' }))

describe('any text', () => {
  it('does not change when it is cleaned again', () => {
    fc.assert(
      fc.property(anything, (text) => {
        const cleaned = clean(text)
        expect(clean(cleaned)).toBe(cleaned)
      }),
      { numRuns: 10_000 },
    )
  })

  it('is well-formed and has nothing that Telegram removes or refuses', () => {
    fc.assert(
      fc.property(anything, (text) => {
        const cleaned = clean(text)
        expect(cleaned.isWellFormed()).toBe(true)
        expect(cleaned).not.toMatch(/[\p{Cc}--\n]|[\u2028-\u202E]/v)
        expect(cleaned).not.toMatch(/^\n|\n$| $|\n{3}/)
        const kept = tidyText({ text: `${cleaned}.`, entities: [] })
        expect(kept).toMatchObject({ formatted: { text: `${cleaned}.`.trimStart() } })
      }),
      { numRuns: 10_000 },
    )
  })

  it('keeps its printable ASCII', () => {
    const word = fc.string({ unit: fc.constantFrom(...'abcXYZ019-_./:"'), minLength: 1, maxLength: 20 })
    fc.assert(
      fc.property(noisy, word, (noise, said) => {
        expect(clean(`${noise}${bell} ${said}`)).toContain(said)
      }),
      { numRuns: 5_000 },
    )
  })
})

test.each([
  ...units,
  `${esc}[0`,
  '\u0090a',
  '\u200Da',
  'a\u200D',
  '1\uFE0F',
  ' \n',
  '\n ',
  ' a',
  'A\u030A',
  `a${esc}]`,
])('a megabyte of %j takes little longer than any other', (unit) => {
  const text = unit.repeat(2 ** 20 / unit.length)
  const start = performance.now()
  clean(`a${esc}]${text}é`)
  clean(`é${text}a`)
  expect(performance.now() - start).toBeLessThan(4_000)
})
