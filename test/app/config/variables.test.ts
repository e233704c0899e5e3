import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { substitute } from '../../../lib/app/config/variables.ts'

const environment = { CHAT: '-1001', EMPTY: '', NESTED: `\${CHAT}`, _a1: 'low' }

const chat = `\${CHAT}`

describe('substitute', () => {
  test.each([
    ['a variable', `\${CHAT}`, '-1001'],
    ['in the midst', `\${CHAT}:42`, '-1001:42'],
    ['several', `\${CHAT}/\${_a1}`, '-1001/low'],
    ['a default that is not needed', `\${CHAT:-x}`, '-1001'],
    ['a default', `\${NONE:--1001:7}`, '-1001:7'],
    ['a default in place of an empty one', `\${EMPTY:-x}`, 'x'],
    ['a default of nothing', `\${NONE:-}`, ''],
    ['a default with line breaks', `\${NONE:-a\nb}`, 'a\nb'],
    ['escaped', `$\${CHAT}`, `\${CHAT}`],
    ['escaped beside another', `$\${CHAT}\${CHAT}`, `\${CHAT}-1001`],
    ['once only: a value is not looked into', `\${NESTED}`, `\${CHAT}`],
    ['a dollar alone', 'costs 5$ or $CHAT', 'costs 5$ or $CHAT'],
    ['the end of a line, and counts, in an expression', '^\\d{3}$', '^\\d{3}$'],
    ['a brace that stays open', `\${CHAT`, `\${CHAT`],
  ])('%s', (_, given, expected) => {
    expect(substitute(given, environment)).toEqual({ value: expected, problems: [] })
  })

  test.each([
    ['missing', `\${NONE}`, `NONE in the environment, or a default as \${NONE:-…}`],
    ['empty', `\${EMPTY}`, `EMPTY in the environment, or a default as \${EMPTY:-…}`],
    ['what every object has', `\${constructor}`, `constructor in the environment, or a default as \${constructor:-…}`],
    ['no name', `\${1ST}`, `the name of a variable, as \${CHAT}`],
    ['nothing', `\${}`, `the name of a variable, as \${CHAT}`],
    ['a wrong default', `\${CHAT:=x}`, `the name of a variable, as \${CHAT}`],
  ])('%s is a problem, and stays as it is', (_, given, expected) => {
    expect(substitute({ to: ['a', given] }, environment)).toEqual({
      value: { to: ['a', given] },
      problems: [{ path: ['to', 1], given: JSON.stringify(given), expected }],
    })
  })

  it('tells every one of a text', () => {
    const { value, problems } = substitute(`\${A} \${CHAT} \${B}`, environment)
    expect(value).toBe(`\${A} -1001 \${B}`)
    expect(problems.map(({ given }) => given)).toEqual([`"\${A}"`, `"\${B}"`])
  })

  it('leaves keys, and all that is no text', () => {
    const given = { [chat]: 1, a: null, b: [true, 2.5, undefined], ['__proto__']: 'x' }
    expect(substitute(given, environment)).toEqual({ value: given, problems: [] })
  })

  it('changes nothing where no variable is named', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (given) => {
        fc.pre(!JSON.stringify(given).includes(`\${`))
        expect(substitute(given, environment)).toEqual({ value: given, problems: [] })
      }),
    )
  })
})
