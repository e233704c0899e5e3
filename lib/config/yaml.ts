import { isMap, isScalar, LineCounter, parseDocument } from 'yaml'
import type { Path } from '../route/problem.ts'

/** A YAML file's value, and where in the file its parts stand. */
export interface YamlFile {
  value: unknown
  /** The line of what a path leads to, or of the nearest that is there; `key`: of this key in it. */
  lineOf(path: Path, key?: string): number
  problems: { line: number; text: string }[]
}

/** Parses YAML 1.2. Total: what is no YAML is told in `problems`, and its value is undefined. */
export function parseYaml(text: string): YamlFile {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  const lineAt = (offset: number) => lines.linePos(offset).line || 1
  // The others mostly follow from the first.
  const problems = [...document.errors, ...document.warnings].slice(0, 1).map(({ pos, message }) => {
    const line = lineAt(pos[0])
    const isVariable = /[{[,].*\$\{/.test(text.split('\n')[line - 1] ?? '')
    return { line, text: isVariable ? `${message}; between { } and [ ] a \${NAME} has to be in quotes` : message }
  })
  return {
    value: problems.length === 0 ? toValue(() => document.toJS(), problems) : undefined,
    problems,
    lineOf(path, key) {
      for (let length = path.length; length >= 0; length -= 1) {
        const node = length === 0 ? document.contents : document.getIn(path.slice(0, length), true)
        const named = key !== undefined && length === path.length && isMap(node) ? keyNode(node.items, key) : node
        const range = (named as { range?: [number, number, number] | null } | undefined)?.range
        if (range) return lineAt(range[0])
      }
      return 1
    },
  }
}

function keyNode(items: { key: unknown }[], key: string): unknown {
  return items.find((pair) => isScalar(pair.key) && String(pair.key.value) === key)?.key
}

/** Aliases may say the same so often that they make no value. */
function toValue(make: () => unknown, problems: YamlFile['problems']): unknown {
  try {
    return make()
  } catch (error) {
    problems.push({ line: 1, text: (error as Error).message })
    return undefined
  }
}
