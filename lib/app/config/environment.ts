import { maskTokens } from '../../core/message/text/mask.ts'
import { eitherOf } from '../../core/routing/problem.ts'

export type Environment = Record<string, string | undefined>

export interface Reader {
  problems: string[]
  problem(text: string): void
  /** The variable's value; undefined if it is not set or empty. */
  optional(name: string): string | undefined
  /** The variable's value as `parse` returns it. If that is undefined, a problem says that the variable must be `form`. */
  read<Value>(name: string, form: string, parse: (text: string) => Value | undefined): Value | undefined
  /** The same for a variable that must be set. */
  required<Value>(name: string, form: string, parse: (text: string) => Value | undefined): Value | undefined
  /** One of these words; without a fallback the variable must be set. */
  oneOf<const Word extends string>(name: string, words: readonly Word[], fallback: Word | undefined): Word | undefined
}

/** Reads environment variables and collects every problem. */
export function openReader(environment: Environment): Reader {
  const problems: string[] = []
  const reader: Reader = {
    problems,
    problem: (text) => void problems.push(text),
    optional: (name) => environment[name]?.trim() || undefined,
    read(name, form, parse) {
      const given = reader.optional(name)
      if (given === undefined) return undefined
      const value = parse(given)
      if (value === undefined) reader.problem(`${name} must be ${form}, not "${maskUserinfo(maskTokens(given))}"`)
      return value
    },
    required(name, form, parse) {
      if (reader.optional(name) === undefined) reader.problem(`${name} is not set; it must be ${form}`)
      return reader.read(name, form, parse)
    },
    oneOf(name, words, fallback) {
      if (reader.optional(name) === undefined && fallback !== undefined) return fallback
      return reader.required(name, eitherOf(words), (text) => words.find((word) => word === text))
    },
  }
  return reader
}

/** `A, B and C` */
export function listed(names: readonly string[]): string {
  return [names.slice(0, -1).join(', '), ...names.slice(-1)].filter((part) => part !== '').join(' and ')
}

// https://user:password@host
function maskUserinfo(text: string): string {
  return text.replace(/:\/\/[^/@\s]*@/, '://<user>@')
}
