import type { Clock } from '../../lib/pipeline/ports.ts'

/** A clock whose sleep takes no time: it moves `now` instead. */
export function leapingClock(start = 1_700_000_000_000): Clock & { leap(milliseconds: number): void; slept: number[] } {
  let now = start
  const slept: number[] = []
  return {
    slept,
    now: () => now,
    leap(milliseconds) {
      now += milliseconds
    },
    async sleep(milliseconds) {
      slept.push(milliseconds)
      if (Number.isFinite(milliseconds)) now += milliseconds
    },
    after: () => () => {},
  }
}
