import { expect, test } from 'vitest'
import { createRedactor } from '../../../lib/adapters/log/redact.ts'

test('a bot token and another secret are masked under their names, also in a URL', () => {
  const { addToken, addSecret, redact } = createRedactor()
  addToken('1:abcdefghijklmnopq')
  addSecret('correct horse')
  expect(redact('1:abcdefghijklmnopq, abcdefghijklmnopq, correct horse, correct%20horse')).toBe(
    '<bot token>, <bot token>, <secret>, <secret>',
  )
})
