import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { explainError } from '../../../lib/adapters/kafka/errors.ts'
import { connection, errorCases, failure, protocol } from './errors.table.ts'

const known = { topics: ['kube-events'], group: 'mine', broker: 'kafka:9092' }

test.each(errorCases)('%s', (_name, error, says, advice) => {
  const explained = explainError(error, known)
  expect(explained.says).toContain(says)
  expect(explained.advice).toContain(advice)
})

test('the address in the error wins over the one that was asked', () => {
  const error = connection('connect ECONNREFUSED', 'ECONNREFUSED')
  expect(explainError(error, { broker: 'other:1' }).says).toBe('broker kafka:9092 does not accept connections')
  expect(explainError({ code: 'ECONNREFUSED' }).says).toBe('a broker does not accept connections')
})

test('the broker’s answer wins over the connection error', () => {
  const error = Object.assign(connection('Closed connection', 'ECONNRESET'), {
    cause: protocol('TOPIC_AUTHORIZATION_FAILED'),
  })
  expect(explainError(error, known).says).toBe('this login may not read topic kube-events')
})

test('any thrown value becomes one short line, with advice', () => {
  const loop: { cause?: unknown } = {}
  loop.cause = loop
  const thrown = fc.oneof(
    fc.anything(),
    fc.string().map((text) => failure(`${text}\n`.repeat(99))),
    fc.constant(loop),
  )
  fc.assert(
    fc.property(thrown, (error) => {
      const { says, advice } = explainError(error, known)
      expect(says).not.toMatch(/[\r\n]/)
      expect(says.length).toBeLessThan(500)
      expect(advice).not.toBe('')
    }),
  )
})
