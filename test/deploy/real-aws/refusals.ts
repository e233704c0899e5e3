import { mappingRefusals } from './mapping-refusals.ts'
import type { Refusal } from './refusal.ts'
import type { Stack } from './stack.ts'
import { stackRefusals } from './stack-refusals.ts'

export const refusals: Refusal[] = [...mappingRefusals, ...stackRefusals]

/** Each rule that a stack breaks, with what breaks it. */
export function findRefusals(stack: Stack, now: number): string[] {
  return refusals.flatMap(({ name, source, find }) =>
    find(stack, now).map((problem) => `${name} (${source}), but ${problem}`),
  )
}
