import { type Path, type PathProblem, quoted } from '../../core/routing/problem.ts'
import type { Environment } from './environment.ts'

// `$${NAME}` stands for the text `${NAME}`.
const variable = /(\$?)\$\{([^{}]*)\}/g

/** The names of the variables in a file's texts. */
export function variablesIn(value: unknown): string[] {
  const names = JSON.stringify(value ?? null).matchAll(/(?<!\$)\$\{([A-Za-z_]\w*)/g)
  return [...new Set([...names].map(([, name = '']) => name))]
}

/**
 * False for variables that must not go into a deployment package or template: those of the Lambda runtime, which AWS refuses to set, and those
 * whose name suggests a secret.
 */
export function isDeployable(name: string): boolean {
  return !/^(?:AWS_|LAMBDA_|_)|^(?:HOME|PATH|NODE_OPTIONS)$|TOKEN|SECRET|PASSWORD/.test(name)
}

interface Substituted {
  value: unknown
  problems: PathProblem[]
  /** Each changed text as messages quote it, and as it is written in the file. */
  written: Map<string, string>
}

/**
 * Replaces `${NAME}` and `${NAME:-default}` in each text of a file. A variable that is missing or empty and has no default is a problem, and so is
 * one whose name `isAllowed` refuses.
 */
export function substitute(
  value: unknown,
  environment: Environment,
  isAllowed: (name: string) => boolean = () => true,
): Substituted {
  const problems: PathProblem[] = []
  const written = new Map<string, string>()

  function fill(text: string, path: Path): string {
    return text.replace(variable, (whole, escaping: string, inside: string) => {
      if (escaping) return whole.slice(1)
      const [, name = '', fallback] = /^([A-Za-z_]\w*)(?::-(.*))?$/s.exec(inside) ?? []
      if (!isAllowed(name)) {
        problems.push({ path, message: `rules in AWS cannot use the variable ${name}: it may contain a secret` })
        return whole
      }
      const found = (Object.hasOwn(environment, name) && environment[name]) || fallback
      if (name === '')
        problems.push({ path, message: `${quoted(whole)} is not a variable; write it like $${'{CHAT}'}` })
      else if (found === undefined)
        problems.push({ path, message: `variable ${name} is not set; set it or write a default: \${${name}:-…}` })
      return found ?? whole
    })
  }

  function walk(one: unknown, path: Path): unknown {
    if (typeof one === 'string') {
      const to = fill(one, path)
      if (to !== one) written.set(quoted(to), quoted(one))
      return to
    }
    if (Array.isArray(one)) return one.map((item, index) => walk(item, [...path, index]))
    if (typeof one !== 'object' || one === null) return one
    return Object.fromEntries(Object.entries(one).map(([key, item]) => [key, walk(item, [...path, key])]))
  }

  return { value: walk(value, []), problems, written }
}
