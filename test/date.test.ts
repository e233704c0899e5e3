import { execFileSync } from 'node:child_process'
import { expect, it } from 'vitest'
import { childEnvironment } from './support/child-environment.ts'

it('is the same in a test and in the processes that tests start', () => {
  const before = Date.now()
  const inside = execFileSync(process.execPath, ['-p', 'Date.now()'], { env: childEnvironment(), encoding: 'utf8' })
  const after = Date.now()
  // A process is told in whole seconds how far its clock is off.
  expect(Number(inside)).toBeGreaterThan(before - 2_000)
  expect(Number(inside)).toBeLessThan(after + 2_000)
})
