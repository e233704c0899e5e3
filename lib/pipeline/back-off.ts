import type { OutcomeName, RecordOutcome } from '../core/outcome.ts'
import type { Clock } from './ports.ts'

/** Waits before the answer of an invocation that returned records and sent none; ends before `deadline` (ms since the epoch). */
export type BackOff = (isFruitless: boolean, deadline: number) => Promise<void>

const mostMilliseconds = 60_000

/**
 * A returned batch comes again at once. An hour's cool-down, or a chat that excludes the bot, would cause thousands of invocations, each with
 * its request and its log lines. So fruitless invocations in a row take longer and longer: 0, 1, 2, 4, … 60 s.
 */
export function createBackOff(clock: Clock): BackOff {
  let inARow = 0
  return async (isFruitless, deadline) => {
    const wait = inARow === 0 ? 0 : Math.min(1_000 * 2 ** (inARow - 1), mostMilliseconds, deadline - clock.now())
    inARow = isFruitless ? inARow + 1 : 0
    if (isFruitless && wait > 0) await clock.sleep(wait)
  }
}

/** True of a batch that returned records and sent none. */
export function isFruitless(outcomes: readonly RecordOutcome[]): boolean {
  const has = (name: OutcomeName) => outcomes.some(({ outcome }) => outcome === name)
  return has('returned') && !has('sent')
}
