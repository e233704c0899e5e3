import { maskTokens } from '../../core/message/text/mask.ts'

export type Environment = Record<string, string | undefined>

export interface Reader {
  problems: string[]
  problem(text: string): void
  /** The variable's value; undefined if it is not given or empty. */
  optional(name: string): string | undefined
  /** The variable's value as `parse` reads it; a problem where that is undefined. */
  read<Value>(name: string, expected: string, parse: (text: string) => Value | undefined): Value | undefined
  /** The same for a variable that must be given. */
  required<Value>(name: string, expected: string, parse: (text: string) => Value | undefined): Value | undefined
  /** One of these words; without a fallback it must be given. */
  oneOf<const Word extends string>(name: string, words: readonly Word[], fallback: Word | undefined): Word | undefined
}

/** Reads environment variables and collects every problem, in the form `NAME: given …, expected …`. */
export function openReader(environment: Environment): Reader {
  const problems: string[] = []
  const reader: Reader = {
    problems,
    problem: (text) => void problems.push(text),
    optional: (name) => environment[name]?.trim() || undefined,
    read(name, expected, parse) {
      const given = reader.optional(name)
      if (given === undefined) return undefined
      const value = parse(given)
      if (value === undefined)
        reader.problem(`${name}: given "${maskUserinfo(maskTokens(given))}", expected ${expected}`)
      return value
    },
    required(name, expected, parse) {
      if (reader.optional(name) === undefined) reader.problem(`${name}: not given, expected ${expected}`)
      return reader.read(name, expected, parse)
    },
    oneOf(name, words, fallback) {
      if (reader.optional(name) === undefined && fallback !== undefined) return fallback
      return reader.required(name, words.join(' or '), (text) => words.find((word) => word === text))
    },
  }
  return reader
}

// https://user:password@host
function maskUserinfo(text: string): string {
  return text.replace(/:\/\/[^/@\s]*@/, '://<user>@')
}
