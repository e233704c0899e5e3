import { describe, expect, it } from 'vitest'
import { type Decision, decide, timingOf } from '../../../lib/core/incident/decide.ts'
import {
  deliveryAfter,
  type LeasedRequest,
  leaseEnd,
  leaseFor,
  type RequestDecision,
} from '../../../lib/core/incident/delivery.ts'
import { type Incident, type Lease, type Shown, storedMilliseconds } from '../../../lib/core/incident/incident.ts'
import { delivered, incidentOf, merged, present, renderer } from '../../support/incidents.ts'

const now = 1_000_000
const pod = (number: number, fields = {}) => ({
  involvedObject: { kind: 'Pod', namespace: 'shop', name: `web-${number}` },
  ...fields,
})
const text = ({ body }: Incident) => renderer.text(body)

function shownAs(incident: Incident, fields: Partial<Shown> = {}): Shown {
  const { generation, merged } = incident.body
  const { hash } = text(incident)
  const facts = { severity: merged.severity, objects: merged.objects.length, edits: 0, isRepeat: false }
  return { generation, chat: 'c', messageId: 7, hash, at: now, ...facts, ...fields }
}

const fresh = incidentOf([pod(1)])
const failing = { isFailing: true, acceptedAt: undefined }
const healthy = { isFailing: false, acceptedAt: now }
const upToDate = delivered(fresh, { shown: shownAs(fresh) })
const grown = delivered(incidentOf([pod(1, { count: 9 })]), { shown: shownAs(fresh) })
const wide = delivered(incidentOf([pod(1), pod(2)]), { shown: shownAs(fresh) })
const worse = delivered(incidentOf([pod(1, { type: 'Error', reason: 'Custom' })]), { shown: shownAs(fresh) })
const next = merged(grown, {
  generation: 2,
  after: 5,
  ended: { generation: 1, markup: 'last words', hash: 'other' },
})
const older = [{ chat: 'c', messageId: 3, markup: 'old' }]

describe('the next step of an incident', () => {
  const cases: [string, Incident, number, Partial<Decision> & { messageId?: number }][] = [
    ['nothing was shown yet', fresh, now, { action: 'send', why: 'first message' }],
    ['its message is up to date', upToDate, now, { action: 'nothing', why: 'shown' }],
    ['it repeated a moment ago', grown, now + 9_999, { action: 'wait', why: 'throttled', at: now + 10_000 }],
    ['it repeated', grown, now + 10_000, { action: 'edit', why: 'repeats', messageId: 7 }],
    [
      'it repeated, and was edited often',
      delivered(grown, { shown: shownAs(fresh, { edits: 99 }) }),
      now + 599_999,
      { action: 'wait', why: 'throttled', at: now + 600_000 },
    ],
    ['twice as many pods', wide, now, { action: 'edit', why: 'more objects', messageId: 7 }],
    ['it became critical', worse, now, { action: 'send', why: 'now worse' }],
    [
      'it was silent until now',
      delivered(upToDate, { shown: shownAs(fresh, { severity: 'info', hash: 'other' }) }),
      now,
      { action: 'send', why: 'now worse' },
    ],
    [
      'it was a recovery until now',
      delivered(upToDate, { shown: shownAs(fresh, { severity: 'good', hash: 'other' }) }),
      now,
      { action: 'send', why: 'now worse' },
    ],
    [
      'it was critical already',
      delivered(worse, { shown: shownAs(fresh, { severity: 'critical' }) }),
      now,
      { action: 'wait', why: 'throttled' },
    ],
    ['the next of its kind began', next, now, { action: 'send', why: 'next generation', lastText: 'ended' } as never],
    [
      'the next began, and the older message is up to date',
      merged(next, { ended: { generation: 1, markup: 'same', hash: shownAs(fresh).hash } }),
      now,
      { action: 'send', why: 'next generation' },
    ],
    [
      'the next began, and Telegram refuses its text',
      delivered(next, { refused: text(next).hash }),
      now,
      { action: 'edit', why: 'last words', messageId: 7 },
    ],
    [
      'only an older message needs its last edit',
      delivered(upToDate, { older }),
      now,
      { action: 'edit older', older: older[0] } as never,
    ],
    [
      'its message was deleted, and nothing came since',
      delivered(upToDate, { shown: shownAs(fresh, { isGone: true }) }),
      now,
      { action: 'nothing' },
    ],
    [
      'its message was deleted, and it repeats',
      delivered(grown, { shown: shownAs(fresh, { isGone: true }) }),
      now,
      { action: 'send', why: 'message gone' },
    ],
    [
      'Telegram refuses its text',
      delivered(fresh, { refused: text(fresh).hash }),
      now,
      { action: 'nothing', why: 'text refused' },
    ],
    [
      'Telegram refused an earlier text',
      delivered(fresh, { refused: 'earlier' }),
      now,
      { action: 'send', why: 'first message' },
    ],
    [
      'a try failed a moment ago',
      delivered(fresh, { retry: { tries: 1, alone: 1, failedAt: 0, at: now + 5, why: 'refused' } }),
      now,
      { action: 'wait', why: 'retry later', at: now + 5 },
    ],
    [
      'a try failed, by a clock that is hours ahead',
      delivered(fresh, { retry: { tries: 1, alone: 1, failedAt: 0, at: now + 3 * 3_600_000, why: 'refused' } }),
      now,
      { action: 'send', why: 'first message' },
    ],
    [
      'its message was edited by a clock that is a day ahead',
      delivered(grown, { shown: shownAs(fresh, { at: now + 24 * 3_600_000 }) }),
      now,
      { action: 'edit', why: 'repeats' },
    ],
    [
      'only its receipt is left',
      merged(upToDate, { merged: { ...upToDate.body.merged, events: [] } }),
      now,
      { action: 'nothing', why: 'forgotten' },
    ],
  ]
  it.each(cases)('%s', (_, incident, at, decision) => {
    expect(decide(incident, present(incident.body), at)).toMatchObject(decision)
  })

  it('is due for the sweep while something is pending, and is stored for two days after that', () => {
    expect(timingOf(fresh, present(fresh.body), now)).toEqual({ pendingSince: now, due: now, urgency: 'warning' })
    expect(timingOf(delivered(grown, { pendingSince: 5 }), present(grown.body), now)).toEqual({
      pendingSince: 5,
      due: now + 10_000,
      urgency: 'edit',
    })
    expect(timingOf(upToDate, present(upToDate.body), now)).toEqual({ expiresAt: now + storedMilliseconds })
  })

  it('is stored until the latest time that a clock gave, if that clock is a day ahead at most', () => {
    const day = 24 * 3_600_000
    const expiryAfter = (expiresAt: number) =>
      timingOf(delivered(upToDate, { expiresAt }), present(upToDate.body), now).expiresAt
    expect(expiryAfter(now + storedMilliseconds - 5)).toBe(now + storedMilliseconds)
    expect(expiryAfter(now + storedMilliseconds + day)).toBe(now + storedMilliseconds + day)
    expect(expiryAfter(now + storedMilliseconds + day + 1)).toBe(now + storedMilliseconds)
  })
})

describe('a lease', () => {
  const send = decide(fresh, present(fresh.body), now) as RequestDecision
  const lease = { token: 'a', until: now }
  const request = (decision: RequestDecision, taken: Lease): LeasedRequest => ({
    decision,
    lease: taken,
    incident: fresh,
    text: text(fresh),
    isSilent: false,
  })

  it('counts the earlier sends with an unknown result', () => {
    const first = leaseFor(send, fresh.delivery, lease)
    expect(first).toEqual({ token: 'a', until: now, kind: 'send', unknowns: 0 })
    const second = leaseFor(send, { lease: first }, lease)
    expect(second.unknowns).toBe(1)
    const leases = [first, second, { ...second, unknowns: 3 }, { ...second, unknowns: 30 }]
    expect(leases.map((one) => leaseEnd(one, undefined, now) - now)).toEqual([0, 120_000, 480_000, 480_000])
  })

  it('with an unknown result ends early once the chat accepted another message', () => {
    const second: Lease = { ...lease, kind: 'send', unknowns: 1 }
    expect([now, now + 1].map((acceptedAt) => leaseEnd(second, acceptedAt, now) - now)).toEqual([120_000, 0])
  })

  it('that ends later than any invocation can is ignored', () => {
    const endOf = (milliseconds: number) =>
      leaseEnd({ ...lease, until: now + milliseconds, kind: 'send', unknowns: 0 }, undefined, now)
    expect(endOf(915_000)).toBe(now + 915_000)
    expect(endOf(915_001)).toBe(0)
  })

  it('inherits the number of sends with an unknown result until a send has a certain one', () => {
    const sends = leaseFor(send, fresh.delivery, lease)
    const edit: RequestDecision = {
      action: 'edit older',
      why: 'older message',
      older: { chat: 'c', messageId: 1, markup: '' },
    }
    const edits = leaseFor(edit, { lease: sends }, lease)
    expect(edits).toMatchObject({ kind: 'edit', unknowns: 1 })
    const done = { end: 'done', chat: 'c', messageId: 9, how: 'shown' } as const
    const edited = deliveryAfter(done, fresh, request(edit, edits), now, healthy)
    expect(edited.unknowns).toBe(1)
    const again = leaseFor(send, edited, lease)
    expect(again.unknowns).toBe(1)
    const sent = deliveryAfter(done, fresh, request(send, again), now, healthy)
    expect(sent).not.toHaveProperty('unknowns')
    expect(sent.shown?.isRepeat).toBe(true)
  })

  it('that ends with nothing shown does not change the number of unknown results', () => {
    const end = { end: 'not shown', why: 'cool-down', detail: '' } as const
    const work = request(send, leaseFor(send, fresh.delivery, lease))
    expect(deliveryAfter(end, fresh, work, now, failing)).toEqual({ older: [] })
    const again = { ...work, lease: { ...work.lease, unknowns: 2 } }
    const after = deliveryAfter(end, fresh, again, now, failing)
    expect(after).toEqual({ older: [], unknowns: 2 })
    expect(leaseFor(send, after, lease).unknowns).toBe(2)
  })

  it.each([
    ['refused', 2, 60_000],
    ['refused', 3, 120_000],
    ['Telegram error', 50, 1_800_000],
  ] as const)('that ends with “%s” for the %i. time while others succeed is tried again later', (why, tries, wait) => {
    const work = request(send, leaseFor(send, fresh.delivery, lease))
    const before = delivered(fresh, { retry: { tries: tries - 1, alone: tries - 1, failedAt: now - 9, at: 0, why } })
    const { retry } = deliveryAfter({ end: 'not shown', why, detail: '' }, before, work, now, healthy)
    expect(retry).toEqual({ tries, alone: tries, failedAt: now, at: now + wait, why })
  })

  it.each([
    [1, 15_000],
    [2, 30_000],
    [22, 60_000],
    [23, 300_000],
    [200, 300_000],
  ])('that fails for the %i. time, alone in its chat, never waits for long', (tries, wait) => {
    const work = request(send, leaseFor(send, fresh.delivery, lease))
    const retry = { tries: tries - 1, alone: 0, failedAt: now - 1, at: 0, why: 'refused' }
    const before = tries === 1 ? fresh : delivered(fresh, { retry })
    const after = deliveryAfter({ end: 'not shown', why: 'refused', detail: '' }, before, work, now, {
      isFailing: false,
      acceptedAt: now - 5,
    })
    expect(after.retry).toMatchObject({ tries, alone: 0, at: now + wait })
  })

  it.each([
    ['refused', true],
    ['Telegram error', true],
    ['unreachable', false],
  ] as const)('that ends with “%s” because the chat fails is not delayed by itself', (why, isFailing) => {
    const work = request(send, leaseFor(send, fresh.delivery, lease))
    const { retry } = deliveryAfter({ end: 'not shown', why, detail: '' }, fresh, work, now, {
      isFailing,
      acceptedAt: now,
    })
    expect(retry).toEqual({ tries: 1, alone: 0, failedAt: now, at: 0, why })
  })

  it('that shows the message clears earlier failures', () => {
    const work = request(send, leaseFor(send, fresh.delivery, lease))
    const before = delivered(fresh, { retry: { tries: 4, alone: 1, failedAt: 0, at: 0, why: 'refused' }, refused: 'x' })
    const after = deliveryAfter({ end: 'done', chat: 'c', messageId: 9, how: 'shown' }, before, work, now, failing)
    expect(after).toEqual({ older: [], refused: 'x', shown: shownAs(fresh, { messageId: 9 }) })
  })
})
