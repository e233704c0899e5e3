import fc from 'fast-check'

/** HTML-like texts: mostly well formed, now and then broken. */
export function html(): fc.Arbitrary<string> {
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

/** Links of likely and unlikely pieces. */
export function link(): fc.Arbitrary<string> {
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
