import type { ParsedNode, YAMLError, YAMLMap } from 'yaml'
import { type Document, isMap, isScalar, isSeq, LineCounter, parseDocument, visit } from 'yaml'
import { type Path, quoted } from '../../core/routing/problem.ts'

/** A YAML file's value, and the lines of its parts. */
export interface YamlFile {
  value: unknown
  /** The line of the part at `path` or, if there is none, of its nearest parent; with `key`, the line of this key in it. */
  lineOf(path: Path, key?: string): number
  problems: { line: number; text: string }[]
}

/** Parses YAML 1.2. After a syntax error `value` is undefined. */
export function parseYaml(text: string): YamlFile {
  if (isTooDeep(text)) return { value: undefined, lineOf: () => 1, problems: [{ line: 1, text: tooDeep }] }
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, logLevel: 'error' })
  const lineAt = (offset: number) => lines.linePos(offset).line || 1
  const found = [...document.errors, ...document.warnings]
  const isTwice = ({ code }: YAMLError) => code === 'DUPLICATE_KEY'
  const fatal = found.find((one) => !isTwice(one))
  // Errors after a syntax error mostly follow from it.
  const problems = (fatal ? [fatal] : found).map((error) => {
    const line = lineAt(error.pos[0])
    return { line, text: textOf(error, text, text.split('\n')[line - 1] ?? '') }
  })
  return {
    value: fatal ? undefined : toValue(document, problems, lineAt),
    problems,
    lineOf(path, key) {
      let node: ParsedNode | null | undefined = document.contents
      let offset = 0
      for (const step of path) {
        offset = node?.range?.[0] ?? offset
        node = isMap(node) ? pairOf(node, step)?.value : isSeq(node) ? node.items[Number(step)] : undefined
      }
      const named = key !== undefined && isMap(node) ? pairOf(node, key)?.key : node
      return lineAt(named?.range?.[0] ?? offset)
    },
  }
}

// The parser takes seconds for some ten thousand levels.
const mostLevels = 1_000
const tooDeep = `more than ${mostLevels} brackets are open; each [ and { needs its ] or }`

function isTooDeep(text: string): boolean {
  let level = 0
  for (const [bracket] of text.matchAll(/[[\]{}]/g)) {
    level = Math.max(0, level + (bracket === '[' || bracket === '{' ? 1 : -1))
    if (level > mostLevels) return true
  }
  return false
}

/** The last pair with this key, since the last value of a repeated key counts. */
function pairOf({ items }: YAMLMap.Parsed, key: string | number) {
  return items.findLast((pair) => isScalar(pair.key) && String(pair.key.value) === String(key))
}

function textOf({ code, message, pos }: YAMLError, text: string, line: string): string {
  if (code === 'DUPLICATE_KEY') return `the key ${quoted(/^[^:\s]*/.exec(text.slice(pos[0]))?.[0])} is given twice`
  if (code === 'MULTIPLE_DOCS') return 'the file must have one YAML document; remove the line ---'
  const isVariable = /[{[,].*\$\{/.test(line)
  const hint = isVariable ? `put \${NAME} in quotes inside { } and [ ]` : hints[code]
  return hint === undefined ? message : `${message}; ${hint}`
}

const hints: Record<string, string> = {
  BAD_ALIAS: 'put text that begins with * in quotes',
  BAD_DQ_ESCAPE: 'put a regular expression in single quotes',
  BAD_SCALAR_START: 'put this text in quotes',
  BLOCK_AS_IMPLICIT_KEY: 'put text that contains ": " in quotes',
  TAG_RESOLVE_FAILED: 'put text that begins with ! in quotes',
  TAB_AS_INDENT: 'use spaces',
  UNEXPECTED_TOKEN: 'put text that begins with a quote, [ or { in quotes',
}

/** Undefined, with a problem, if the aliases cannot be expanded. */
function toValue(
  document: Document.Parsed,
  problems: YamlFile['problems'],
  lineAt: (offset: number) => number,
): unknown {
  const aliases: { line: number; source: string; isKnown: boolean }[] = []
  visit(document, {
    Alias(_, node) {
      const isKnown = node.resolve(document) !== undefined
      aliases.push({ line: lineAt(node.range?.[0] ?? 0), source: node.source, isKnown })
      return aliases.length > mostAliases ? visit.BREAK : undefined
    },
  })
  const unknown = aliases.filter(({ isKnown }) => !isKnown)
  const report = (line: number, text: string) => void problems.push({ line, text })
  for (const { line, source } of unknown)
    report(line, `the alias *${source} has no anchor; put text that begins with * in quotes`)
  if (unknown.length > 0) return undefined
  try {
    const value: unknown = document.toJS()
    // Throws if an alias contains itself.
    JSON.stringify(value)
    return value
  } catch {
    report(aliases[0]?.line ?? 1, 'the aliases (*…) expand without end; use fewer of them')
    return undefined
  }
}

// The parser's own limit.
const mostAliases = 100
