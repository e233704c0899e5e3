import type { Clock } from '../pipeline/ports.ts'

export interface VirtualClock extends Clock {
  /** The same time for the emulator, which tells which requests only wait. */
  server: ServerClock
}

interface Timer {
  at: number
  fire: () => void
  isTimeout: boolean
}

/** 24 November 2026, 00:00 UTC. */
const defaultStart = 1_795_478_400_000

// A closed connection is seen at its other end after a few turns of the event loop.
const mostTurns = 100

/**
 * Time that stands still while a request of any client is under way over a real socket, and jumps to the next timer when everyone waits
 * for time: so minutes pass in milliseconds, and each run takes the same virtual time. Every time-out (`after`) stands for a request
 * under way, unless the server says that it makes one wait.
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
    // More wait than are under way: a client has just given up and the server is about to see it, or has no time-outs at all.
    turns = waiting > underWay ? turns + 1 : 0
    if (underWay > waiting || (turns > 0 && turns <= mostTurns)) return false
    turns = 0
    return true
  }
}

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
