import { millisecondsOf } from './duration.ts'
import { type Compile, type Pattern, parseMessagePattern, parsePattern } from './pattern.ts'
import { quoted } from './problem.ts'
import type { Match } from './schema.ts'
import type { Subject, TextName } from './subject.ts'

export type Field = Exclude<keyof Match, 'olderThan'>

export interface Condition {
  field: Field
  patterns: Pattern[]
}

/** A compiled `match` or `except`: all of its conditions must hold, each for one of its patterns. */
export interface Matcher {
  conditions: Condition[]
  olderThan: number | undefined
  /** The first condition that the subject does not meet; undefined if it meets all. */
  unmet(subject: Subject, now: number): Field | 'olderThan' | undefined
}

export interface PatternProblem {
  field: Field
  /** Undefined where the condition is one text. */
  index: number | undefined
  message: string
}

/** Compiles the conditions. Only regular expressions can cause problems. */
export function parseMatch(match: Match, compile: Compile): { matcher: Matcher; problems: PatternProblem[] } {
  const problems: PatternProblem[] = []
  const { olderThan: duration, ...texts } = match
  const conditions = Object.entries(texts).map(([name, given = []]): Condition => {
    const field = name as Field
    const sources = typeof given === 'string' ? [given] : given
    const patterns = sources.flatMap((source, index) => {
      const pattern = field === 'message' ? parseMessagePattern(source, compile) : parsePattern(source, compile)
      if (!('problem' in pattern)) return pattern
      problems.push({
        field,
        index: typeof given === 'string' ? undefined : index,
        message: `${quoted(source)} ${pattern.problem}`,
      })
      return []
    })
    return { field, patterns }
  })
  const olderThan = duration === undefined ? undefined : millisecondsOf(duration)
  const tests = conditions.map((condition) => ({ field: condition.field, test: testOf(condition) })).sort(byCost)
  return {
    problems,
    matcher: {
      conditions,
      olderThan,
      unmet(subject, now) {
        for (const { field, test } of tests) if (!test(subject)) return field
        if (olderThan === undefined) return undefined
        return subject.at !== undefined && now - subject.at > olderThan ? undefined : 'olderThan'
      },
    },
  }
}

type Test = (subject: Subject) => boolean

function testOf({ field, patterns }: Condition): Test {
  const tests = [...Map.groupBy(patterns, (pattern) => textAskedBy(field, pattern))].map(([name, group]) =>
    testOfText(name, group),
  )
  const [only = () => false, ...others] = tests
  return others.length === 0 ? only : (subject) => tests.some((test) => test(subject))
}

/** `web` is compared with the workload's name, `Deployment/web` with its kind and name. */
export function textAskedBy(field: Field, { kind, source }: Pattern): TextName {
  return field === 'workload' && (kind === 'regex' || !source.includes('/')) ? 'workloadName' : field
}

/** Literals share one lookup, since nearly every condition has nothing else. */
function testOfText(name: TextName, patterns: Pattern[]): Test {
  const literals = new Set(patterns.flatMap(({ kind, source }) => (kind === 'literal' ? source.toLowerCase() : [])))
  const globs = patterns.filter(({ kind }) => kind === 'glob')
  const regexes = patterns.filter(({ kind }) => kind === 'regex')
  if (globs.length + regexes.length === 0) return ({ lower }) => literals.has(lower[name])
  return ({ text, lower }) =>
    literals.has(lower[name]) ||
    globs.some(({ test }) => test(lower[name])) ||
    regexes.some(({ test }) => test(text[name]))
}

function byCost(a: { field: Field }, b: { field: Field }): number {
  return Number(a.field === 'message') - Number(b.field === 'message')
}
