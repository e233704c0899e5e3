import { describe, expect, test } from 'vitest'
import type { Entity } from '../../lib/emulator/entity.ts'
import { parseHtml } from '../../lib/emulator/html.ts'

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
