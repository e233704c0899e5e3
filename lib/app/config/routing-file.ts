import { maskTokens } from '../../core/message/text/mask.ts'
import { fullPath, liesIn, type PathProblem, placeOf } from '../../core/routing/problem.ts'
import { compileRuleset, type RulesetContext } from '../../core/routing/ruleset.ts'
import type { RoutingFile } from '../../core/routing/schema.ts'
import type { ReadRouting } from './config.ts'
import type { Environment } from './environment.ts'
import { needState } from './need-state.ts'
import { fingerprintOf, type Packaged } from './packaged.ts'
import { review, warningsOf } from './review.ts'
import { readShape } from './shape.ts'
import { suggest } from './suggest.ts'
import { substitute, variablesIn } from './variables.ts'
import { parseYaml } from './yaml.ts'

interface RoutingContext extends RulesetContext {
  environment: Environment
  /** Milliseconds since the epoch. */
  now: number
}

/** The ruleset in a YAML file's text, with all that is wrong in it at once. `name` is the file's, for what is told. */
export function readRouting(text: string, name: string, context: RoutingContext): ReadRouting {
  const { ruleset, problems, warnings, needs, told } = readText(text, name, context)
  return { ruleset, problems, warnings: warnings.map(told), needState: needs.map(told) }
}

/** The variables that a file names. */
export function variablesOf(text: string): string[] {
  return variablesIn(parseYaml(text).value)
}

// By their names, and what infra/settings.cjs refuses to package.
const secretName = /^AWS_|TOKEN|SECRET|PASSWORD/

/** The same for who packages the file; undefined if it has mistakes, or something secret would go into the package. */
export function packRouting(
  text: string,
  name: string,
  context: Omit<RoutingContext, 'now'> & { hash: (text: string) => string },
): Packaged | undefined {
  // As if each mute had expired: each will some day.
  const { value, file, ruleset, problems, warnings, needs, told } = readText(text, name, { ...context, now: Infinity })
  if (problems.length > 0) return undefined
  const variables = variablesIn(value)
  // Their values would go into the package. The function fills them in by itself.
  if (variables.some((variable) => secretName.test(variable)) || hasToken(file)) return undefined
  const from = ({ path: [section, index] }: PathProblem) =>
    section === 'mutes' ? (ruleset.mutes[Number(index)]?.until ?? 0) : 0
  return {
    fingerprint: fingerprintOf(text, name, variables, context),
    variables,
    file,
    warnings: warnings.map((warning) => ({ from: from(warning), text: told(warning) })),
    needState: needs.map(told),
  }
}

function hasToken(file: RoutingFile): boolean {
  const json = JSON.stringify(file)
  return maskTokens(json) !== json
}

function readText(text: string, name: string, context: RoutingContext) {
  const yaml = parseYaml(text)
  const { problems, ...read } = readValue(yaml.value, context)
  const lined = (problem: PathProblem) => ({
    line: yaml.lineOf(problem.path, problem.key),
    text: `, ${textOf(problem)}`,
  })
  const tell = ({ line, text: said }: { line: number; text: string }) => maskTokens(`${name}, line ${line}${said}`)
  const broken = yaml.problems.map(({ line, text: said }) => ({ line, text: `: ${said}` }))
  return {
    ...read,
    value: yaml.value,
    problems: [...broken, ...problems.map(lined)].sort((a, b) => a.line - b.line).map(tell),
    told: (problem: PathProblem) => tell(lined(problem)),
  }
}

function readValue(value: unknown, context: RoutingContext) {
  const filled = substitute(value, context.environment)
  const { file, problems: shape, mended, doubtful } = readShape(filled.value)
  const { ruleset, problems: compiled } = compileRuleset(file, context)
  // What follows from a problem is told with it.
  const changed = [...filled.problems.map(fullPath), ...mended]
  const isNews = (problem: PathProblem) => !changed.some((path) => liesIn(fullPath(problem), path))
  const unsure = [...changed, ...doubtful]
  const isNamed = ({ meant }: PathProblem) =>
    meant !== undefined && unsure.some((path) => liesIn(['targets', meant], path))
  const touched = [...unsure, ...compiled.map(fullPath)]
  const reviewed = review(file, ruleset, (path) => !touched.some((one) => liesIn(one, path) || liesIn(path, one)))
  const problems = [
    ...filled.problems,
    ...shape.filter((problem) => !filled.problems.some(({ path }) => liesIn(fullPath(problem), path))),
    ...compiled.filter((problem) => isNews(problem) && !isNamed(problem)),
    ...reviewed.filter(isNews),
  ]
  const warnings = warningsOf(file, ruleset, context.now)
  return {
    file,
    ruleset,
    problems,
    // What is wrong elsewhere may have been to use a target.
    warnings: warnings.filter((warning) =>
      warning.path[0] === 'targets' ? problems.length === 0 : !problems.some(isAt(warning)),
    ),
    needs: needState(file),
  }
}

function isAt(one: PathProblem): (other: PathProblem) => boolean {
  return (other) => placeOf(fullPath(other)) === placeOf(fullPath(one))
}

function textOf(problem: PathProblem): string {
  const { given, expected, meant, words = [] } = problem
  const place = placeOf(fullPath(problem))
  const word = meant === undefined ? undefined : suggest(meant, words)
  const text = `${place === '' ? '' : `${place}: `}given ${given}, expected ${expected}`
  return word === undefined || word === meant ? text : `${text}; did you mean "${word}"?`
}
