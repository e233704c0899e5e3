import { isObject, parseJson } from '../../../lib/core/json.ts'
import type { LambdaFunction, Mapping, Stack } from './stack.ts'

/** What AWS refuses, ignores or answers with lost records, although neither the schemas nor the emulated AWS object. */
export interface Refusal {
  name: string
  /** Where AWS says so. */
  source: string
  /** What breaks the rule, in words. */
  find(stack: Stack, now: number): string[]
}

export const guide = 'AWS Lambda developer guide'
export const api = 'AWS Lambda API reference'

/** A rule about each mapping. */
export function ofMappings(
  name: string,
  source: string,
  find: (mapping: Mapping, stack: Stack, now: number) => string | false | undefined,
): Refusal {
  return {
    name,
    source,
    find: (stack, now) =>
      stack.mappings.flatMap((mapping) => {
        const problem = find(mapping, stack, now)
        return problem ? [`${mapping.id}: ${problem}`] : []
      }),
  }
}

/** A rule about each function. */
export function ofFunctions(
  name: string,
  source: string,
  find: (item: LambdaFunction, stack: Stack) => string | false | undefined,
): Refusal {
  return {
    name,
    source,
    find: (stack) =>
      stack.functions.flatMap((item) => {
        const problem = find(item, stack)
        return problem ? [`${item.id}: ${problem}`] : []
      }),
  }
}

export function isJsonObject(text: string): boolean {
  return isObject(parseJson(text))
}
