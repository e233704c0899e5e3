import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { substitute } from '../../../lib/app/config/variables.ts'

const environment = { CHAT: '-1001', EMPTY: '', NESTED: `\${CHAT}`, _a1: 'low' }

const chat = `\${CHAT}`

describe('substitute', () => {
  test.each([
    ['a variable', `\${CHAT}`, '-1001'],
    ['inside a text', `\${CHAT}:42`, '-1001:42'],
    ['several', `\${CHAT}/\${_a1}`, '-1001/low'],
    ['an unused default', `\${CHAT:-x}`, '-1001'],
    ['a default', `\${NONE:--1001:7}`, '-1001:7'],
    ['a default for an empty variable', `\${EMPTY:-x}`, 'x'],
    ['an empty default', `\${NONE:-}`, ''],
    ['a default with line breaks', `\${NONE:-a\nb}`, 'a\nb'],
    ['escaped', `$\${CHAT}`, `\${CHAT}`],
    ['escaped next to another', `$\${CHAT}\${CHAT}`, `\${CHAT}-1001`],
    ['a variable in a value stays as it is', `\${NESTED}`, `\${CHAT}`],
    ['a dollar alone', 'costs 5$ or $CHAT', 'costs 5$ or $CHAT'],
    ['$ and { } in a regular expression', '^\\d{3}$', '^\\d{3}$'],
    ['an unclosed brace', `\${CHAT`, `\${CHAT`],
  ])('%s', (_, given, expected) => {
    expect(substitute(given, environment)).toMatchObject({ value: expected, problems: [] })
  })

  test.each([
    ['a missing variable', `\${NONE}`, `variable NONE is not set; set it or write a default: \${NONE:-…}`],
    ['an empty variable', `\${EMPTY}`, `variable EMPTY is not set; set it or write a default: \${EMPTY:-…}`],
    [
      'a property of every object',
      `\${constructor}`,
      `variable constructor is not set; set it or write a default: \${constructor:-…}`,
    ],
    ['an invalid name', `\${1ST}`, `"\${1ST}" is not a variable; write it like \${CHAT}`],
    ['an empty name', `\${}`, `"\${}" is not a variable; write it like \${CHAT}`],
    ['an invalid default', `\${CHAT:=x}`, `"\${CHAT:=x}" is not a variable; write it like \${CHAT}`],
  ])('%s is a problem and is left unchanged', (_, given, message) => {
    expect(substitute({ to: ['a', given] }, environment)).toMatchObject({
      value: { to: ['a', given] },
      problems: [{ path: ['to', 1], message }],
    })
  })

  it('reports every problem in a text', () => {
    const { value, problems } = substitute(`\${A} \${CHAT} \${B}`, environment)
    expect(value).toBe(`\${A} -1001 \${B}`)
    expect(problems.map(({ message }) => message)).toEqual([
      expect.stringMatching(/^variable A is not set/),
      expect.stringMatching(/^variable B is not set/),
    ])
  })

  it('leaves keys and other types than strings unchanged', () => {
    const given = { [chat]: 1, a: null, b: [true, 2.5, undefined], ['__proto__']: 'x' }
    expect(substitute(given, environment)).toEqual({ value: given, problems: [], written: new Map() })
  })

  it('leaves variables that are not allowed unchanged, also those with a default', () => {
    const { value, problems } = substitute(`\${CHAT} \${_a1:-x}`, environment, (name) => name === 'CHAT')
    expect(value).toBe(`-1001 \${_a1:-x}`)
    expect(problems).toEqual([
      { path: [], message: 'rules in AWS cannot use the variable _a1: it may contain a secret' },
    ])
  })

  it('changes nothing in a file without variables', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (given) => {
        fc.pre(!JSON.stringify(given).includes(`\${`))
        expect(substitute(given, environment)).toEqual({ value: given, problems: [], written: new Map() })
      }),
    )
  })
})
