import { expect, test } from 'vitest'
import { followProblems } from '../../lib/core/ongoing-problems.ts'

test('a problem is due when it begins, when it changes and every ten minutes; its end tells how long it lasted', () => {
  const minutes = (count: number) => count * 60_000
  const problems = followProblems()
  expect(problems.end('chat', 0)).toBeUndefined()
  const due = [0, 1, 9.9, 10, 15].filter((at) => problems.isDue('chat', 'unreachable', minutes(at)))
  expect(due).toEqual([0, 10])
  expect(problems.isDue('chat', 'refused', minutes(16))).toBe(true)
  expect(problems.isDue('another chat', 'refused', minutes(16))).toBe(true)
  expect(problems.end('chat', minutes(17))).toBe(17 * 60)
  expect(problems.end('chat', minutes(17))).toBeUndefined()
  expect(problems.isDue('chat', 'refused', minutes(18))).toBe(true)
})
