import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { troubleOf } from '../../../lib/adapters/kafka/trouble.ts'
import { connection, failure, protocol, troubles } from './trouble.table.ts'

const known = { topics: ['kube-events'], group: 'mine', broker: 'kafka:9092' }

test.each(troubles)('%s', (_name, error, says, advice) => {
  const trouble = troubleOf(error, known)
  expect(trouble.says).toContain(says)
  expect(trouble.advice).toContain(advice)
})

test('the address that an error names goes before the one that was asked', () => {
  const error = connection('connect ECONNREFUSED', 'ECONNREFUSED')
  expect(troubleOf(error, { broker: 'other:1' }).says).toBe('the broker kafka:9092 takes no connection')
  expect(troubleOf({ code: 'ECONNREFUSED' }).says).toBe('a broker takes no connection')
})

test('what a broker says goes before what became of its connection', () => {
  const error = Object.assign(connection('Closed connection', 'ECONNRESET'), {
    cause: protocol('TOPIC_AUTHORIZATION_FAILED'),
  })
  expect(troubleOf(error, known).says).toBe('this login may not read topic kube-events')
})

test('whatever is thrown becomes one line of no great length, and advice', () => {
  const loop: { cause?: unknown } = {}
  loop.cause = loop
  const thrown = fc.oneof(
    fc.anything(),
    fc.string().map((text) => failure(`${text}\n`.repeat(99))),
    fc.constant(loop),
  )
  fc.assert(
    fc.property(thrown, (error) => {
      const { says, advice } = troubleOf(error, known)
      expect(says).not.toMatch(/[\r\n]/)
      expect(says.length).toBeLessThan(500)
      expect(advice).not.toBe('')
    }),
  )
})
