import { expect, test } from 'vitest'
import { createSweepTimer } from '../../lib/app/sweep-timer.ts'
import { virtualClock } from '../../lib/emulator/virtual-clock.ts'
import type { Log } from '../../lib/pipeline/ports.ts'

const startsAt = Date.parse('2026-11-24T00:00:00Z')

/** Runs the timer for some minutes, and returns the seconds of its sweeps and its log. */
async function runTimer(minutes: number, result: (second: number) => { retryAt?: number } | Error) {
  const clock = virtualClock(startsAt)
  const stop = new AbortController()
  const sweptAt: number[] = []
  const lines: string[] = []
  const write = (message: string) => void lines.push(`${secondsNow()} ${message}`)
  const log: Log = { debug: write, info: write, warn: write, error: write, summary: write }
  const secondsNow = () => (clock.now() - startsAt) / 1_000
  const timer = createSweepTimer(
    {
      log,
      nextDue: async () => undefined,
      async sweep() {
        sweptAt.push(secondsNow())
        const ended = result(secondsNow())
        if (ended instanceof Error) throw ended
        return { pending: 0, retryAt: ended.retryAt }
      },
    },
    clock,
  )
  const running = timer.run(stop.signal)
  await clock.sleep(minutes * 60_000)
  stop.abort()
  await running
  return { sweptAt, lines }
}

test('it sweeps once a minute, earlier if something can be retried earlier, but at most every two seconds', async () => {
  const { sweptAt } = await runTimer(2, (second) =>
    second < 60 ? { retryAt: startsAt + (second === 0 ? 1_000 : 30_000) } : {},
  )
  expect(sweptAt.slice(0, 3)).toEqual([0, 2, 30])
})

test('a sweep that fails again and again is logged when it begins, every ten minutes, and when it works again', async () => {
  const { sweptAt, lines } = await runTimer(25, (second) => (second < 23 * 60 ? new Error('no store') : {}))
  expect(sweptAt.length).toBeGreaterThan(20)
  expect(lines).toEqual(['0 sweep failed', '600 sweep failed', '1200 sweep failed', '1380 sweeps work again'])
})
