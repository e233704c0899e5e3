import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Entity } from '../../lib/standin/entity.ts'
import { type ParsedHtml, parseHtml } from '../../lib/standin/html.ts'
import { loadTdlib } from '../support/tdlib.ts'

describe('parseHtml', () => {
  test.each([
    ['a tag', '<b>x</b> &lt;', 'x <', [{ type: 'bold', offset: 0, length: 1 }]],
    ['offsets in UTF-16 units', '😀<i>é</i>', '😀é', [{ type: 'italic', offset: 2, length: 1 }]],
    [
      'code with language',
      '<pre><code class="language-go">a</code></pre>',
      'a',
      [{ type: 'pre', offset: 0, length: 1, language: 'go' }],
    ],
    ['a link without a dot is dropped', '<a href="http://localhost:3000">x</a>', 'x', []],
    [
      'a time',
      '<tg-time unix="5" format="Twd">x</tg-time>',
      'x',
      [{ type: 'date_time', offset: 0, length: 1, unix: 5, format: 'wdT' }],
    ],
    [
      'a folded quote',
      '<blockquote expandable>x</blockquote>',
      'x',
      [{ type: 'expandable_blockquote', offset: 0, length: 1 }],
    ],
    ['apostrophe entity stays', '&apos;&nbsp;', '&apos;&nbsp;', []],
  ] satisfies [string, string, string, Entity[]][])('%s', (_name, html, text, entities) => {
    expect(parseHtml(html)).toEqual({ kind: 'parsed', text, entities })
  })

  test.each([
    ['a < 5', 'Unsupported start tag "" at byte offset 2'],
    ['é<none>', 'Unsupported start tag "none" at byte offset 2'],
    ['<b', 'Unclosed start tag at byte offset 0'],
    ['<b x=', 'Unclosed start tag "b" at byte offset 0'],
    ['<b /x>', 'Empty attribute name in the tag "b" at byte offset 0'],
    ['<b x=a"b>', 'Unexpected end of name token at byte offset 5'],
    ['</b>', 'Unexpected end tag at byte offset 0'],
    ['<b>x</b', 'Unclosed end tag at byte offset 4'],
    ['<b>x</i>', 'Unmatched end tag at byte offset 4, expected "</b>", found "</i>"'],
    ['<i><b>x', 'Can\'t find end tag corresponding to start tag "b"'],
    ['<span>x</span>', 'Tag "span" must have class "tg-spoiler" at byte offset 0'],
    ['<tg-time unix="5" format="q">x</tg-time>', 'Invalid date format used'],
    ['<tg-emoji>x</tg-emoji>', 'Invalid custom emoji identifier specified'],
    ['&#55357;', expect.stringContaining('invalid Unicode characters') as string],
  ])('refuses %s', (html, why) => {
    expect(parseHtml(html)).toEqual({ kind: 'refused', why })
  })
})

const tdlib = realParser()

describe.skipIf(!tdlib)(
  `parseHtml is TDLib's parser${tdlib ? '' : ' (skipped: @prebuilt-tdlib is not installed)'}`,
  () => {
    test('for generated HTML', () => {
      fc.assert(
        fc.property(html(), (text) => {
          expect(parseHtml(text)).toEqual(tdlib?.(text))
        }),
        { numRuns: 6000 },
      )
    })

    test('for generated links', () => {
      fc.assert(
        fc.property(link(), (url) => {
          const text = `<a href="${url}">x</a>`
          expect(parseHtml(text)).toEqual(tdlib?.(text))
        }),
        { numRuns: 4000 },
      )
    })
  },
)

function html(): fc.Arbitrary<string> {
  const { node } = fc.letrec<{ node: string; tree: string }>((tie) => ({
    node: fc.oneof({ maxDepth: 4 }, { weight: 4, arbitrary: words() }, { weight: 3, arbitrary: tie('tree') }),
    tree: fc
      .tuple(
        startTag(),
        fc.array(tie('node'), { maxLength: 3 }),
        fc.constantFrom('own', 'own', 'own', 'own', '</>', '</b>', '', '</ >'),
      )
      .map(([[name, start], inside, end]) => start + inside.join('') + (end === 'own' ? `</${name}>` : end)),
  }))
  const broken = fc.constantFrom(
    '<',
    '</',
    '<b',
    '<a href="',
    '<a href',
    '<a =',
    '</b',
    '>',
    '<b/>',
    '<!-- x -->',
    '<br>',
    '<É>',
  )
  return fc
    .array(fc.oneof({ weight: 12, arbitrary: node }, { weight: 1, arbitrary: broken }), { maxLength: 6 })
    .map((parts) => parts.join(''))
}

function startTag(): fc.Arbitrary<[string, string]> {
  const names = 'a b strong i em s strike del u ins tg-spoiler tg-emoji tg-time span pre code blockquote B Code'.split(
    ' ',
  )
  const fitting = fc.constantFrom(
    ...[
      '',
      ' href="http://a.b/c?d=1&amp;e"',
      ' href=x.y',
      ' class="language-go"',
      " class='tg-spoiler'",
      ' emoji-id="5368324170671202286"',
    ],
    ...[
      ' unix="1700000000" format="wDT"',
      ' unix="1" format="r"',
      ' unix=12',
      ' format="x"',
      ' expandable',
      '\texpandable = "0"',
    ],
  )
  const odd = fc
    .tuple(
      fc.constantFrom(' ', '\n', '', '  '),
      fc.constantFrom('href', 'class', 'unix', 'format', 'x', ''),
      fc.constantFrom('=', ' = ', ''),
      fc.constantFrom('"tg-x"', "'&quot;'", 'A.b-1', '"é😀"', '5', '"', '', '/'),
    )
    .map((parts) => parts.join(''))
  const attributes = fc.array(fc.oneof({ weight: 5, arbitrary: fitting }, { weight: 1, arbitrary: odd }), {
    maxLength: 2,
  })
  return fc.tuple(fc.constantFrom(...names), attributes).map(([name, list]) => {
    const needed = name === 'span' && list.length === 0 ? ' class="tg-spoiler"' : ''
    return [name, `<${name}${needed}${list.join('')}>`]
  })
}

function words(): fc.Arbitrary<string> {
  const odd = [
    '&lt;',
    '&gt',
    '&amp;',
    '&quot;',
    '&apos;',
    '&nbsp;',
    '&#65;',
    '&#x1F600;',
    '&#x41',
    '&#',
    '&#x;',
    '&#0;',
    '&#1114111;',
    '&#1114110;',
  ]
  const more = [
    '&#55357;',
    '&',
    '&&lt;',
    '\n',
    '\r',
    '\t',
    '\0',
    ' ',
    '\u200b',
    '\u2028',
    'é',
    '日本',
    '😀',
    '👨‍👩‍👧',
    'x.y',
    'http://a.b',
    '"',
    "'",
    '=',
    '/',
  ]
  return fc.oneof(
    fc.string({ maxLength: 5 }).map((text) => text.replaceAll('<', '')),
    fc.string({ unit: 'binary', maxLength: 4 }).map((text) => text.replaceAll('<', '')),
    fc.constantFrom(...odd, ...more),
  )
}

function link(): fc.Arbitrary<string> {
  const piece = fc.constantFrom(
    ...[
      'http://',
      'HTTPS://',
      'ftp://',
      'tg:',
      'tg://',
      'ton://',
      'TON:',
      'tonsite://',
      'user',
      '?id=',
      '&',
      '7',
      '42',
      '#',
      '?',
      '/',
      ':',
      '@',
      '.',
    ],
    ...[
      'a',
      'b.c',
      'EXAMPLE.com',
      ':80',
      ':0',
      ':65536',
      ':0443',
      ':-5',
      '[::1]',
      '[',
      ']',
      '[1:2]',
      '[::ffff:1.2.3.4]',
      '%20',
      '%4',
      'é',
      '😀',
      ' ',
      '\n',
      '\u0001',
    ],
    ...['_', '!', '^', '|', '{', 'mailto:', 'javascript:', "'", '&amp;', '&#10;', '\u00a0', 'id=5', '1099511627776'],
  )
  return fc.array(piece, { maxLength: 7 }).map((pieces) => pieces.join(''))
}

interface TdlibType {
  _: string
  url?: string
  language?: string
  user_id?: number
  custom_emoji_id?: string
  unix_time?: number
  formatting_type?: {
    _: string
    time_precision?: { _: string }
    date_precision?: { _: string }
    show_day_of_week?: boolean
  }
}
/** The real parser; undefined where its optional package is not installed, as on other platforms. */
function realParser(): ((text: string) => ParsedHtml) | undefined {
  const parse = loadTdlib()
  if (!parse) return undefined
  return (text) => {
    const answer = parse(text)
    if ('error' in answer) return { kind: 'refused', why: answer.error.replace("Can't parse entities: ", '') }
    return { kind: 'parsed', text: answer.text, entities: answer.entities.map(fromTdlib) }
  }
}

function fromTdlib({ offset, length, type }: { offset: number; length: number; type: TdlibType }): Entity {
  const name = type._.replace('textEntityType', '')
  const range = { offset, length }
  if (name === 'TextUrl') return { type: 'text_link', ...range, url: type.url ?? '' }
  if (name === 'PreCode') return { type: 'pre', ...range, language: type.language ?? '' }
  if (name === 'MentionName') return { type: 'text_mention', ...range, userId: type.user_id ?? 0 }
  if (name === 'CustomEmoji') return { type: 'custom_emoji', ...range, emojiId: type.custom_emoji_id ?? '' }
  if (name === 'DateTime')
    return { type: 'date_time', ...range, unix: type.unix_time ?? 0, format: formatOf(type.formatting_type) }
  const snake = name.replace('BlockQuote', 'Blockquote').replace(/(?<=.)[A-Z]/g, (letter) => `_${letter}`)
  return { type: snake.toLowerCase() as Entity['type'], ...range }
}

function formatOf(format: TdlibType['formatting_type']): string {
  if (format?._ === 'dateTimeFormattingTypeRelative') return 'r'
  const pick = (precision: { _: string } | undefined, short: string, long: string) =>
    precision?._.endsWith('Short') ? short : precision?._.endsWith('Long') ? long : ''
  return (
    (format?.show_day_of_week ? 'w' : '') +
    pick(format?.date_precision, 'd', 'D') +
    pick(format?.time_precision, 't', 'T')
  )
}
