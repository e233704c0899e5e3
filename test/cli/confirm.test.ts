import { PassThrough } from 'node:stream'
import { expect, it, test } from 'vitest'
import { confirm } from '../../lib/cli/terminal.ts'

function terminal({ canType = true, canRead = true } = {}) {
  const input = Object.assign(new PassThrough(), { isTTY: canType })
  const output = Object.assign(new PassThrough(), { isTTY: canRead })
  return { input, output, said: () => String(output.read() ?? '') }
}

test.each<[string, boolean]>([
  ['y\n', true],
  ['Yes \r\n', true],
  ['n\n', false],
  ['\n', false],
  ['yesterday\n', false],
  // What Ctrl+C and Ctrl+D send.
  ['\u0003', false],
  ['\u0004', false],
])('%j is %s', async (typed, expected) => {
  const { input, output, said } = terminal()
  const answer = confirm('Send 2 messages?', { input, output })
  input.write(typed)
  expect(await answer).toBe(expected)
  expect(said()).toContain('Send 2 messages? [y/N] ')
})

it('means no if the input ends', async () => {
  const { input, output } = terminal()
  const answer = confirm('Send?', { input, output })
  input.end()
  expect(await answer).toBe(false)
})

it.each([{ canType: false }, { canRead: false }])('does not ask without a terminal: %j', async (who) => {
  const { input, output, said } = terminal(who)
  expect(await confirm('Send?', { input, output })).toBeUndefined()
  expect(said()).toBe('')
})
