import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { decode } from '../../../lib/core/event/decode.ts'
import type { KubeEvent } from '../../../lib/core/event/event.ts'
import { readRecording, recordingNames } from '../../support/recordings.ts'
import { envelope, event } from '../../support/records.ts'

const base64 = (text: string | Uint8Array) => Buffer.from(text as string).toString('base64')
const at = (time: string) => Date.parse(time)

describe('a value that is not an event becomes a problem', () => {
  test.each([
    ['no value (tombstone)', undefined, 'empty'],
    ['null (tombstone)', null, 'empty'],
    ['an empty value', '', 'empty'],
    ['a number', 5, 'not base64'],
    ['an object', { EventValue: '{}' }, 'not base64'],
    ['text', 'not base64 at all!', 'not base64'],
    ['one character too few', base64('{"a":12345}').slice(0, -3), 'not JSON'],
    ['one stray character', `${base64('{}').slice(0, 2)}*${base64('{}').slice(2)}`, 'not base64'],
    ['bytes that are not UTF-8', base64(new Uint8Array([0x7b, 0xff, 0xfe, 0x7d])), 'not UTF-8'],
    ['text that is not JSON', base64('hello'), 'not JSON'],
    ['cut JSON', base64('{"EventValue":"{'), 'not JSON'],
    ['JSON null', base64('null'), 'no EventValue'],
    ['a JSON list', base64('[]'), 'no EventValue'],
    ['another object', base64('{"kind":"Pod"}'), 'no EventValue'],
    ['EventValue that is not JSON', base64(envelope('{"metadata":')), 'EventValue not JSON'],
    ['an empty EventValue', base64(envelope('')), 'EventValue not JSON'],
    ['EventValue that is null', base64('{"EventValue":null}'), 'not an Event'],
    ['EventValue that is a number', base64(envelope('5')), 'not an Event'],
    ['an object that is no Event', base64(envelope('{"kind":"Pod","metadata":{}}')), 'not an Event'],
  ])('%s', (_, value, problem) => {
    expect(decode(value)).toEqual({ problem })
  })

  test('a value that the worker could not read has a reason', () => {
    const value = { unreadable: 'offset 7: larger than 8 MB', topic: 'kube-events', partition: 0 }
    expect(decode(value)).toEqual({ problem: 'unreadable', detail: 'offset 7: larger than 8 MB' })
  })
})

describe('an event in every form', () => {
  const decoded = (value: unknown): KubeEvent => {
    const result = decode(typeof value === 'string' ? value : base64(envelope(value)))
    if ('problem' in result) throw new Error(result.problem)
    return result.event
  }

  it('has the fields that the kubelet writes', () => {
    expect(decoded(event(7))).toMatchObject({
      name: 'web-7d9f8c6b5-x2k4p.7',
      namespace: 'shop',
      uid: '00000000-0000-4000-8000-000000000007',
      resourceVersion: '1007',
      type: 'Warning',
      reason: 'BackOff',
      message: 'Back-off restarting failed container, record 7.',
      involvedObject: { kind: 'Pod', namespace: 'shop', name: 'web-7d9f8c6b5-x2k4p' },
      component: 'kubelet',
      host: 'worker-1',
      count: 4,
      firstAt: at('2026-11-23T23:25:54Z'),
      lastAt: at('2026-11-23T23:26:34Z'),
      at: at('2026-11-23T23:26:34Z'),
    })
  })

  it('is about the node of the kubelet if it names no object', () => {
    expect(decoded(event(1, { involvedObject: {} }))).toMatchObject({
      involvedObject: { kind: 'Node', namespace: '', name: 'worker-1' },
    })
    expect(decoded(event(1, { involvedObject: {}, source: {} }))).toMatchObject({
      involvedObject: { kind: '', name: '' },
    })
  })

  it('has its times from eventTime and series if the new recorder wrote it', () => {
    const { count, ...once } = event(1, {
      source: {},
      firstTimestamp: null,
      lastTimestamp: null,
      eventTime: '2026-11-23T10:00:00.123456Z',
      reportingComponent: 'default-scheduler',
    })
    expect(decoded(once)).toMatchObject({
      component: 'default-scheduler',
      count: undefined,
      firstAt: at('2026-11-23T10:00:00.123Z'),
      at: at('2026-11-23T10:00:00.123Z'),
    })
    const series = { count: 7, lastObservedTime: '2026-11-23T10:10:00.000000Z' }
    expect(decoded({ ...once, series })).toMatchObject({
      count: 7,
      lastAt: at('2026-11-23T10:10:00Z'),
      at: at('2026-11-23T10:10:00Z'),
    })
  })

  it('uses creationTimestamp only if it has no other time', () => {
    const none = { firstTimestamp: 'null', lastTimestamp: '0001-01-01T00:00:00Z', eventTime: null }
    expect(decoded(event(1, none))).toMatchObject({
      at: at('2026-11-23T23:25:54Z'),
      firstAt: undefined,
      lastAt: undefined,
    })
    expect(decoded(event(1)).at).toBe(at('2026-11-23T23:26:34Z'))
  })

  it('may be an events.k8s.io Event without an envelope', () => {
    const { kind, ...fields } = {
      kind: 'Event',
      regarding: { kind: 'Node', name: 'worker-1' },
      note: 'it went away',
      reportingController: 'node-controller',
      deprecatedCount: 3,
      deprecatedLastTimestamp: '2026-11-23T10:00:00Z',
      deprecatedSource: { host: 'worker-1' },
      reason: 'NodeNotReady',
      eventTime: null,
      metadata: { name: 'a' },
    }
    expect(decoded(base64(JSON.stringify({ kind, ...fields })))).toMatchObject({
      involvedObject: { kind: 'Node', name: 'worker-1' },
      message: 'it went away',
      component: 'node-controller',
      host: 'worker-1',
      count: 3,
      lastAt: at('2026-11-23T10:00:00Z'),
    })
  })

  it('ignores fields of a wrong type and unknown fields', () => {
    const odd = event(1, {
      reason: 5,
      count: '4',
      source: [],
      series: 'x',
      lastTimestamp: {},
      message: null,
      future: { a: 1 },
      involvedObject: {},
      metadata: { name: 7 },
    })
    expect(decoded(odd)).toMatchObject({
      reason: '',
      count: undefined,
      component: 'kubelet',
      message: '',
      name: '',
      involvedObject: { kind: '', name: '' },
    })
  })

  it('loses the double escaping of kube-eventer', () => {
    const text = 'a & b < c > d \u2028 "q" \\ 节点 🚀'
    const go = JSON.stringify(event(1, { message: text })).replace(
      /[&<>\u2028]/g,
      (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
    )
    expect(decoded(base64(envelope(go))).message).toBe(text)
  })

  it.each([
    ['a byte order mark', `\ufeff${envelope(event(1))}`],
    ['a real U+FFFD in the text', envelope(event(1, { message: '\ufffd' }))],
  ])('accepts %s', (_, text) => {
    expect(decoded(base64(text)).reason).toBe('BackOff')
  })
})

describe('any input', () => {
  it('of any bytes is an event or a problem', () => {
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 300 }), fc.json(), fc.string()), (input) => {
        const result = decode(Buffer.from(input as string).toString('base64'))
        expect('event' in result || 'problem' in result).toBe(true)
      }),
      { numRuns: 3_000 },
    )
  })

  it('of any JSON in place of an event is an event or a problem', () => {
    const field = fc.constantFrom(
      'metadata',
      'involvedObject',
      'regarding',
      'reason',
      'message',
      'source',
      'count',
      'series',
      'lastTimestamp',
      'type',
      '__proto__',
    )
    fc.assert(
      fc.property(fc.dictionary(field, fc.jsonValue()), (fields) => {
        const result = decode(base64(envelope({ ...event(1), ...fields })))
        expect('event' in result || 'problem' in result).toBe(true)
      }),
      { numRuns: 3_000 },
    )
  })

  it.each([
    ['100,000 nested lists', `${'['.repeat(100_000)}${']'.repeat(100_000)}`],
    ['a value of 1 MB', `"${'x'.repeat(1_000_000)}"`],
  ])('%s', (_, json) => {
    expect(decode(base64(envelope(json)))).toEqual({ problem: 'not an Event' })
    expect(decode(base64(envelope(`{"involvedObject":{},"message":${json}}`)))).toHaveProperty('event')
  })
})

describe('every record that a real kube-eventer wrote is an event', () => {
  it.each(recordingNames())('%s', (name) => {
    const problems = readRecording(name).filter(({ value }) => 'problem' in decode(base64(value ?? '')))
    expect(problems).toEqual([])
  })
})
