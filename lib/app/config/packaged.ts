import { isObject, parseJson } from '../../core/json.ts'
import { compileRuleset, defaultRuleset, type RulesetContext } from '../../core/routing/compile-ruleset.ts'
import type { RoutingFile } from '../../core/routing/schema.ts'
import type { ReadRouting } from './config.ts'
import type { Environment } from './environment.ts'

/** A routing file that was checked while the functions were packaged, so that they need not parse YAML at each start. */
export interface PackagedRouting {
  /** A hash of everything that decides how the file is read. */
  fingerprint: string
  /** The names of the variables in the file. */
  variables: string[]
  file: RoutingFile
  /** Each with the time from which it applies, in milliseconds since the epoch. */
  warnings: { from: number; text: string }[]
  needState: string[]
}

interface PackagedContext extends RulesetContext {
  environment: Environment
  hash: (text: string) => string
}

/** Equal for the same file with the same target, time zone and variables. */
export function fingerprintOf(
  text: string,
  name: string,
  variables: readonly string[],
  { target, timeZone, environment, hash }: PackagedContext,
): string {
  const values = variables.map((variable) => environment[variable] ?? '')
  return hash(JSON.stringify([text, name, target.name, timeZone, values]))
}

/** Undefined if the text is something else. */
export function parsePackaged(json: string): PackagedRouting | undefined {
  const value = parseJson(json)
  const isPackaged = isObject(value) && typeof value.fingerprint === 'string' && Array.isArray(value.variables)
  return isPackaged ? (value as unknown as PackagedRouting) : undefined
}

/** Has a problem if the file or its surroundings have changed since; the caller then reads the file itself. */
export function readPackaged(
  packaged: PackagedRouting,
  { text, name }: { text: string; name: string },
  context: PackagedContext & { now: number },
): ReadRouting {
  const isSame = packaged.fingerprint === fingerprintOf(text, name, packaged.variables, context)
  if (!isSame) return unusable(defaultRuleset(context), 'the file has changed since it was packaged')
  const { ruleset, problems } = compileRuleset(packaged.file, context)
  if (problems.length > 0) return unusable(ruleset, 'the packaged file is not valid here')
  const warnings = packaged.warnings.filter(({ from }) => from <= context.now).map((warning) => warning.text)
  return { ruleset, problems: [], warnings, needState: packaged.needState }
}

function unusable(ruleset: ReadRouting['ruleset'], problem: string): ReadRouting {
  return { ruleset, problems: [problem], warnings: [], needState: [] }
}
