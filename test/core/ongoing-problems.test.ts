import { expect, test } from 'vitest'
import { followProblems } from '../../lib/core/ongoing-problems.ts'

test('a problem is due when it begins, when it changes and after the interval; its end tells how long it lasted', () => {
  const problems = followProblems(100)
  expect(problems.end('chat', 0)).toBeUndefined()
  expect([0, 50, 99, 100, 150].map((now) => problems.isDue('chat', 'unreachable', now))).toEqual([
    true,
    false,
    false,
    true,
    false,
  ])
  expect(problems.isDue('chat', 'refused', 160)).toBe(true)
  expect(problems.isDue('another chat', 'refused', 160)).toBe(true)
  expect(problems.end('chat', 170)).toBe(170)
  expect(problems.end('chat', 170)).toBeUndefined()
  expect(problems.isDue('chat', 'refused', 180)).toBe(true)
})
