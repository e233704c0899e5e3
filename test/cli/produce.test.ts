import { describe, expect, test } from 'vitest'
import { demoRecords } from '../../lib/cli/produce/demo.ts'
import { envelope } from '../../lib/cli/produce/envelope.ts'
import { barOf } from '../../lib/cli/terminal.ts'
import { decode } from '../../lib/core/event/decode.ts'
import { readRecording } from '../support/recordings.ts'
import { event } from '../support/records.ts'
import { cli } from './spawn.ts'

const somewhere = { KAFKA_BROKERS: '127.0.0.1:1', KAFKA_TOPICS: 'kube-events' }

describe('a wrong command line ends with 2 and one sentence', () => {
  test.each<[string[], string]>([
    [[], 'missing file: produce <file>, or produce --demo'],
    [['a.json', '--demo'], 'give a file or --demo, not both'],
    [['a.json', 'b.json'], 'expected one file, got 2'],
    [['a.json', '--rate', '0'], '--rate: "0" must be a whole number from 1 to 100000'],
    [['--demo', '--topic', '..'], '--topic: ".." is not a topic name'],
    [['--demo', '--fast'], "Unknown option '--fast'"],
  ])('%j', async (args, message) => {
    const { code, stdout, stderr } = await cli(['produce', ...args], somewhere)
    expect(stderr.split('\n')[0]).toContain(message)
    expect(stderr).toMatch(/\nTry: kube-eventer-telegram produce --help\n$/)
    expect(code).toBe(2)
    expect(stdout).toBe('')
  })

  test('KAFKA_TOPICS is not set', async () => {
    const { code, stderr } = await cli(['produce', '--demo'], { ...somewhere, KAFKA_TOPICS: '' })
    expect(stderr.split('\n')[0]).toBe('missing topic: use --topic <name>, or set KAFKA_TOPICS')
    expect(code).toBe(2)
  })
})

test('an unreachable broker ends with 1 and one line without secrets', async () => {
  const login = { KAFKA_SASL: 'plain', KAFKA_USERNAME: 'events', KAFKA_PASSWORD: 'secret-secret', KAFKA_TLS: 'on' }
  const { code, stdout, stderr } = await cli(['produce', '--demo'], { ...somewhere, ...login })
  expect(stderr).toMatch(/^broker 127\.0\.0\.1:1 does not accept connections: .+\n$/)
  expect(stderr).not.toContain('secret-secret')
  expect(code).toBe(1)
  expect(stdout).toBe('')
})

describe('the format of kube-eventer', () => {
  /** The same fields in the order in which kubectl prints them. */
  function sorted(value: unknown): unknown {
    if (Array.isArray(value)) return value.map(sorted)
    if (typeof value !== 'object' || value === null) return value
    const entries = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1))
    return Object.fromEntries(entries.map(([name, inner]) => [name, sorted(inner)]))
  }

  test.each(['cluster-mixed', 'cluster-node-not-ready', 'stub-awkward', 'stub-corpus-225', 'stub-growing'])(
    'is, byte by byte, what it has sent: %s',
    (name) => {
      let count = 0
      for (const { value } of readRecording(name)) {
        const { EventValue, EventTimestamp } = JSON.parse(value ?? '')
        const given = { kind: 'Event', apiVersion: 'v1', ...(sorted(JSON.parse(EventValue)) as object) }
        const made = envelope(given, 0)
        // An Event without times gets the moment of sending, which only the recording knows.
        const hasOwn = !made.includes('"EventTimestamp":"1970-01-01T00:00:00Z"')
        expect(hasOwn ? made : made.replace('1970-01-01T00:00:00Z', EventTimestamp)).toBe(value)
        count += 1
      }
      expect(count).toBeGreaterThan(50)
    },
  )

  test('is of core/v1 for an Event of events.k8s.io', () => {
    const { EventValue, EventTags } = JSON.parse(
      envelope(
        {
          metadata: { name: 'a.1', namespace: 'shop', uid: 'u' },
          regarding: { kind: 'Pod', namespace: 'shop', name: 'a', uid: 'p' },
          note: 'a < b',
          reason: 'Odd',
          eventTime: '2026-11-24T07:26:34.120000Z',
          reportingController: 'x',
          deprecatedSource: { host: 'worker-1' },
        },
        0,
      ),
    )
    expect(JSON.parse(EventValue)).toMatchObject({
      involvedObject: { name: 'a' },
      message: 'a < b',
      reportingComponent: 'x',
    })
    expect(EventTags).toEqual({ eventID: 'u', hostname: 'worker-1', pod_id: 'p', pod_name: 'a' })
  })

  test.each([
    ['whole seconds', { lastTimestamp: '2026-11-24T07:26:34Z' }, '2026-11-24T07:26:34Z'],
    [
      'without zeros at the end',
      { lastTimestamp: null, eventTime: '2026-11-24T07:26:34.120000Z' },
      '2026-11-24T07:26:34.12Z',
    ],
    ['of nothing but zeros', { lastTimestamp: null, eventTime: '2026-11-24T07:26:34.000000Z' }, '2026-11-24T07:26:34Z'],
    ['in UTC', { lastTimestamp: '2026-11-24T08:26:34+01:00' }, '2026-11-24T07:26:34Z'],
    ['the moment of sending', { lastTimestamp: null }, '2026-11-25T00:00:00.5Z'],
  ])('EventTimestamp: %s', (_, fields, expected) => {
    const made = envelope(event(1, fields), Date.parse('2026-11-25T00:00:00.500Z'))
    expect(JSON.parse(made).EventTimestamp).toBe(expected)
  })
})

test('the demo has the present time, and new events in each run', () => {
  const now = Date.parse('2026-11-24T07:26:34Z')
  const decoded = (at: number) => demoRecords(at).map((value) => decode(Buffer.from(value).toString('base64')))
  const events = decoded(now).flatMap((one) => ('event' in one ? one.event : []))
  expect(events).toHaveLength(8)
  for (const { at = 0 } of events) expect(now - at).toBeLessThan(60_000)
  const names = [...events, ...decoded(now + 1).flatMap((one) => ('event' in one ? one.event : []))].map(
    ({ name }) => name,
  )
  expect(new Set(names).size).toBe(16)
})

test.each([
  ['nothing yet', barOf(0, 10, 10), '░░░░░░░░░░   0 %  0 of 10'],
  ['some', barOf(1_234, 2_000, 10), '██████░░░░  61 %  1,234 of 2,000'],
  ['all', barOf(10, 10, 10), '██████████ 100 %  10 of 10'],
  ['nobody knows how many', barOf(1, undefined), '1 record'],
])('progress: %s', (_, bar, expected) => {
  expect(bar).toBe(expected)
})
