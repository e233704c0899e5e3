import type { Clock } from '../adapters/clock.ts'

/** A clock that may want to know which requests wait: a virtual one stands still while others are worked on. */
export interface ServerClock extends Clock {
  /** A request waits, for time or for another one, until the returned function is called. */
  waiting?(): () => void
}

/** Settles as the promise does, before which the request has nothing to do. */
export type Wait = <Result>(promise: Promise<Result>) => Promise<Result>

/** The waits of one request; nobody waits any more once its client has gone, though the server goes on. */
export function waitingOn(clock: ServerClock, isGone: Promise<void>): Wait {
  return async (promise) => {
    const end = clock.waiting?.()
    if (end) void isGone.then(end)
    try {
      return await promise
    } finally {
      end?.()
    }
  }
}
