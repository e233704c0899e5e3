import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { viewOf } from '../../../lib/core/incident/view.ts'
import { card } from '../../../lib/core/message/card.ts'
import { plainText } from '../../../lib/core/message/html.ts'
import { codePoints } from '../../../lib/core/message/text/clip.ts'
import { dayMark, duration } from '../../../lib/core/message/times.ts'
import { en } from '../../../lib/core/message/words/en.ts'
import { bodyOf } from '../../support/incidents.ts'

const context = { timeZone: 'Asia/Shanghai', words: en }

function shown(fields: Record<string, unknown> | Record<string, unknown>[] = {}, options = {}): string {
  return card(viewOf(bodyOf([fields].flat())), { ...context, ...options }).markup
}

/** The text that a reader sees. */
function read(fields: Record<string, unknown> | Record<string, unknown>[] = {}, options = {}): string {
  return plainText({ markup: shown(fields, options) })
}

describe('a card', () => {
  it('shows severity and title first, then the workload, the message, and the rest', () => {
    expect(shown()).toBe(
      [
        '🟠 <b>Crash loop</b> · BackOff',
        'Deployment <code>shop/web</code> in <code>prod-eu</code>',
        '<blockquote><code>Back-off restarting failed container, record 0.</code></blockquote>',
        '💡 <i>The container exits soon after it starts. Check its previous log.</i>',
        '×4 in 40 s · <tg-time unix="1795476354" format="T">07:25:54</tg-time> – <tg-time unix="1795476394" format="T">07:26:34 UTC+8</tg-time>',
        'pod <code>web-7d9f8c6b5-x2k4p</code> · node <code>worker-1</code>',
      ].join('\n'),
    )
  })

  it('shows the fields of the new recorder: related object and series', () => {
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
    ).toBe(
      [
        '🟠 <b>Pod cannot be scheduled</b> · FailedScheduling',
        'Deployment <code>shop/web</code> in <code>prod-eu</code>',
        '⚖️ none of 3 nodes fits: 3 too little CPU',
        '💡 <i>No node has enough unreserved CPU. Requests count, not usage. Lower the requests or add a node.</i>',
        '×1,234 in 10 min · <tg-time unix="1795449599" format="dt">2026-11-23 23:59</tg-time> – <tg-time unix="1795450200" format="dt">2026-11-24 00:10 UTC+8</tg-time>',
        'pod <code>web-7d9f8c6b5-x2k4p</code>',
        'related Node <code>worker-2</code>',
      ].join('\n'),
    )
  })

  it('shows eventTime if it is not between first and last time', () => {
    expect(read({ eventTime: '2026-11-23T23:20:00.000000Z' })).toContain(
      '07:25:54 – 07:26:34 UTC+8 · event time 07:20:00 UTC+8',
    )
  })

  it('says nothing twice and shows nothing empty', () => {
    const node = {
      involvedObject: { kind: 'Node', name: 'worker-1' },
      count: 1,
      lastTimestamp: '2026-11-23T23:25:54Z',
      message: ' \n ',
    }
    expect(shown(node)).toBe(
      [
        '🟠 <b>BackOff</b>',
        'Node <code>worker-1</code> in <code>prod-eu</code>',
        '<tg-time unix="1795476354" format="T">07:25:54 UTC+8</tg-time>',
      ].join('\n'),
    )
  })

  it('names the event if it has no object, type or reason', () => {
    const nobody = {
      involvedObject: {},
      type: undefined,
      reason: undefined,
      source: {},
      reportingComponent: '',
      reportingInstance: '',
    }
    expect(shown(nobody).split('\n').slice(0, 2)).toEqual([
      '🔵 <b>Event</b>',
      'Event <code>shop/web-7d9f8c6b5-x2k4p.0</code> in <code>prod-eu</code>',
    ])
  })

  it('shows the zone’s offset at each moment', () => {
    const summer = { firstTimestamp: '2026-10-25T00:30:00Z', lastTimestamp: '2026-10-25T01:30:00Z' }
    expect(read(summer, { timeZone: 'Europe/Berlin' })).toContain(' · 02:30 UTC+2 – 02:30 UTC+1')
  })

  it.each(['constructor', 'toString', '__proto__'])('shows the unknown type %s', (type) => {
    expect(read({ type, reason: 'New' })).toMatch(new RegExp(`^🔵 New · ${type}\n`))
  })

  it.each([Number.POSITIVE_INFINITY, 1234.5678, -3])('does not show %s as a count', (count) => {
    expect(shown({ count })).not.toContain('×')
  })

  it('escapes every value', () => {
    const markup = shown({ reason: '<b>&', message: '</code></blockquote> 5 < 6 && "q" \ud83d', type: '@oncall' })
    expect(markup).toContain('<code>&lt;b&gt;&amp;</code> · <code>@oncall</code>')
    expect(markup).toContain('&lt;/code&gt;&lt;/blockquote&gt; 5 &lt; 6 &amp;&amp; "q" \ufffd</code>')
  })

  it('collapses a long message, and cuts one of more than 800 characters between characters', () => {
    expect(shown({ message: 'x'.repeat(281) })).toContain('<blockquote expandable>')
    expect(read({ message: 'x'.repeat(800) })).toContain(`\n${'x'.repeat(800)}\n`)
    const text = read({ message: `${'🚀'.repeat(20_000)}🏁` })
    const quoted = text.split('\n')[2] ?? ''
    expect(codePoints(quoted)).toBeLessThanOrEqual(800)
    expect(quoted).toMatch(/^🚀+ … \(\+19,\d{3} characters\) … 🚀+🏁$/u)
    expect(text.isWellFormed()).toBe(true)
  })

  it('cuts a message to less if the rest of the card is long', () => {
    const name = (letter: string) => `${letter.repeat(60)}.`.repeat(4)
    const object = { kind: 'Deployment', namespace: name('n'), name: name('d') }
    const related = { kind: 'Widget', namespace: name('r'), name: name('w') }
    const fields = {
      message: 'x'.repeat(2_000),
      involvedObject: object,
      related,
      source: { component: 'c', host: name('h') },
    }
    expect(codePoints(read(fields, { hints: new Map([['', 'h'.repeat(1_500)]]) }))).toBeLessThanOrEqual(3_500)
  })
})

describe('the date', () => {
  const span = (firstTimestamp: string, lastTimestamp: string, eventTime?: string) =>
    read({ firstTimestamp, lastTimestamp, eventTime })
      .split('\n')
      .find((line) => line.includes('UTC+8'))

  it('is left out if all is of one day in the zone of the reader', () => {
    expect(span('2026-11-23T16:00:00Z', '2026-11-24T15:59:00Z')).toBe('×4 in 23 h 59 min · 00:00 – 23:59 UTC+8')
  })

  it('is on both times if they are of two days', () => {
    expect(span('2026-11-24T15:59:00Z', '2026-11-24T16:01:00Z')).toBe(
      '×4 in 2 min · 2026-11-24 23:59 – 2026-11-25 00:01 UTC+8',
    )
  })

  it('is on the event time alone if only that is of another day', () => {
    expect(span('2026-11-24T00:00:00Z', '2026-11-24T00:00:00Z', '2026-11-22T00:00:00Z')).toBe(
      '×4 · 08:00:00 UTC+8 · event time 2026-11-22 08:00:00 UTC+8',
    )
  })

  const day = 24 * 3_600_000
  const noon = Date.UTC(2026, 10, 24, 4)
  it.each([
    ['nothing on the same day', { firstAt: noon, lastAt: noon, sentAt: noon + day / 2 - 1 }, undefined],
    ['the date on the next day', { firstAt: noon, lastAt: noon, sentAt: noon + day / 2 }, '2026-11-24'],
    ['nothing if the card has dates', { firstAt: noon - day, lastAt: noon, sentAt: noon + day }, undefined],
    ['nothing if the times are unknown', { firstAt: 0, lastAt: 0, sentAt: noon }, undefined],
  ])('a delivery adds %s', (_, times, expected) => {
    expect(dayMark(times, 'Asia/Shanghai')).toBe(expected)
  })
})

describe('an incident that grew', () => {
  const at = (minute: number) => `2026-11-23T23:${String(minute).padStart(2, '0')}:00Z`
  const pod = (number: number, fields = {}) => ({
    involvedObject: { kind: 'Pod', namespace: 'shop', name: `web-7d9f8c6b5-x2k${number}${number}` },
    source: { component: 'kubelet', host: `worker-${(number % 3) + 1}` },
    firstTimestamp: at(number),
    lastTimestamp: at(10 * number),
    count: number,
    ...fields,
  })

  it('says how often in how long, and names pods and nodes', () => {
    expect(shown([pod(2), pod(4), pod(5)])).toBe(
      [
        '🟠 <b>Crash loop</b> · BackOff',
        'Deployment <code>shop/web</code> in <code>prod-eu</code>',
        '<blockquote><code>Back-off restarting failed container, record 2.</code></blockquote>',
        '💡 <i>The container exits soon after it starts. Check its previous log.</i>',
        '×11 in 48 min · <tg-time unix="1795474920" format="t">07:02</tg-time> – <tg-time unix="1795477800" format="t">07:50 UTC+8</tg-time>',
        '3 pods: <code>web-7d9f8c6b5-x2k22</code>, <code>web-7d9f8c6b5-x2k44</code>, <code>web-7d9f8c6b5-x2k55</code>',
        'nodes <code>worker-2</code>, <code>worker-3</code>',
      ].join('\n'),
    )
  })

  it('names some of many', () => {
    const many = Array.from({ length: 200 }, (_, number) =>
      pod(1, {
        involvedObject: { kind: 'Pod', namespace: 'shop', name: `db-${number}` },
        source: { component: 'kubelet', host: `worker-${number % 20}` },
      }),
    )
    const text = read(many)
    expect(text).toMatch(/^StatefulSet shop\/db in prod-eu$/m)
    expect(text).toMatch(/^64\+ times in 9 min · /m)
    expect(text).toMatch(
      /^about \d{3} pods: db-\d+(, db-\d+){2} and about \d{3} more\nnodes worker-\d+(, worker-\d+){2} and 17 more$/m,
    )
  })

  it('is red if its worst event is critical, whichever came last', () => {
    const [critical, later] = [
      { reason: 'SystemOOM', message: 'System OOM encountered, victim process: mysqld, pid: 4020757' },
      {
        reason: 'NodeHasInsufficientMemory',
        message: 'Node status is now: NodeHasInsufficientMemory',
        lastTimestamp: at(50),
      },
    ].map((fields) => ({ involvedObject: { kind: 'Node', name: 'worker-1' }, ...fields }))
    expect(shown([critical ?? {}, later ?? {}])).toMatch(/^🔴 <b>Node low on memory<\/b> · NodeHasInsufficientMemory\n/)
  })
})

describe('a duration', () => {
  it.each([
    [1, '1 s'],
    [99, '99 s'],
    [100, '2 min'],
    [1_920, '32 min'],
    [5_940, '99 min'],
    [7_200, '2 h'],
    [19_200, '5 h 20 min'],
    [172_800, '2 d'],
    [273_600, '3 d 4 h'],
  ])('%i s is %s', (seconds, text) => {
    expect(duration(seconds, en.card)).toBe(text)
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

  it('makes a card within Telegram’s limits: 4,096 code points, 32,768 bytes, only our own tags', () => {
    fc.assert(
      fc.property(fields, (any) => {
        const markup = shown(any)
        expect(codePoints(plainText({ markup }))).toBeLessThanOrEqual(4096)
        expect(Buffer.byteLength(markup)).toBeLessThanOrEqual(32_768)
        expect(
          markup.replace(
            /<\/?(b|i|code|blockquote)>|<blockquote expandable>|<tg-time unix="\d+" format="d?[Tt]">|<\/tg-time>/g,
            '',
          ),
        ).not.toMatch(/[<>]/)
      }),
      { numRuns: 1_000 },
    )
  })
})
