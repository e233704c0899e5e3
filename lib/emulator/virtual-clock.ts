import type { Clock } from '../pipeline/ports.ts'

export interface VirtualClock extends Clock {
  /** The same clock for the emulator, which reports the requests that are waiting. */
  server: ServerClock
}

interface Timer {
  at: number
  fire: () => void
  isTimeout: boolean
}

/** 24 November 2026, 00:00 UTC. */
const defaultStart = 1_795_478_400_000

// The other end notices a closed connection after a few turns of the event loop.
const mostTurns = 100

/**
 * A clock that stands still while a request is in progress over a real socket, and jumps to the next timer when everything waits for time.
 * Minutes pass in milliseconds, and each run takes the same virtual time. Each timeout (`after`) counts as a request in progress, unless
 * the server reports that a request is waiting.
 */
export function virtualClock(start = defaultStart): VirtualClock {
  let now = start
  let isPumping = false
  let waiting = 0
  let turns = 0
  const timers = new Set<Timer>()

  const clock: Clock = { now: () => now, sleep, after }
  return { ...clock, server: { ...clock, waiting: startWaiting } }

  function sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal?.aborted) return resolve()
      const timer = add(milliseconds, false, done)
      signal?.addEventListener('abort', done)
      function done() {
        timers.delete(timer)
        signal?.removeEventListener('abort', done)
        resolve()
      }
    })
  }

  function after(milliseconds: number, callback: () => void) {
    const timer = add(milliseconds, true, callback)
    return () => void timers.delete(timer)
  }

  function startWaiting() {
    let isOver = false
    waiting += 1
    return () => {
      if (isOver) return
      isOver = true
      waiting -= 1
    }
  }

  function add(milliseconds: number, isTimeout: boolean, fire: () => void): Timer {
    const timer = { at: now + Math.max(0, milliseconds), isTimeout, fire }
    timers.add(timer)
    pump()
    return timer
  }

  function pump() {
    if (isPumping) return
    isPumping = true
    setImmediate(() => {
      isPumping = false
      const next = [...timers].filter(({ at }) => Number.isFinite(at)).sort((a, b) => a.at - b.at)[0]
      if (!next) return
      if (mayPass()) {
        timers.delete(next)
        now = Math.max(now, next.at)
        next.fire()
      }
      pump()
    })
  }

  function mayPass(): boolean {
    const underWay = [...timers].filter(({ isTimeout }) => isTimeout).length
    // More requests wait than are in progress: a client has just disconnected, or uses no timeouts.
    turns = waiting > underWay ? turns + 1 : 0
    if (underWay > waiting || (turns > 0 && turns <= mostTurns)) return false
    turns = 0
    return true
  }
}

/** A clock that is told which requests wait. A virtual clock stands still while other requests are in progress. */
export interface ServerClock extends Clock {
  /** A request waits until the returned function is called. */
  waiting?(): () => void
}

/** Reports the request as waiting until the promise settles, and returns its result. */
export type Wait = <Result>(promise: Promise<Result>) => Promise<Result>

/** The waits of one request. They end when the client disconnects. */
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
