import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type KubeEvent, toEvent } from '../../lib/event/event.ts'
import { card } from '../../lib/format/card.ts'
import { codePoints } from '../../lib/format/clip.ts'
import { plainText } from '../../lib/format/html.ts'
import { event } from '../support/records.ts'

const context = { cluster: 'prod-eu', timeZone: 'Asia/Shanghai' }

function shown(fields: Record<string, unknown> = {}, options = {}): string {
  return card(toEvent(event(1, fields)) as KubeEvent, { ...context, ...options }).markup
}

describe('a card', () => {
  it('says severity and reason first, then whose, the message, the rest', () => {
    expect(shown()).toMatchInlineSnapshot(`
      "🟠 <b>BackOff</b> · Warning
      Pod <code>shop/web-7d9f8c6b5-x2k4p</code>
      <blockquote><code>Back-off restarting failed container, record 1.</code></blockquote>
      ×4 · 2026-11-24 07:25:54 – 07:26:34 UTC+8
      container <code>web</code> · node <code>worker-1</code> · <code>kubelet</code>
      cluster <code>prod-eu</code>"
    `)
  })

  it('carries what the new recorder gives: action, instance, related, a series', () => {
    expect(
      shown({
        reason: 'FailedScheduling',
        message: '0/3 nodes are available: 3 Insufficient cpu.',
        source: {},
        firstTimestamp: null,
        lastTimestamp: null,
        count: undefined,
        eventTime: '2026-11-23T15:59:59.500000Z',
        series: { count: 1234, lastObservedTime: '2026-11-23T16:10:00.000000Z' },
        action: 'Scheduling',
        related: { kind: 'Node', name: 'worker-2' },
        reportingComponent: 'default-scheduler',
        reportingInstance: 'default-scheduler-control-plane-1',
      }),
    ).toMatchInlineSnapshot(`
      "🟠 <b>FailedScheduling</b> · Warning
      Pod <code>shop/web-7d9f8c6b5-x2k4p</code>
      <blockquote><code>0/3 nodes are available: 3 Insufficient cpu.</code></blockquote>
      ×1,234 · 2026-11-23 23:59:59 – 2026-11-24 00:10:00 UTC+8
      container <code>web</code> · <code>default-scheduler</code> · on <code>default-scheduler-control-plane-1</code> · action Scheduling · related Node <code>worker-2</code>
      cluster <code>prod-eu</code>"
    `)
  })

  it('shows eventTime where it says something of its own', () => {
    expect(shown({ eventTime: '2026-11-23T23:20:00.000000Z' })).toContain(
      '07:25:54 – 07:26:34 UTC+8 · event time 2026-11-24 07:20:00 UTC+8',
    )
  })

  it('says nothing twice and shows nothing empty', () => {
    const node = {
      involvedObject: { kind: 'Node', name: 'worker-1' },
      count: 1,
      lastTimestamp: '2026-11-23T23:25:54Z',
      message: ' \n ',
    }
    expect(shown(node)).toMatchInlineSnapshot(`
      "🟠 <b>BackOff</b> · Warning
      Node <code>worker-1</code>
      2026-11-24 07:25:54 UTC+8
      <code>kubelet</code>
      cluster <code>prod-eu</code>"
    `)
  })

  it('has a name for an event of nobody, without type and reason', () => {
    const nobody = {
      involvedObject: {},
      type: undefined,
      reason: undefined,
      source: {},
      reportingComponent: '',
      reportingInstance: '',
    }
    expect(shown(nobody).split('\n').slice(0, 2)).toEqual([
      '⚪ <b>Event</b>',
      'Event <code>shop/web-7d9f8c6b5-x2k4p.1</code>',
    ])
  })

  it('shows the zone’s offset at each moment', () => {
    const summer = { firstTimestamp: '2026-10-25T00:30:00Z', lastTimestamp: '2026-10-25T01:30:00Z' }
    expect(shown(summer, { timeZone: 'Europe/Berlin' })).toContain('2026-10-25 02:30:00 UTC+2 – 02:30:00 UTC+1')
  })

  it('says that it may be a repeat', () => {
    expect(shown({}, { isRepeatPossible: true })).toMatch(/^↻ possibly repeated\n/)
  })

  it.each(['constructor', 'toString', '__proto__'])('takes the type %s for an unknown one', (type) => {
    expect(shown({ type })).toMatch(/^⚪ <b>BackOff<\/b> · /)
  })

  it.each([Number.POSITIVE_INFINITY, 1234.5678, -3])('does not show %s as a count', (count) => {
    expect(shown({ count })).not.toContain('×')
  })

  it('cannot be broken by a value', () => {
    const markup = shown({ reason: '<b>&', message: '</code></blockquote> 5 < 6 && "q" \ud83d', type: '@oncall' })
    expect(markup).toContain('<code>&lt;b&gt;&amp;</code> · <code>@oncall</code>')
    expect(markup).toContain('&lt;/code&gt;&lt;/blockquote&gt; 5 &lt; 6 &amp;&amp; "q" \ufffd</code>')
  })

  it('folds a long message and cuts an over-long one between characters', () => {
    expect(shown({ message: 'x'.repeat(401) })).toContain('<blockquote expandable>')
    const text = plainText(card(toEvent(event(1, { message: '🚀'.repeat(20_000) })) as KubeEvent, context))
    expect(codePoints(text)).toBeLessThanOrEqual(4096)
    expect(text).toMatch(/🚀… \(\+16,\d{3} characters\)\n/u)
    expect(text.isWellFormed()).toBe(true)
  })
})

describe('any event', () => {
  const text = fc.oneof(
    fc.string({ maxLength: 60 }),
    fc.string({ unit: 'binary', maxLength: 60 }),
    fc.integer({ min: 1, max: 9_000 }).map((length) => '<&🚀é'.repeat(length)),
  )
  const reference = fc.record({
    kind: text,
    namespace: text,
    name: text,
    fieldPath: text.map((name) => `spec.containers{${name}}`),
  })
  const fields = fc.record(
    {
      type: text,
      reason: text,
      message: text,
      action: text,
      count: fc.double(),
      involvedObject: reference,
      related: reference,
      source: fc.record({ component: text, host: text }),
      reportingInstance: text,
      lastTimestamp: text,
    },
    { requiredKeys: ['involvedObject'] },
  )

  it('gives a card within Telegram’s limits: 4,096 code points, 32,768 bytes, only our own tags', () => {
    fc.assert(
      fc.property(fields, (any) => {
        const { markup } = card(toEvent(event(1, any)) as KubeEvent, context)
        expect(codePoints(plainText({ markup } as never))).toBeLessThanOrEqual(4096)
        expect(Buffer.byteLength(markup)).toBeLessThanOrEqual(32_768)
        expect(markup.replace(/<\/?(b|code|blockquote)>|<blockquote expandable>/g, '')).not.toMatch(/[<>]/)
      }),
      { numRuns: 1_000 },
    )
  })
})
