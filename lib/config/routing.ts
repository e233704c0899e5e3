import type { PathProblem } from '../route/problem.ts'
import { maskTokens } from '../text/mask.ts'
import { compileFile, type RulesetContext } from './default-ruleset.ts'
import { readShape } from './issues.ts'
import type { Environment } from './reader.ts'
import { needState, placeOf, review, warningsOf } from './review.ts'
import type { ReadRouting } from './schema.ts'
import { substitute } from './substitute.ts'
import { suggest } from './suggest.ts'
import { parseYaml } from './yaml.ts'

interface RoutingContext extends RulesetContext {
  environment: Environment
  /** Milliseconds since the epoch. */
  now: number
}

/** The ruleset in a YAML file's text, with all that is wrong in it at once. `name` is the file's, for what is told. */
export function readRouting(text: string, name: string, context: RoutingContext): ReadRouting {
  const yaml = parseYaml(text)
  const filled = substitute(yaml.value, context.environment)
  const { file, problems: shape } = readShape(filled.value)
  const { ruleset, problems: compiled } = compileFile(file, context)
  const told = (problem: PathProblem) => `${name}, line ${yaml.lineOf(problem.path, problem.key)}, ${textOf(problem)}`
  return {
    ruleset,
    problems: [
      ...yaml.problems.map(({ line, text: said }) => `${name}, line ${line}: ${said}`),
      ...[...filled.problems, ...shape, ...compiled, ...review(file, ruleset)].map(told),
    ],
    warnings: warningsOf(file, ruleset, context.now).map(told),
    needState: needState(file).map(told),
  }
}

function textOf({ path, key, given, expected, meant, words = [] }: PathProblem): string {
  const place = placeOf(key === undefined ? path : [...path, key])
  const word = meant === undefined ? undefined : suggest(meant, words)
  const text = `${place === '' ? '' : `${place}: `}given ${given}, expected ${expected}`
  return maskTokens(word === undefined || word === meant ? text : `${text}; did you mean "${word}"?`)
}
