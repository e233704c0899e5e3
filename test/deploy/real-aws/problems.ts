import type { Settings } from '../../../infra/aws/settings/settings.ts'
import { circumstancesOf } from './circumstances.ts'
import { findPermissionProblems } from './permissions.ts'
import { findRefusals } from './refusals.ts'
import { openStack, type Stack } from './stack.ts'
import { findUpdateProblems } from './updates.ts'

/** What real AWS has against a stack, and against the update to it from a deployed one. Without one it is the first deployment. */
export function findAwsProblems(settings: Settings, stack: Stack, now: number, deployed?: Stack): string[] {
  return [
    ...findRefusals(stack, now),
    ...findPermissionProblems(stack, circumstancesOf(settings), deployed),
    ...findUpdateProblems(deployed ?? openStack({ Resources: {} }, stack.place), stack),
  ]
}
