import { existsSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { causeOf, rowOf } from '../../../lib/core/event/cause-of.ts'
import { causes } from '../../../lib/core/event/cause-table.ts'
import { toEvent } from '../../../lib/core/event/event.ts'
import { examples } from './cause.examples.ts'

const corpus = `${process.env.CORPUS}/real-events.jsonl`

describe('each row of the table', () => {
  test.each(examples)('%s %s', (reason, message, name, severity) => {
    expect(causeOf({ type: 'Warning', reason, message })).toMatchObject({ name, severity })
    expect(causeOf({ type: 'Normal', reason, message: `(combined from similar events): ${message}` })).toEqual(
      causeOf({ type: 'Warning', reason, message }),
    )
  })

  it('has an example', () => {
    const hit = new Set(examples.map(([reason, message]) => rowOf(reason, message)))
    expect(causes.filter((row) => !hit.has(row))).toEqual([])
  })

  it('can be reached: no earlier row takes every event of its reasons', () => {
    const taken = new Set<string>()
    for (const { reasons, message } of causes) {
      for (const reason of reasons) {
        expect(taken).not.toContain(reason)
        if (!message) taken.add(reason)
      }
    }
  })

  it('has a name in kebab-case, or none if it is good', () => {
    for (const { name, severity, reasons } of causes) {
      expect(name ?? 'none').toMatch(/^[a-z0-9]+(?:-[a-z0-9]+)*$/)
      expect(name === undefined).toBe(severity === 'good')
      expect(reasons).not.toContain('')
    }
  })
})

test.each([
  ['scheduling', 'FailedScheduling', '0/5 nodes are available: 5 Insufficient cpu.', 90],
  ['a probe', 'Unhealthy', 'Readiness probe failed: ', 30],
  ['a back-off', 'BackOff', 'Back-off restarting failed container', 30],
  ['a node', 'NodeNotReady', 'Node worker-2 status is now: NodeNotReady', 720],
  ['a certificate', 'PresentError', 'Error presenting challenge: 429', 1_980],
  ['others', 'FailedCreate', 'Error creating: pods "web-" is forbidden', 60],
  ['unknown ones', 'OddEmoji', '🚀', 60],
])('quiet time of %s', (_, reason, message, minutes) => {
  expect(causeOf({ type: 'Warning', reason, message }).quietMinutes).toBe(minutes)
})

describe('an event that the table lacks', () => {
  test.each([
    ['a warning', 'Warning', 'OddEmoji', 'OddEmoji', 'warning'],
    ['normal', 'Normal', 'Pulled', 'Pulled', 'info'],
    ['an error', 'Error', 'Logging', 'Logging', 'critical'],
    ['in lower case', 'error', 'Logging', 'Logging', 'critical'],
    ['in capitals', 'WARNING', 'Logging', 'Logging', 'warning'],
    ['another type', 'Info', 'Logging', 'Logging', 'info'],
    ['no type', '', 'created', 'created', 'info'],
    ['no reason', 'Warning', '', 'event', 'warning'],
    ['reason of an object', 'Warning', 'constructor', 'constructor', 'warning'],
    ['long reason', 'Normal', 'x'.repeat(9_000), 'x'.repeat(100), 'info'],
    ['half a pair at the cut', 'Normal', `${'x'.repeat(99)}🚀`, `${'x'.repeat(99)}\ufffd`, 'info'],
    ['a container stopped', 'Normal', 'Killing', 'Killing', 'info'],
    ['a back-off of something else', 'Warning', 'BackOff', 'BackOff', 'warning'],
    ['a failure of something else', 'Warning', 'Failed', 'Failed', 'warning'],
  ])('%s', (_, type, reason, name, severity) => {
    expect(causeOf({ type, reason, message: 'Stopping container web' })).toEqual({ name, severity, quietMinutes: 60 })
  })
})

it('is total: every text has a cause with a name', () => {
  const reason = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom(...causes.flatMap(({ reasons }) => reasons)))
  fc.assert(
    fc.property(fc.string(), reason, fc.string({ unit: 'binary' }), (type, word, message) => {
      const { name, quietMinutes } = causeOf({ type, reason: word, message })
      expect(name).not.toBe('')
      expect(name.length).toBeLessThanOrEqual(100)
      expect(quietMinutes).toBeGreaterThanOrEqual(30)
    }),
  )
})

it('reads only the beginning of a message, quickly', () => {
  const longs = ['x', 'Error: ', '(combined from similar events): ', 'Degraded changed from ', 'condition: Failed', ' ']
  const startedAt = performance.now()
  for (const { reasons } of causes) {
    for (const long of longs)
      causeOf({ type: long, reason: reasons[0] ?? '', message: long.repeat(1_000_000 / long.length) })
  }
  expect(performance.now() - startedAt).toBeLessThan(3_000)
  expect(
    causeOf({ type: 'Normal', reason: 'Killing', message: `${' '.repeat(2_000)}failed liveness probe` }).name,
  ).toBe('Killing')
})

it.runIf(existsSync(corpus))('knows 96 of 100 real warnings', () => {
  const lines = readFileSync(corpus, 'utf8').trim().split('\n')
  const warnings = lines
    .flatMap((line) => toEvent(JSON.parse(line).event) ?? [])
    .filter(({ type }) => type === 'Warning')
  const known = warnings.filter(({ reason, message }) => rowOf(reason, message))
  expect(known.length / warnings.length).toBeGreaterThan(0.96)
})
