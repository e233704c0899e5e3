import type { Clock } from '../adapters/clock.ts'

export type Turn = { kind: 'go' } | { kind: 'wait'; milliseconds: number } | { kind: 'too many'; retryAfter: number }

/** One chat's rate limit and cool-down. Sends and edits share it (levlam, tdlib/td#2592). */
export interface Pace {
  /** What a request that would show something has to do first. */
  next(): Turn
  /** Counts an accepted send or edit. */
  count(): void
  /** Whole seconds left of a 429 that was given out before, or 0. */
  coolDownLeft(): number
  coolDown(seconds: number): void
}

/** 20 in a minute in groups and channels; in a private chat about one a second, with short bursts (Bot FAQ). */
export function paceOf(isPrivate: boolean, clock: Clock): Pace {
  const limit = isPrivate ? 5 : 20
  const window = isPrivate ? 5_000 : 60_000
  const accepted: number[] = []
  let coolUntil = 0
  return {
    next() {
      const milliseconds = (accepted.at(-limit) ?? -Infinity) + window - clock.now()
      if (milliseconds <= 0) return { kind: 'go' }
      // TDLib waits out up to 8 s by itself, holding the request (NetQueryCreator.cpp, total_timeout_limit).
      if (milliseconds <= 8_000) return { kind: 'wait', milliseconds }
      return { kind: 'too many', retryAfter: Math.ceil(milliseconds / 1000) }
    },
    count() {
      accepted.push(clock.now())
      if (accepted.length > limit) accepted.shift()
    },
    coolDownLeft: () => Math.max(0, Math.ceil((coolUntil - clock.now()) / 1000)),
    coolDown(seconds) {
      coolUntil = Math.max(coolUntil, clock.now() + seconds * 1000)
    },
  }
}
