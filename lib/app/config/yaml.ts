import type { ParsedNode, YAMLError, YAMLMap } from 'yaml'
import { type Document, isMap, isScalar, isSeq, LineCounter, parseDocument, visit } from 'yaml'
import { type Path, quoted } from '../../core/routing/problem.ts'

/** A YAML file's value, and where in the file its parts stand. */
export interface YamlFile {
  value: unknown
  /** The line of what a path leads to, or of the nearest that is there; `key`: of this key in it. */
  lineOf(path: Path, key?: string): number
  problems: { line: number; text: string }[]
}

/** Parses YAML 1.2. What is no YAML is told in `problems`, and its value is undefined. */
export function parseYaml(text: string): YamlFile {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, logLevel: 'error' })
  const lineAt = (offset: number) => lines.linePos(offset).line || 1
  const found = [...document.errors, ...document.warnings]
  const isTwice = ({ code }: YAMLError) => code === 'DUPLICATE_KEY'
  const fatal = found.find((one) => !isTwice(one))
  // Behind what can't be read all the others mostly follow from it.
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

/** Of a key that is there twice the last, whose value counts. */
function pairOf({ items }: YAMLMap.Parsed, key: string | number) {
  return items.findLast((pair) => isScalar(pair.key) && String(pair.key.value) === String(key))
}

function textOf({ code, message, pos }: YAMLError, text: string, line: string): string {
  if (code === 'DUPLICATE_KEY')
    return `given ${quoted(/^[^:\s]*/.exec(text.slice(pos[0]))?.[0])} twice, expected each key once`
  if (code === 'MULTIPLE_DOCS') return 'given a second document, expected one: without a line of ---'
  const isVariable = /[{[,].*\$\{/.test(line)
  const hint = isVariable ? `between { } and [ ] a \${NAME} has to be in quotes` : hints[code]
  return hint === undefined ? message : `${message}; ${hint}`
}

const hints: Record<string, string> = {
  BAD_ALIAS: 'a text that begins with * has to be in quotes',
  BAD_DQ_ESCAPE: 'a regular expression is best in single quotes',
  BAD_SCALAR_START: 'a text that begins so has to be in quotes',
  BLOCK_AS_IMPLICIT_KEY: 'a text with ": " in it has to be in quotes',
  TAG_RESOLVE_FAILED: 'a text that begins with ! has to be in quotes',
  TAB_AS_INDENT: 'use spaces',
  UNEXPECTED_TOKEN: 'a text that begins with a quote, [ or { has to be in quotes as a whole',
}

/** Undefined, and told, if aliases make no value of it. */
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
  const tell = (line: number, text: string) => void problems.push({ line, text })
  for (const { line, source } of unknown)
    tell(line, `given *${source}, which stands for nothing; a text that begins with * has to be in quotes`)
  if (unknown.length > 0) return undefined
  try {
    const value: unknown = document.toJS()
    // Throws where something is in itself.
    JSON.stringify(value)
    return value
  } catch {
    tell(aliases[0]?.line ?? 1, 'given aliases (*…) that say the same without end, expected fewer')
    return undefined
  }
}

// As many as the parser follows.
const mostAliases = 100
