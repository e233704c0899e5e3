import type { Clock } from '../adapters/clock.ts'

/** Waits before the answer of an invocation that showed nothing although it should have; ends before `deadline` (ms since the epoch). */
export type Rest = (isFruitless: boolean, deadline: number) => Promise<void>

const mostMilliseconds = 60_000

/**
 * A returned batch comes again at once. So that an hour's cool-down or a chat that throws the bot out does not become thousands of
 * invocations, each with its request and its lines in the log, fruitless ones in a row take longer and longer: 0, 1, 2, 4, … 60 s.
 */
export function createBackOff(clock: Clock): Rest {
  let inARow = 0
  return async (isFruitless, deadline) => {
    const wait = inARow === 0 ? 0 : Math.min(1_000 * 2 ** (inARow - 1), mostMilliseconds, deadline - clock.now())
    inARow = isFruitless ? inARow + 1 : 0
    if (isFruitless && wait > 0) await clock.sleep(wait)
  }
}
