import { describe, expect, test } from 'vitest'
import { parseXml, xmlField, xmlList, xmlText } from '../../../lib/adapters/aws/query.ts'

describe('XML', () => {
  test.each<[string, string, unknown]>([
    ['text', '<A>one &amp; two</A>', { A: 'one & two' }],
    ['entities', '<A>&lt;&gt;&quot;&apos;&#39;&#x27;&unknown;</A>', { A: `<>"'''&unknown;` }],
    ['an empty element', '<A><B/><C></C></A>', { A: { B: '', C: '' } }],
    ['a list', '<A><member>1</member><member><B>2</B></member></A>', { A: ['1', { B: '2' }] }],
    [
      'a declaration, attributes, a comment and white space',
      '<?xml version="1.0"?>\n<A xmlns="http://example.com/">\n  <!-- none -->\n  <B>1</B>\n</A>\n',
      { A: { B: '1' } },
    ],
    ['something else', 'bad gateway', 'bad gateway'],
    ['an end without a beginning', '</A>', ''],
  ])('%s', (_, xml, value) => {
    expect(parseXml(xml)).toEqual(value)
  })

  test('is read by name', () => {
    const value = parseXml('<A><B>text</B><C><member>1</member></C><D/></A>')
    const inside = xmlField(value, 'A')
    expect(xmlText(inside, 'B')).toBe('text')
    expect(xmlList(inside, 'C')).toEqual(['1'])
    expect(xmlList(inside, 'D')).toEqual([])
    expect(xmlText(inside, 'E')).toBeUndefined()
    expect(xmlText(inside, 'C')).toBeUndefined()
  })
})
