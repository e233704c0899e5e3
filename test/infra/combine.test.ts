import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { combineAll, type ParameterChoice, type ReleaseTemplate, yesOrNo } from '../../infra/release/combine.ts'
import { fillIn } from '../support/cloudformation.ts'

const login: ParameterChoice = {
  setting: 'Login',
  options: [
    { value: 'iam', condition: { name: 'LoginIam', test: { 'Fn::Equals': [{ Ref: 'Login' }, 'iam'] } } },
    { value: 'mtls', condition: { name: 'LoginMtls', test: { 'Fn::Equals': [{ Ref: 'Login' }, 'mtls'] } } },
    { value: 'none' },
  ],
}
const hasTable = yesOrNo('HasTable', { 'Fn::Equals': [{ Ref: 'State' }, 'dynamodb'] })

function templateOf(properties: object | undefined): ReleaseTemplate {
  return {
    Conditions: {},
    Resources: properties ? { One: { Type: 'AWS::SNS::Topic', Properties: { ...properties } } } : {},
    Outputs: {},
  }
}

function loginOnly(values: Record<string, object | undefined>) {
  return combineAll([login], ({ Login = '' }) => templateOf(values[Login]))
}

describe('combined templates', () => {
  it('have no condition where all are the same', () => {
    const one = { Name: 'a', Tags: [{ Key: 'b' }] }
    expect(loginOnly({ iam: one, mtls: one, none: one }).Resources).toEqual(templateOf(one).Resources)
  })

  it('choose values and leave properties out', () => {
    const { Resources } = loginOnly({ iam: { Name: 'a' }, mtls: { Name: 'b', Policy: 'c' }, none: { Name: 'b' } })
    expect(Resources.One?.Properties).toEqual({
      Name: { 'Fn::If': ['LoginIam', 'a', 'b'] },
      Policy: { 'Fn::If': ['LoginMtls', 'c', { Ref: 'AWS::NoValue' }] },
    })
  })

  it('keep common items of lists, in their order', () => {
    const { Resources } = loginOnly({ iam: { List: ['x', 'a'] }, mtls: { List: ['a', 'y'] }, none: { List: ['a'] } })
    expect(Resources.One?.Properties).toEqual({
      List: [
        { 'Fn::If': ['LoginIam', 'x', { Ref: 'AWS::NoValue' }] },
        'a',
        { 'Fn::If': ['LoginMtls', 'y', { Ref: 'AWS::NoValue' }] },
      ],
    })
  })

  it('choose between functions as between values', () => {
    const { Resources } = loginOnly({
      iam: { Name: { Ref: 'A' } },
      mtls: { Name: { Ref: 'B' } },
      none: { Name: { Ref: 'B' } },
    })
    expect(Resources.One?.Properties).toEqual({ Name: { 'Fn::If': ['LoginIam', { Ref: 'A' }, { Ref: 'B' }] } })
  })

  it('do not mix an empty map, which resets, with the properties of another', () => {
    const { Resources } = loginOnly({
      iam: { Config: {} },
      mtls: { Config: { Most: 1 } },
      none: { Config: { Most: 1 } },
    })
    expect(Resources.One?.Properties).toEqual({ Config: { 'Fn::If': ['LoginIam', {}, { Most: 1 }] } })
  })

  it('give a resource that only some have a condition', () => {
    const combined = combineAll(
      [hasTable, yesOrNo('HasAlarm', { 'Fn::Equals': [{ Ref: 'Alarm' }, 'yes'] })],
      (chosen) => templateOf(chosen.HasTable === 'yes' && chosen.HasAlarm === 'yes' ? {} : undefined),
    )
    expect(combined.Resources.One?.Condition).toBe('HasAlarmAndHasTable')
    for (const State of ['dynamodb', 'memory'])
      for (const Alarm of ['yes', 'no'])
        expect('One' in fillIn({ ...combined }, { State, Alarm }).Resources).toBe(
          State === 'dynamodb' && Alarm === 'yes',
        )
  })

  it('refuse a condition where CloudFormation takes none', () => {
    const build = (chosen: Record<string, string>) => {
      const template = templateOf({})
      if (template.Resources.One && chosen.HasTable === 'yes') template.Resources.One.DeletionPolicy = 'Retain'
      return template
    }
    expect(() => combineAll([hasTable], build)).toThrow('no condition in DeletionPolicy')
  })

  it('yield each combination again when they are filled in', () => {
    const item = fc.oneof(fc.constantFrom('a', 'b', 'c'), fc.constantFrom({ Ref: 'Role' }, { Ref: 'Table' }))
    const value = fc.oneof(item, fc.array(item, { maxLength: 4 }), fc.dictionary(fc.constantFrom('p', 'q'), item))
    const properties = fc.option(
      fc.dictionary(fc.constantFrom('x', 'y', 'z'), value).map((some) => ({ fixed: 1, ...some })),
      { nil: undefined },
    )
    const all = fc.array(properties, { minLength: 6, maxLength: 6 })
    fc.assert(
      fc.property(all, (given) => {
        const logins = ['iam', 'mtls', 'none']
        const templateAt = (name: string, state: boolean) => templateOf(given[logins.indexOf(name) * 2 + Number(state)])
        const combined = combineAll([login, hasTable], (chosen) =>
          templateAt(chosen.Login ?? '', chosen.HasTable === 'yes'),
        )
        for (const name of logins)
          for (const state of [true, false]) {
            const filled = fillIn({ ...combined }, { Login: name, State: state ? 'dynamodb' : 'memory' })
            expect(filled.Resources).toEqual(templateAt(name, state).Resources)
          }
      }),
      { numRuns: 500 },
    )
  })
})
