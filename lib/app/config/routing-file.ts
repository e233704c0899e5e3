import { maskTokens } from '../../core/message/text/mask.ts'
import { compileRuleset, type RulesetContext } from '../../core/routing/compile-ruleset.ts'
import { fullPath, liesIn, type PathProblem, pathText } from '../../core/routing/problem.ts'
import type { RoutingFile } from '../../core/routing/schema.ts'
import type { ReadRouting } from './config.ts'
import type { Environment } from './environment.ts'
import { fingerprintOf, type PackagedRouting } from './packaged.ts'
import { isRemote } from './remote.ts'
import { review, stateWarningsOf, warningsOf } from './review.ts'
import { readShape } from './shape.ts'
import { didYouMean } from './suggest.ts'
import { isDeployable, substitute, variablesIn } from './variables.ts'
import { parseYaml } from './yaml.ts'

interface RoutingContext extends RulesetContext {
  environment: Environment
  /** Milliseconds since the epoch. */
  now: number
}

/** Reads a routing file and reports every problem in it. `name` is the file's name in messages. */
export function readRouting(text: string, name: string, context: RoutingContext): ReadRouting {
  const { ruleset, problems, warnings, stateWarnings, messageOf } = parseFile(text, name, context)
  return { ruleset, problems, warnings: warnings.map(messageOf), needState: stateWarnings.map(messageOf) }
}

/** The names of the variables in a routing file. */
export function variablesOf(text: string): string[] {
  return variablesIn(parseYaml(text).value)
}

/** Reads a routing file for a deployment package. Undefined if it has mistakes or would put a secret into the package. */
export function packageRouting(
  text: string,
  name: string,
  context: Omit<RoutingContext, 'now'> & { hash: (text: string) => string },
): PackagedRouting | undefined {
  // Each mute will expire, so its warning is packaged with the time from which it applies.
  const afterAllMutes = { ...context, now: Infinity }
  const { value, file, ruleset, problems, warnings, stateWarnings, messageOf } = parseFile(text, name, afterAllMutes)
  if (problems.length > 0) return undefined
  const variables = variablesIn(value)
  // The values of variables become part of the package.
  if (!variables.every(isDeployable) || hasToken(file)) return undefined
  const from = ({ path: [section, index] }: PathProblem) =>
    section === 'mutes' ? (ruleset.mutes[Number(index)]?.until ?? 0) : 0
  return {
    fingerprint: fingerprintOf(text, name, variables, context),
    variables,
    file,
    warnings: warnings.map((warning) => ({ from: from(warning), text: messageOf(warning) })),
    needState: stateWarnings.map(messageOf),
  }
}

function hasToken(file: RoutingFile): boolean {
  const json = JSON.stringify(file)
  return maskTokens(json) !== json
}

function parseFile(text: string, name: string, context: RoutingContext) {
  const yaml = parseYaml(text)
  // People who may write rules in AWS may not be allowed to read the secrets of the functions.
  const { problems, written, ...read } = parseValue(yaml.value, context, isRemote(name) ? isDeployable : undefined)
  const withLine = (problem: PathProblem) => {
    const place = pathText(fullPath(problem))
    return {
      line: yaml.lineOf(problem.path, problem.key),
      text: `${place === '' ? '' : `, ${place}`}: ${asWritten(problem.message, written)}${suggestionFor(problem)}`,
    }
  }
  const inFile = ({ line, text: said }: { line: number; text: string }) => maskTokens(`${name}, line ${line}${said}`)
  const syntax = yaml.problems.map(({ line, text: said }) => ({ line, text: `: ${said}` }))
  return {
    ...read,
    value: yaml.value,
    problems: [...syntax, ...problems.map(withLine)].sort((a, b) => a.line - b.line).map(inFile),
    messageOf: (problem: PathProblem) => inFile(withLine(problem)),
  }
}

/** A variable may contain a secret, so a message quotes the text of the file and not the value in use. */
function asWritten(message: string, written: ReadonlyMap<string, string>): string {
  return [...written].reduce((rest, [quotedValue, text]) => rest.replaceAll(quotedValue, () => text), message)
}

function suggestionFor({ unknown }: PathProblem): string {
  return unknown === undefined ? '' : didYouMean(unknown.word, unknown.allowed)
}

function parseValue(value: unknown, context: RoutingContext, isAllowed?: (name: string) => boolean) {
  const filled = substitute(value, context.environment, isAllowed)
  const { file, problems: ofShape, mended, doubtful } = readShape(filled.value, context.now)
  const { ruleset, problems: ofRuleset } = compileRuleset(file, context)
  // A mistake often causes others. Only the first of them is reported.
  const changed = [...filled.problems.map(fullPath), ...mended]
  const isNew = (problem: PathProblem) => !changed.some((path) => liesIn(fullPath(problem), path))
  const unsure = [...changed, ...doubtful]
  const isUnsureTarget = ({ unknown }: PathProblem) =>
    unknown !== undefined && unsure.some((path) => liesIn(['targets', unknown.word], path))
  const unreliable = [...unsure, ...ofRuleset.map(fullPath)]
  const ofReview = review(file, ruleset, (path) => !unreliable.some((one) => liesIn(one, path) || liesIn(path, one)))
  const problems = [
    ...filled.problems,
    ...ofShape.filter((problem) => !filled.problems.some(({ path }) => liesIn(fullPath(problem), path))),
    ...ofRuleset.filter((problem) => isNew(problem) && !isUnsureTarget(problem)),
    ...ofReview.filter(isNew),
  ]
  return {
    file,
    ruleset,
    problems,
    written: filled.written,
    // A target may be unused only because of a mistake elsewhere.
    warnings: warningsOf(file, ruleset, context.now).filter((warning) =>
      warning.path[0] === 'targets' ? problems.length === 0 : !problems.some(isAt(warning)),
    ),
    stateWarnings: stateWarningsOf(file),
  }
}

function isAt(one: PathProblem): (other: PathProblem) => boolean {
  return (other) => pathText(fullPath(other)) === pathText(fullPath(one))
}
