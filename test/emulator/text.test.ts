import { describe, expect, test } from 'vitest'
import type { Entity } from '../../lib/emulator/entity.ts'
import { readText, tidyText } from '../../lib/emulator/text.ts'

const text = 'abcdefghij'

function entity(type: Entity['type'], offset: number, length: number): Entity {
  return { type, offset, length }
}

describe('readText without markup', () => {
  const pre = { type: 'pre', offset: 0, length: 5 }
  test.each<[string, unknown, unknown[]]>([
    ['entities as JSON', [pre], [pre]],
    ['as text in a form', JSON.stringify([pre]), [pre]],
    ['inner after outer', [{ ...pre, type: 'bold', length: 2 }, pre], [pre, { ...pre, type: 'bold', length: 2 }]],
    ['what Telegram finds by itself', [{ ...pre, type: 'mention' }, pre], [pre]],
    ['none', undefined, []],
    ['what is no list', '{', []],
  ])('takes %s', (_, given, entities) => {
    expect(readText(text, '', given)).toEqual({ kind: 'read', formatted: { text, entities } })
  })

  test('markup and entities exclude each other', () => {
    expect(readText(text, 'HTML', [pre])).toEqual({ kind: 'read', formatted: { text, entities: [] } })
  })
})

describe('tidyText', () => {
  // The expected entities of these are what TDLib 1.8.65 made of them.
  test.each<[string, Entity[], Entity[]]>([
    [
      'bold around code',
      [entity('bold', 0, 5), entity('code', 2, 2)],
      [entity('bold', 0, 2), entity('code', 2, 2), entity('bold', 4, 1)],
    ],
    ['touching bold', [entity('bold', 0, 5), entity('bold', 5, 2)], [entity('bold', 0, 7)]],
    ['bold in code', [entity('code', 0, 5), entity('bold', 2, 2)], [entity('code', 0, 5)]],
    [
      'code in a quote',
      [entity('blockquote', 0, 5), entity('code', 0, 5)],
      [entity('blockquote', 0, 5), entity('code', 0, 5)],
    ],
    ['crossing code', [entity('pre', 0, 5), entity('code', 2, 5)], [entity('pre', 0, 5)]],
    ['touching code', [entity('code', 0, 5), entity('code', 5, 5)], [entity('code', 0, 5), entity('code', 5, 5)]],
    ['a quote in a quote', [entity('blockquote', 0, 5), entity('blockquote', 2, 2)], [entity('blockquote', 0, 5)]],
  ])('%s', (_name, entities, expected) => {
    expect(tidyText({ text, entities })).toEqual({ kind: 'read', formatted: { text, entities: expected } })
  })

  test.each<[string, string, Entity[], string, Entity[]]>([
    [
      'control and bidirectional characters',
      'a\u0001b\rc\u2028d\u200e\u200e\u0333e\t',
      [entity('bold', 0, 10)],
      'a bcd\u200c\u200ee',
      [entity('bold', 0, 7)],
    ],
    ['trimmed to the first entity', ' \n ab \n', [entity('bold', 2, 3)], ' ab', [entity('bold', 0, 3)]],
    ['trimmed without entities', ' \n ab \n', [], 'ab', []],
    ['an entity of the trimmed end', 'ab  ', [entity('code', 2, 2)], 'ab', []],
  ])('%s', (_name, given, entities, remaining, expected) => {
    expect(tidyText({ text: given, entities })).toEqual({
      kind: 'read',
      formatted: { text: remaining, entities: expected },
    })
  })

  test('drops entities beyond 100, styles first', () => {
    const html = '<b>b</b> '.repeat(60) + '<code>c</code> '.repeat(60)
    const read = readText(html, 'html')
    const tidied = read.kind === 'read' ? tidyText(read.formatted) : read
    const entities = tidied.kind === 'read' ? tidied.formatted.entities : []
    expect(Object.groupBy(entities, ({ type }) => type)).toMatchObject({ bold: { length: 40 }, code: { length: 60 } })
  })
})
