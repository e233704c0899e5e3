import { describe, expect, it } from 'vitest'
import { virtualClock } from '../../lib/emulator/virtual-clock.ts'
import { StateUnavailable } from '../../lib/pipeline/ports.ts'
import { type Conflict, updateAll, updateWithRetry } from '../../lib/pipeline/update-with-retry.ts'

interface Saved {
  saved: number
}

/** A value with a conditional write. Another writer changes it just before each of the first `conflicts` writes. */
function contested(conflicts: number) {
  let stored = 0
  let left = conflicts
  const writes: number[] = []
  return {
    writes,
    async write(value: number, expected: number | undefined): Promise<Saved | Conflict<number>> {
      writes.push(value)
      if (left > 0) {
        left -= 1
        stored += 10
      }
      if (stored !== expected) return { current: stored }
      stored = value
      return { saved: value }
    },
  }
}

describe('updateWithRetry', () => {
  it('retries with the value that it found on a conflict', async () => {
    const { write, writes } = contested(2)
    const updated = await updateWithRetry<number, Saved>('total', 0, (value = 0) => write(value + 1, value))
    expect(updated).toEqual({ saved: 21 })
    expect(writes).toEqual([1, 11, 21])
  })

  it('retries without a value if it was deleted in the meantime', async () => {
    const values: (number | undefined)[] = []
    await updateWithRetry<number, Saved>('total', 7, async (value) => {
      values.push(value)
      return value === undefined ? { saved: 1 } : { current: undefined }
    })
    expect(values).toEqual([7, undefined])
  })

  it('gives up after 50 conflicts', async () => {
    const { write, writes } = contested(Number.POSITIVE_INFINITY)
    const updated = updateWithRetry<number, Saved>('total', 0, (value = 0) => write(value + 1, value))
    await expect(updated).rejects.toThrow(StateUnavailable)
    await expect(updated).rejects.toThrow('total changes too often')
    expect(writes).toHaveLength(50)
  })

  it('makes a single attempt if nothing has to be written', async () => {
    let attempts = 0
    const updated = await updateWithRetry('total', 3, async (value) => {
      attempts += 1
      return { unchanged: value }
    })
    expect([updated, attempts]).toEqual([{ unchanged: 3 }, 1])
  })
})

describe('updateAll', () => {
  const numbers = (count: number) => Array.from({ length: count }, (_, number) => number)

  it('resolves with the results in the order of the items', async () => {
    const clock = virtualClock(0)
    const results = await updateAll(numbers(40), { deadline: 60_000, clock }, async (number) => {
      await clock.sleep((number * 7) % 11)
      return number * 2
    })
    expect(results).toEqual(numbers(40).map((number) => ({ value: number * 2 })))
  })

  it('runs at most 16 updates at once', async () => {
    const clock = virtualClock(0)
    let running = 0
    let most = 0
    await updateAll(numbers(100), { deadline: 60_000, clock }, async () => {
      running += 1
      most = Math.max(most, running)
      await clock.sleep(10)
      running -= 1
    })
    expect(most).toBe(16)
  })

  it('starts no update after the deadline', async () => {
    const clock = virtualClock(0)
    const started: number[] = []
    const results = await updateAll(numbers(40), { deadline: 2_000, clock }, async (number) => {
      started.push(number)
      await clock.sleep(1_000)
      return number
    })
    expect(started).toEqual(numbers(32))
    expect(results.slice(0, 32)).toEqual(numbers(32).map((value) => ({ value })))
    expect(results.slice(32)).toEqual(Array(8).fill({ failure: { why: 'deadline', detail: 'no time was left' } }))
  })

  it('starts no update after 16 outages', async () => {
    const clock = virtualClock(0)
    let attempts = 0
    const results = await updateAll(numbers(100), { deadline: 60_000, clock }, async () => {
      attempts += 1
      await clock.sleep(5_000)
      throw new StateUnavailable('a test')
    })
    // When the last of the first 16 fails, the others have started one more each.
    expect([attempts, clock.now()]).toEqual([31, 10_000])
    expect(results).toEqual(
      numbers(100).map(() => ({ failure: { why: 'state unavailable', detail: expect.any(String) } })),
    )
  })

  it('continues after fewer outages', async () => {
    const clock = virtualClock(0)
    const results = await updateAll(numbers(50), { deadline: 60_000, clock }, async (number) => {
      if (number < 15) throw new StateUnavailable('a test')
      return number
    })
    expect(results.filter((result) => 'value' in result)).toHaveLength(35)
  })

  it('rejects for a bug', async () => {
    const clock = virtualClock(0)
    const updates = updateAll([1], { deadline: 60_000, clock }, () => Promise.reject(new TypeError('a bug')))
    await expect(updates).rejects.toThrow('a bug')
  })
})
