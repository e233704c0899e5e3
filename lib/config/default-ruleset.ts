import { isTimeZone } from '../event/time.ts'
import type { Ruleset } from '../route/compiled.ts'
import { defaultRules } from '../route/defaults.ts'
import type { Compile } from '../route/pattern.ts'
import { compileRuleset } from '../route/ruleset.ts'
import type { RoutingFile } from '../route/schema.ts'
import type { Target } from '../route/target.ts'

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
