/** Decides when to log problems that last: when they begin, when they change, and every ten minutes. */
export interface OngoingProblems {
  /** True if the problem should be logged now. Times are in milliseconds since the epoch. */
  isDue(name: string, text: string, now: number): boolean
  /** Ends the problem. Returns how many seconds it lasted; undefined if there was none. */
  end(name: string, now: number): number | undefined
}

const repeatMilliseconds = 10 * 60_000

export function followProblems(): OngoingProblems {
  const problems = new Map<string, { since: number; text: string; loggedAt: number }>()
  return {
    isDue(name, text, now) {
      const known = problems.get(name)
      if (known?.text === text && now - known.loggedAt < repeatMilliseconds) return false
      problems.set(name, { since: known?.since ?? now, text, loggedAt: now })
      return true
    },
    end(name, now) {
      const known = problems.get(name)
      problems.delete(name)
      return known && Math.round((now - known.since) / 1_000)
    },
  }
}
