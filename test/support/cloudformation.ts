export type Tree = Record<string, unknown>

/** Parameters and pseudo parameters with their values. */
type Values = Record<string, unknown>

const nothing = Symbol('AWS::NoValue')

/** A template as CloudFormation sees it: conditions, parameters and texts are filled in; Ref and Fn::GetAtt of resources stay. */
export function fillIn(
  template: Tree,
  given: Values,
): { Resources: Record<string, Tree>; Outputs: Record<string, Tree> } {
  const {
    Parameters = {},
    Conditions = {},
    Resources = {},
    Outputs = {},
  } = template as Record<string, Record<string, Tree>>
  const defaults = Object.fromEntries(Object.entries(Parameters).map(([name, { Default }]) => [name, Default]))
  const values: Values = { ...defaults, ...given }
  const isTrue = (condition: unknown): boolean => {
    const [[name = '', argument] = []] = Object.entries(condition as Tree)
    const list = argument as unknown[]
    if (name === 'Condition') return isTrue(Conditions[argument as string])
    if (name === 'Fn::Equals') return String(fill(list[0])) === String(fill(list[1]))
    if (name === 'Fn::Not') return !isTrue(list[0])
    if (name === 'Fn::And') return list.every(isTrue)
    if (name === 'Fn::Or') return list.some(isTrue)
    throw new Error(`unknown condition ${name}`)
  }

  function fill(value: unknown): unknown {
    if (Array.isArray(value)) return value.map(fill).filter((item) => item !== nothing)
    if (typeof value !== 'object' || value === null) return value
    const entries = Object.entries(value)
    const [[name, argument] = []] = entries
    if (entries.length === 1 && name !== undefined) {
      if (name === 'Ref') return fillRef(argument)
      if (name === 'Fn::If') {
        const [condition, yes, no] = argument
        return fill(isTrue({ Condition: condition }) ? yes : no)
      }
      if (name === 'Fn::Sub') return fillSub(argument)
      if (name === 'Fn::Join') return fillJoin(argument)
      if (name === 'Fn::Split') return fillSplit(argument)
      if (name === 'Fn::Select') return (fill(argument[1]) as unknown[])[Number(argument[0])]
    }
    return Object.fromEntries(
      entries.map(([key, item]) => [key, fill(item)] as const).filter(([, item]) => item !== nothing),
    )
  }

  function fillRef(name: string): unknown {
    if (name === 'AWS::NoValue') return nothing
    if (!(name in values)) return { Ref: name }
    const { Type } = Parameters[name] ?? {}
    const isList = Type === 'CommaDelimitedList' || String(Type).startsWith('List<')
    return isList ? String(values[name]).split(',') : values[name]
  }

  function fillSub(argument: string | [string, Values]): unknown {
    const [text, own] = Array.isArray(argument) ? argument : [argument, {}]
    const filled = text.replace(/\$\{([\w:]+)\}/g, (whole, name: string) =>
      String(name in own ? fill(own[name]) : (values[name] ?? whole)),
    )
    return /\$\{/.test(filled) ? { 'Fn::Sub': filled } : filled
  }

  function fillJoin([separator, items]: [string, unknown]): unknown {
    const filled = fill(items) as unknown[]
    const isText = filled.every((item) => typeof item === 'string')
    return isText ? filled.join(separator) : { 'Fn::Join': [separator, filled] }
  }

  function fillSplit([separator, text]: [string, unknown]): unknown {
    const filled = fill(text)
    return typeof filled === 'string' ? filled.split(separator) : { 'Fn::Split': [separator, filled] }
  }

  const existing = (parts: Record<string, Tree>) =>
    Object.fromEntries(
      Object.entries(parts)
        .filter(([, { Condition }]) => Condition === undefined || isTrue({ Condition }))
        .map(([id, { Condition, ...part }]) => [id, fill(part) as Tree]),
    )
  return { Resources: existing(Resources), Outputs: existing(Outputs) }
}

/** Why CloudFormation refuses parameters: their forms, and the section Rules. */
export function refusalsOf(template: Tree, given: Values): string[] {
  const { Parameters = {}, Rules = {} } = template as Record<string, Record<string, Tree>>
  const values: Values = Object.fromEntries(
    Object.entries(Parameters).map(([name, { Default }]) => [name, given[name] ?? Default]),
  )
  const isTrue = (condition: unknown): boolean => {
    const [[name = '', list] = []] = Object.entries(condition as Record<string, unknown[]>)
    const [one, other] = list ?? []
    if (name === 'Fn::Not') return !isTrue(one)
    if (name === 'Fn::And') return (list ?? []).every(isTrue)
    if (name === 'Fn::Or') return (list ?? []).some(isTrue)
    if (name === 'Fn::Equals') return textOf(one) === textOf(other)
    if (name === 'Fn::Contains') return (one as unknown[]).map(textOf).includes(textOf(other))
    throw new Error(`Rules has no ${name}`)
  }
  const textOf = (value: unknown) => String((value as Tree).Ref ? values[String((value as Tree).Ref)] : value)
  const forms = Object.entries(Parameters).flatMap(
    ([name, { Type, AllowedPattern, AllowedValues, MinValue, MaxValue }]) => {
      const value = values[name]
      if (value === undefined) return [`${name} is missing`]
      const items = Type === 'CommaDelimitedList' ? String(value).split(',') : [String(value)]
      const isAllowed =
        items.every((item) => new RegExp(String(AllowedPattern ?? '')).test(item)) &&
        ((AllowedValues as unknown[] | undefined)?.map(String).includes(String(value)) ?? true) &&
        !(Number(value) < Number(MinValue)) &&
        !(Number(value) > Number(MaxValue))
      return isAllowed ? [] : [`${name} is wrong`]
    },
  )
  const unknown = Object.keys(given).flatMap((name) => (name in Parameters ? [] : [`${name} is no parameter`]))
  const broken = Object.values(Rules)
    .filter(({ RuleCondition }) => RuleCondition === undefined || isTrue(RuleCondition))
    .flatMap(({ Assertions }) => Assertions as { Assert: unknown; AssertDescription: string }[])
    .flatMap(({ Assert, AssertDescription }) => (isTrue(Assert) ? [] : [AssertDescription]))
  return [...forms, ...unknown, ...broken]
}
