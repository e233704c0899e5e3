/** A text in a template, or a CloudFormation function that yields one. */
export type Value = string | { readonly [intrinsic: string]: unknown }

export interface Resource {
  Type: string
  Properties: Record<string, unknown>
  DependsOn?: string[]
  Condition?: string
  DeletionPolicy?: string
  UpdateReplacePolicy?: string
}

/** A part of a CloudFormation template. */
export interface Fragment {
  Resources: Record<string, Resource>
  Outputs?: Record<string, { Description: string; Value: unknown }>
  Conditions?: Record<string, unknown>
}

export function merge(...fragments: Fragment[]): Fragment {
  const Conditions = Object.assign({}, ...fragments.map((fragment) => fragment.Conditions))
  return {
    Resources: Object.assign({}, ...fragments.map(({ Resources }) => Resources)),
    Outputs: Object.assign({}, ...fragments.map(({ Outputs = {} }) => Outputs)),
    ...(Object.keys(Conditions).length > 0 ? { Conditions } : {}),
  }
}

/** Texts and functions in a row. Without a function the result is a plain text. */
export function join(separator: string, values: readonly Value[]): Value {
  return values.every((value) => typeof value === 'string')
    ? values.join(separator)
    : { 'Fn::Join': [separator, values] }
}

/** Replaces one part of a text, also of a text that CloudFormation fills in. */
export function replace(value: Value, part: string, by: string): Value {
  return typeof value === 'string' ? value.replace(part, by) : { 'Fn::Join': [by, { 'Fn::Split': [part, value] }] }
}

export interface Statement {
  Effect: 'Allow'
  Action: string[]
  Resource: Value | Value[]
}

export function allow(actions: string[], resource: Value | Value[]): Statement {
  return { Effect: 'Allow', Action: actions, Resource: resource }
}

/** Letters and digits of a text, as a part of a logical ID. */
export function idPart(value: Value): string {
  const words = (typeof value === 'string' ? value : JSON.stringify(value)).match(/[a-z0-9]+/gi) ?? []
  return words.map((word) => `${word.slice(0, 1).toUpperCase()}${word.slice(1)}`).join('')
}
