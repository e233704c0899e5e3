import { type Path, type PathProblem, quoted } from '../../core/routing/problem.ts'
import type { Environment } from './environment.ts'

// `$${NAME}` is `${NAME}` itself.
const variable = /(\$?)\$\{([^{}]*)\}/g

/** The names of the variables in a file's texts. */
export function variablesIn(value: unknown): string[] {
  const names = JSON.stringify(value ?? null).matchAll(/(?<!\$)\$\{([A-Za-z_]\w*)/g)
  return [...new Set([...names].map(([, name = '']) => name))]
}

/** Fills in `${NAME}`, or `${NAME:-default}`, in each text of a file. A variable that is missing or empty, and has no default, is a problem. */
export function substitute(value: unknown, environment: Environment): { value: unknown; problems: PathProblem[] } {
  const problems: PathProblem[] = []

  function fill(text: string, path: Path): string {
    return text.replace(variable, (whole, escaping: string, inside: string) => {
      if (escaping) return whole.slice(1)
      const [, name = '', fallback] = /^([A-Za-z_]\w*)(?::-(.*))?$/s.exec(inside) ?? []
      const found = (Object.hasOwn(environment, name) && environment[name]) || fallback
      if (name === '')
        problems.push({ path, given: quoted(whole), expected: 'the name of a variable, as $' + '{CHAT}' })
      else if (found === undefined)
        problems.push({
          path,
          given: quoted(whole),
          expected: `${name} in the environment, or a default as \${${name}:-…}`,
        })
      return found ?? whole
    })
  }

  function walk(one: unknown, path: Path): unknown {
    if (typeof one === 'string') return fill(one, path)
    if (Array.isArray(one)) return one.map((item, index) => walk(item, [...path, index]))
    if (typeof one !== 'object' || one === null) return one
    return Object.fromEntries(Object.entries(one).map(([key, item]) => [key, walk(item, [...path, key])]))
  }

  return { value: walk(value, []), problems }
}
