import { isObject, parseJson } from '../../core/json.ts'
import { compileRuleset, defaultRuleset, type RulesetContext } from '../../core/routing/ruleset.ts'
import type { RoutingFile } from '../../core/routing/schema.ts'
import type { ReadRouting } from './config.ts'
import type { Environment } from './environment.ts'

/** CONFIG_FILE as it was read when it was packaged: what has been found right need not be parsed and checked at each start. */
export interface Packaged {
  /** Of all that decides what the file says. */
  fingerprint: string
  /** The variables that it names. */
  variables: string[]
  file: RoutingFile
  /** Each with when it begins to be true, in milliseconds since the epoch. */
  warnings: { from: number; text: string }[]
  needState: string[]
}

interface Reading extends RulesetContext {
  environment: Environment
  hash: (text: string) => string
}

/** The same for the same file, read by the same program in the same surroundings. */
export function fingerprintOf(
  text: string,
  name: string,
  variables: readonly string[],
  { target, timeZone, environment, hash }: Reading,
): string {
  const values = variables.map((variable) => environment[variable] ?? '')
  return hash(JSON.stringify([text, name, target.name, timeZone, values]))
}

/** Undefined if the text is of something else. */
export function parsePackaged(json: string): Packaged | undefined {
  const value = parseJson(json)
  const isOurs = isObject(value) && typeof value.fingerprint === 'string' && Array.isArray(value.variables)
  return isOurs ? (value as unknown as Packaged) : undefined
}

/** With a problem if the file or what it names has changed since, or is wrong here: then the file itself tells what is the matter. */
export function readPackaged(
  packaged: Packaged,
  { text, name }: { text: string; name: string },
  context: Reading & { now: number },
): ReadRouting {
  if (packaged.fingerprint !== fingerprintOf(text, name, packaged.variables, context))
    return { ruleset: defaultRuleset(context), ...nothingTold, problems: ['not what was packaged'] }
  const { ruleset, problems } = compileRuleset(packaged.file, context)
  if (problems.length > 0) return { ruleset, ...nothingTold, problems: ['wrong here'] }
  const warnings = packaged.warnings.filter(({ from }) => from <= context.now).map((warning) => warning.text)
  return { ruleset, problems: [], warnings, needState: packaged.needState }
}

const nothingTold = { warnings: [], needState: [] }
