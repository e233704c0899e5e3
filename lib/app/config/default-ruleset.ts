import { isTimeZone } from '../../core/event/time.ts'
import type { Ruleset } from '../../core/routing/compiled.ts'
import { defaultRules } from '../../core/routing/defaults.ts'
import type { Compile } from '../../core/routing/pattern.ts'
import { compileRuleset } from '../../core/routing/ruleset.ts'
import type { RoutingFile } from '../../core/routing/schema.ts'
import type { Target } from '../../core/routing/target.ts'

export interface RulesetContext {
  /** Where an event goes that no route names. */
  target: Target
  /** Of hours that name none. */
  timeZone: string
  compile: Compile
}

/** What the program does without a file. */
export function defaultRuleset(context: RulesetContext): Ruleset {
  return compileFile({ defaults: true }, context).ruleset
}

/** A file of the right shape, with the project's rules behind its own. */
export function compileFile(file: RoutingFile, { target, timeZone, compile }: RulesetContext) {
  return compileRuleset(file, { target, timeZone, compile, isTimeZone, defaults: defaultRules })
}
