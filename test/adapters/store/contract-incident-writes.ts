import { expect, it } from 'vitest'
import { readDocument } from '../../../lib/pipeline/ports.ts'
import { bodyOf, leaseOf, shownAs } from './builders.ts'
import { type Context, saved } from './contract-context.ts'

export function specifyIncidentWrites(context: () => Context) {
  it('finds and changes nothing that was never saved', async () => {
    const { store, key, read, later } = context()
    expect(await store.readIncidents([])).toEqual(new Map())
    expect(await store.readIncidents([key])).toEqual(new Map())
    expect(await store.takeLease(key, leaseOf('a'), 0)).toEqual({ current: undefined })
    expect(await store.takeLease(key, leaseOf('a'), 1)).toEqual({ current: undefined })
    expect(await store.recordDelivery(key, 'a', { older: [] }, 1)).toEqual({ current: undefined })
    expect(await store.saveBody(key, bodyOf(), later(), 1)).toEqual({ current: undefined })
    expect(await readDocument(store.chats, key)).toBeUndefined()
    expect(await read()).toBeUndefined()
  })

  it('saves a body over the version that was read, and raises version and revision', async () => {
    const { store, key, read, soon, later } = context()
    const timing = soon()
    const first = { key, version: 1, revision: 1, body: bodyOf(), delivery: { older: [], ...timing } }
    expect(await store.saveBody(key, bodyOf(), timing, 0)).toEqual({ saved: first })
    expect(await read()).toEqual(first)
    const second = { key, version: 2, revision: 2, body: bodyOf({ count: 2 }), delivery: { older: [], ...later() } }
    expect(await store.saveBody(key, bodyOf({ count: 2 }), later(), 1)).toEqual({ saved: second })
    expect(await read()).toEqual(second)
  })

  it('does not save a body over another version, and returns the present incident', async () => {
    const { store, key, read, open, later } = context()
    const first = await open()
    expect(await store.saveBody(key, bodyOf({ count: 3 }), later(), 0)).toEqual({ current: first })
    expect(await store.saveBody(key, bodyOf({ count: 3 }), later(), 2)).toEqual({ current: first })
    expect(await read()).toEqual(first)
  })

  it('gives one lease for each revision that was read', async () => {
    const { store, key, read, open } = context()
    const { revision } = await open()
    const leased = saved(await store.takeLease(key, leaseOf('a'), revision))
    expect(leased).toMatchObject({ version: 1, revision: 2, delivery: { lease: leaseOf('a') } })
    expect(await store.takeLease(key, leaseOf('b'), revision)).toEqual({ current: leased })
    expect(await read()).toEqual(leased)
  })

  it('replaces a lease by one for a later revision', async () => {
    const { store, key, open } = context()
    await open()
    await store.takeLease(key, leaseOf('a'), 1)
    const leased = saved(await store.takeLease(key, leaseOf('b', { unknowns: 1 }), 2))
    expect(leased).toMatchObject({ revision: 3, delivery: { lease: leaseOf('b', { unknowns: 1 }) } })
    expect(await store.recordDelivery(key, 'a', { older: [] }, 1)).toEqual({ current: leased })
  })

  it('gives a lease to one of 20 concurrent callers', async () => {
    const { store, other, key, open } = context()
    const { revision } = await open()
    const asked = Array.from({ length: 20 }, (_, index) =>
      (index % 2 ? store : other).takeLease(key, leaseOf(`${index}`), revision),
    )
    const answers = await Promise.all(asked)
    const [winner, ...more] = answers.flatMap((answer) => ('saved' in answer ? [answer.saved] : []))
    expect(more).toEqual([])
    expect(winner?.revision).toBe(2)
    const losers = answers.flatMap((answer) => ('current' in answer ? [answer.current?.delivery.lease] : []))
    expect(losers).toEqual(Array.from({ length: 19 }, () => winner?.delivery.lease))
  })

  it('saves the body of one of 20 concurrent merges', async () => {
    const { store, other, key, read, later } = context()
    const saving = (version: number) =>
      Array.from({ length: 20 }, (_, index) =>
        (index % 2 ? store : other).saveBody(key, bodyOf({ count: index + 1 }), later(), version),
      )
    for (const version of [0, 1]) {
      const answers = await Promise.all(saving(version))
      expect(answers.filter((answer) => 'saved' in answer)).toHaveLength(1)
    }
    expect(await read()).toMatchObject({ version: 2, revision: 2 })
  })

  it('keeps the lease and the delivery state when a body is saved, and the body when a delivery is recorded', async () => {
    const { store, other, key, open, soon, later } = context()
    await open()
    await store.takeLease(key, leaseOf('a'), 1)
    await store.recordDelivery(key, 'a', { shown: shownAs(7), older: [], ...soon() }, 1)
    await store.takeLease(key, leaseOf('b', { kind: 'edit' }), 3)
    const merged = saved(await other.saveBody(key, bodyOf({ count: 5 }), soon(), 2))
    expect(merged).toMatchObject({
      version: 3,
      revision: 5,
      delivery: { shown: shownAs(7), lease: leaseOf('b', { kind: 'edit' }) },
    })
    const recorded = saved(
      await store.recordDelivery(key, 'b', { shown: shownAs(7, { edits: 1 }), older: [], ...later() }, 3),
    )
    expect(recorded).toEqual({
      key,
      version: 4,
      revision: 6,
      body: bodyOf({ count: 5 }),
      delivery: { shown: shownAs(7, { edits: 1 }), older: [], ...later() },
    })
  })

  it('does not save a merge that was decided before a delivery was recorded', async () => {
    const { store, other, key, open, soon, later } = context()
    await open()
    await store.takeLease(key, leaseOf('a'), 1)
    const recorded = saved(await store.recordDelivery(key, 'a', { shown: shownAs(7), older: [], ...later() }, 1))
    expect(await other.saveBody(key, bodyOf({ count: 2 }), soon(), 1)).toEqual({ current: recorded })
  })

  it('records a delivery only under its lease and for the version that was read', async () => {
    const { store, other, key, read, open, soon, later } = context()
    await open()
    await store.takeLease(key, leaseOf('a'), 1)
    const merged = saved(await other.saveBody(key, bodyOf({ count: 2 }), soon(), 1))
    expect(await store.recordDelivery(key, 'b', { older: [] }, 2)).toEqual({ current: merged })
    expect(await store.recordDelivery(key, 'a', { older: [] }, 1)).toEqual({ current: merged })
    expect(await read()).toEqual(merged)
    const recorded = saved(await store.recordDelivery(key, 'a', { shown: shownAs(7), older: [], ...later() }, 2))
    expect(recorded.revision).toBe(4)
    expect(recorded.delivery).toEqual({ shown: shownAs(7), older: [], ...later() })
    expect(await store.recordDelivery(key, 'a', { older: [] }, 2)).toEqual({ current: recorded })
  })

  it('stores the whole delivery state, and removes the fields that the next one lacks', async () => {
    const { store, clock, key, open, soon } = context()
    await open()
    await store.takeLease(key, leaseOf('a'), 1)
    const delivery = {
      shown: shownAs(8, { isGone: true }),
      older: [{ chat: '-1001', messageId: 7, markup: '<b>old</b>' }],
      refused: 'aaaa',
      retry: { tries: 2, alone: 1, failedAt: 5, at: clock.now(), why: 'refused' },
      unknowns: 3,
      ...soon(),
    }
    expect(saved(await store.recordDelivery(key, 'a', delivery, 1)).delivery).toEqual(delivery)
    await store.takeLease(key, leaseOf('b'), 3)
    const undefineds = {
      shown: undefined,
      refused: undefined,
      retry: undefined,
      pendingSince: undefined,
      due: undefined,
    }
    const recorded = saved(await store.recordDelivery(key, 'b', { ...undefineds, older: [] } as never, 2))
    expect(recorded).toEqual({ key, version: 3, revision: 5, body: bodyOf(), delivery: { older: [] } })
  })

  it('removes the merged state on request', async () => {
    const { store, key, read, soon, later } = context()
    const record = 'prod 0b5a3c1d-1f2e 4711'
    await store.saveBody(key, bodyOf({ record }), soon(), 0)
    await store.takeLease(key, leaseOf('a'), 1)
    const recorded = saved(await store.recordDelivery(key, 'a', { shown: shownAs(7), older: [], ...later() }, 1, true))
    expect(recorded).toEqual(await read())
    expect(recorded).toMatchObject({
      version: 2,
      revision: 3,
      delivery: { shown: shownAs(7), older: [], ...later() },
    })
    expect(recorded.body.identity).toEqual(bodyOf({ record }).identity)
    expect(recorded.body.merged).toMatchObject({ events: [], recent: [], objects: [], nodes: [] })
  })
}
