import type { Clock } from '../../lib/clock.ts'

export interface VirtualClock extends Clock {
  /** The same time for the server of a test: its sleeps hold a request back. */
  server: Clock
}

interface Timer {
  at: number
  fire: () => void
  kind: 'sleep' | 'server sleep' | 'abandoned server sleep' | 'time-out'
}

/**
 * Time that stands still while a request is under way over a real socket, and jumps to the next timer when everyone waits for time: so
 * minutes pass in milliseconds, and each run takes the same virtual time. Every time-out (`after`) stands for a request under way.
 */
export function virtualClock(start = Date.parse('2026-11-24T00:00:00Z')): VirtualClock {
  let now = start
  let isPumping = false
  const timers = new Set<Timer>()

  const client: Clock = { now: () => now, sleep: sleeper('sleep'), after }
  return { ...client, server: { ...client, sleep: sleeper('server sleep') } }

  function sleeper(kind: Timer['kind']): Clock['sleep'] {
    return (milliseconds, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted) return resolve()
        const timer = add(milliseconds, kind, resolve)
        signal?.addEventListener('abort', () => {
          timers.delete(timer)
          resolve()
        })
      })
  }

  function after(milliseconds: number, callback: () => void) {
    const timer = add(milliseconds, 'time-out', callback)
    return () => void timers.delete(timer)
  }

  function add(milliseconds: number, kind: Timer['kind'], fire: () => void): Timer {
    const timer = { at: now + Math.max(0, milliseconds), kind, fire }
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
      if (!isRequestUnderWay()) fire(next)
      pump()
    })
  }

  function isRequestUnderWay(): boolean {
    const count = (kind: Timer['kind']) => [...timers].filter((timer) => timer.kind === kind).length
    return count('time-out') > count('server sleep')
  }

  function fire(timer: Timer) {
    timers.delete(timer)
    now = Math.max(now, timer.at)
    // The client gives up, and the server goes on sleeping over a request that nobody waits for.
    const server = [...timers].findLast(({ kind }) => kind === 'server sleep')
    if (timer.kind === 'time-out' && server) server.kind = 'abandoned server sleep'
    timer.fire()
  }
}
