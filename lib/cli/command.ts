import { type ParseArgsConfig, parseArgs } from 'node:util'

export interface Command {
  /** Half a line for the list of commands. */
  about: string
  /** The whole help, with examples. Shell completion finds the options at the beginning of its lines. */
  help: string
  /** The words that the first argument can be. Without them, arguments are files. */
  words?: readonly string[]
  /** The words that options can have as values. */
  choices?: Readonly<Record<string, readonly string[]>>
  /** Resolves with the exit code. */
  run(args: string[]): Promise<number>
}

/** 0: done; 1: something failed or is left; 2: wrong command line. */
export const exitCodes = { fine: 0, problem: 1, misuse: 2 } as const

/** The command line is wrong. */
export class Misuse extends Error {}

/** An expected failure, for example a missing file. Its message is all that the user needs. */
export class UserError extends Error {}

/** What to print for an error: the message if it was written for the user, the whole error if it is a bug. */
export function explanation(error: unknown): unknown {
  if (!(error instanceof Error) || process.env.LOG_LEVEL === 'debug') return error
  const isBug = [TypeError, RangeError, ReferenceError, SyntaxError].some((kind) => error instanceof kind)
  return isBug ? error : error.message
}

/** Like node:util parseArgs, but throws a Misuse with one sentence. */
export function readArguments<const Config extends ParseArgsConfig>(config: Config) {
  try {
    return parseArgs<Config>(config)
  } catch (error) {
    // Node adds advice about arguments that begin with a dash.
    throw new Misuse((error as Error).message.replace(/\. To specify a positional.*$/s, ''))
  }
}

/** The only file that a command takes; a Misuse if there is none, or more than one. */
export function onlyFile(positionals: readonly string[], usage: string): string {
  const [file, ...others] = positionals
  if (file === undefined) throw new Misuse(`missing file: ${usage}`)
  if (others.length > 0) throw new Misuse(`expected one file, got ${positionals.length}`)
  return file
}

export function oneOf<const Word extends string>(name: string, given: string, words: readonly Word[]): Word {
  const found = words.find((word) => word === given)
  if (found === undefined) throw new Misuse(`${name}: "${given}" must be ${words.join(' or ')}`)
  return found
}

export function wholeNumber(name: string, given: string, most: number): number {
  const number = /^\d{1,9}$/.test(given) ? Number(given) : 0
  if (number < 1 || number > most) throw new Misuse(`${name}: "${given}" must be a whole number from 1 to ${most}`)
  return number
}
