import { isDeepStrictEqual } from 'node:util'
import type { Resource } from '../aws/template/fragment.ts'

// A released template serves several settings. It is not a second description of the resources: each combination of settings is built as for
// serverless.yml, and the results are combined into one template that has conditions where they differ.

interface Output {
  Description: string
  Value: unknown
  Condition?: string
}

export interface ReleaseTemplate {
  Conditions: Record<string, unknown>
  Resources: Record<string, Resource>
  Outputs: Record<string, Output>
}

interface Condition {
  name: string
  test: unknown
}

/** A setting with a fixed list of values. Each value has a condition, except for the last: it remains when no condition is true. */
export interface ParameterChoice {
  setting: string
  options: [...{ value: string; condition: Condition }[], { value: string }]
}

export function yesOrNo(setting: string, test: unknown): ParameterChoice {
  return { setting, options: [{ value: 'yes', condition: { name: setting, test } }, { value: 'no' }] }
}

/** Builds all combinations of the choices, and combines them into one template. */
export function combineAll(
  choices: readonly ParameterChoice[],
  build: (chosen: Record<string, string>) => ReleaseTemplate,
): ReleaseTemplate {
  const [choice, ...others] = choices
  if (!choice) return build({})
  const templates = choice.options.map(({ value }) =>
    combineAll(others, (chosen) => build({ ...chosen, [choice.setting]: value })),
  )
  const conditions = choice.options.flatMap((option) => ('condition' in option ? [option.condition] : []))
  const names = conditions.map(({ name }) => name)
  return templates.reduceRight((otherwise, template, index) => {
    const condition = conditions[index]
    return condition ? combine({ ...condition, alternatives: names }, template, otherwise) : template
  })
}

/** A condition, and the names of all conditions of its choice, of which only one is true. */
interface Case extends Condition {
  alternatives: readonly string[]
}

function combine(one: Case, template: ReleaseTemplate, otherwise: ReleaseTemplate): ReleaseTemplate {
  const Conditions = { ...template.Conditions, ...otherwise.Conditions, [one.name]: one.test }
  const merge = <Part extends Resource | Output>(parts: Record<string, Part>, others: Record<string, Part>) =>
    mergeKeys(parts, others, (part, other) => combinePart(one, part, other, Conditions))
  return {
    Resources: merge(template.Resources, otherwise.Resources),
    Outputs: merge(template.Outputs, otherwise.Outputs),
    Conditions,
  }
}

/** A resource or an output. Only its own `Condition` can leave it out. */
function combinePart<Part extends Resource | Output>(
  one: Case,
  part: Part | undefined,
  other: Part | undefined,
  conditions: Record<string, unknown>,
): Part {
  const { Condition: _one, ...properties }: { Condition?: string } = { ...(part ?? other) }
  const { Condition: _other, ...otherProperties }: { Condition?: string } = { ...(other ?? part) }
  const combined = combineValues(one, properties, otherProperties) as Part
  for (const [key, value] of Object.entries(combined))
    if (ifOf(value) && key !== 'Value') throw new Error(`CloudFormation takes no condition in ${key}`)
  const condition = combineConditions(one, part, other, conditions)
  return condition ? { ...combined, Condition: condition } : combined
}

/** The name of the condition under which a part exists; undefined if it always does. */
function combineConditions(
  { name }: Case,
  part: { Condition?: string } | undefined,
  other: { Condition?: string } | undefined,
  conditions: Record<string, unknown>,
): string | undefined {
  if (part && other && part.Condition === other.Condition) return part.Condition
  const define = (defined: string, test: unknown) => {
    conditions[defined] = test
    return defined
  }
  const both = (first: string | undefined, second: string) =>
    first ? define(`${first}And${second}`, { 'Fn::And': [{ Condition: first }, { Condition: second }] }) : second
  const not = () => define(`Not${name}`, { 'Fn::Not': [{ Condition: name }] })
  const cases = [...(part ? [both(part.Condition, name)] : []), ...(other ? [both(other.Condition, not())] : [])]
  const [only] = cases
  if (cases.length === 1) return only
  return define(cases.join('Or'), { 'Fn::Or': cases.map((Condition) => ({ Condition })) })
}

function combineValues(one: Case, value: unknown, other: unknown): unknown {
  if (isDeepStrictEqual(value, other)) return value
  if (isMap(value) && isMap(other)) return mergeKeys(value, other, (part, rest) => combineOptional(one, part, rest))
  if (Array.isArray(value) && Array.isArray(other)) return combineLists(one, value, other)
  return choose(one, value, other)
}

function combineOptional(one: Case, value: unknown, other: unknown): unknown {
  return value === undefined || other === undefined ? choose(one, value, other) : combineValues(one, value, other)
}

export const noValue = { Ref: 'AWS::NoValue' }

/** An undefined value leaves the property or item out. */
function choose({ name, alternatives }: Case, value: unknown = noValue, other: unknown = noValue): unknown {
  const [condition, , last] = ifOf(other) ?? []
  const isNeeded = !(isNothing(value) && isNothing(last) && alternatives.includes(condition as string))
  return isNeeded ? { 'Fn::If': [name, value, other] } : other
}

/** Items that both lists have stay as they are, in their order; the others get a condition. */
function combineLists(one: Case, list: unknown[], others: unknown[]): unknown[] {
  const [item, ...rest] = list
  const [other, ...otherRest] = others
  if (list.length === 0) return others.map((value) => choose(one, undefined, value))
  if (others.length === 0) return list.map((value) => choose(one, value, undefined))
  if (isDeepStrictEqual(item, other) || isSamePolicy(item, other))
    return [combineValues(one, item, other), ...combineLists(one, rest, otherRest)]
  // The same item under another condition of this choice.
  if (isDeepStrictEqual(item, ifOf(other)?.[1]))
    return [choose(one, item, other), ...combineLists(one, rest, otherRest)]
  const isCommon = others.some((value) => isDeepStrictEqual(value, item))
  return isCommon
    ? [choose(one, undefined, other), ...combineLists(one, list, otherRest)]
    : [choose(one, item, undefined), ...combineLists(one, rest, others)]
}

function isSamePolicy(item: unknown, other: unknown): boolean {
  return isMap(item) && isMap(other) && item.PolicyName !== undefined && item.PolicyName === other.PolicyName
}

function mergeKeys<Part, Merged>(
  parts: Record<string, Part>,
  others: Record<string, Part>,
  mergeParts: (part: Part | undefined, other: Part | undefined) => Merged,
): Record<string, Merged> {
  const keys = new Set([...Object.keys(parts), ...Object.keys(others)])
  return Object.fromEntries([...keys].map((key) => [key, mergeParts(parts[key], others[key])]))
}

export function ifOf(value: unknown): unknown[] | undefined {
  return isFunction(value) ? (value['Fn::If'] as unknown[] | undefined) : undefined
}

export function isNothing(value: unknown): boolean {
  return isDeepStrictEqual(value, noValue)
}

/** A map of which CloudFormation makes a value, for example a `Ref`. */
function isFunction(value: unknown): value is Record<string, unknown> {
  return (
    isObject(value) &&
    Object.keys(value).length === 1 &&
    Object.keys(value).every((key) => /^(?:Ref|Fn::\w+)$/.test(key))
  )
}

/** An empty map is a value of its own: AWS reads it as a command to reset. */
function isMap(value: unknown): value is Record<string, unknown> {
  return isObject(value) && !isFunction(value) && Object.keys(value).length > 0
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
