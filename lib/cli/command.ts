import { type ParseArgsConfig, parseArgs } from 'node:util'

export interface Command {
  /** Half a line for the list of commands. */
  about: string
  /** All of it, with examples. */
  help: string
  /** Resolves with the exit code. */
  run(args: string[]): Promise<number>
}

/** 0: as asked; 1: something is left or went wrong; 2: wrong use. */
export const exitCodes = { fine: 0, problem: 1, misuse: 2 } as const

/** The command line asks for something that there is not. */
export class Misuse extends Error {}

/** What can go wrong though the program is right: its message is all that the user needs. */
export class Problem extends Error {}

/** What to tell of an error: its message where that was written for the user, all of it where it is a bug. */
export function explanation(error: unknown): unknown {
  if (!(error instanceof Error) || process.env.LOG_LEVEL === 'debug') return error
  const isBug = [TypeError, RangeError, ReferenceError, SyntaxError].some((kind) => error instanceof kind)
  return isBug ? error : error.message
}

/** As node:util parseArgs, with what is wrong in one sentence. */
export function readArguments<const Config extends ParseArgsConfig>(config: Config) {
  try {
    return parseArgs<Config>(config)
  } catch (error) {
    // Node goes on with advice on arguments that begin with a dash.
    throw new Misuse((error as Error).message.replace(/\. To specify a positional.*$/s, ''))
  }
}

export function oneOf<const Word extends string>(name: string, given: string, words: readonly Word[]): Word {
  const found = words.find((word) => word === given)
  if (found === undefined) throw new Misuse(`${name}: given "${given}", expected ${words.join(' or ')}`)
  return found
}

export function wholeNumber(name: string, given: string, most: number): number {
  const number = /^\d{1,9}$/.test(given) ? Number(given) : 0
  if (number < 1 || number > most)
    throw new Misuse(`${name}: given "${given}", expected a whole number from 1 to ${most}`)
  return number
}
