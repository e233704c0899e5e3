import { expect, test } from 'vitest'
import { followProblems } from '../../lib/core/ongoing-problems.ts'
import { logDeliveryProblems } from '../../lib/pipeline/delivery-problems.ts'

type Results = Parameters<typeof logDeliveryProblems>[0]

/** The log after deliveries with these results, at these minutes. */
function logOf(...deliveries: [minute: number, results: Results][]): string[] {
  const lines: string[] = []
  const problems = followProblems()
  for (const [minute, results] of deliveries) {
    const write = (level: string) => (message: string, fields?: Record<string, unknown>) =>
      void lines.push(`${minute} ${level} ${message}${fields?.afterSeconds ? `, after ${fields.afterSeconds} s` : ''}`)
    logDeliveryProblems(results, { log: { info: write('info'), warn: write('warn') }, problems, now: minute * 60_000 })
  }
  return lines
}

const sent = (chat: string) => ({ chat, outcome: 'sent', why: 'shown' })
const failed = (chat: string, why: string, detail = 'details') => ({ chat, outcome: 'pending', why, detail })

test('an outage of Telegram is one warning for all targets when it begins, every ten minutes, and a line when it ends', () => {
  const down = [failed('-1', 'unreachable'), failed('-2', 'unreachable')]
  const waiting = [failed('-1', 'retry later'), failed('-2', 'rate limit')]
  expect(
    logOf([0, down], [1, waiting], [2, down], [11, down], [12, []], [13, [sent('-1')]], [14, [sent('-2')]]),
  ).toEqual([
    '0 warn Telegram cannot be reached: details',
    '11 warn Telegram cannot be reached: details',
    '13 info Telegram works again, after 780 s',
  ])
})

test('a failure beside a success is not an outage', () => {
  expect(logOf([0, [failed('-1', 'Telegram error'), sent('-2')]])).toEqual([])
})

test('a refused target is a warning of its own, and its end is logged', () => {
  const broken = failed('-1', 'target broken', '403 Forbidden')
  expect(logOf([0, [broken, sent('-2')]], [5, [broken]], [6, [sent('-2')]], [8, [sent('-1')]])).toEqual([
    '0 warn -1: Telegram refuses this target: 403 Forbidden',
    '8 info -1: Telegram accepts messages for this target again, after 480 s',
  ])
})
