import { expect, it } from 'vitest'
import { readDocument } from '../../../lib/pipeline/ports.ts'
import { type Bench, saved } from './bench.ts'
import { bodyOf, leaseOf, shownAs } from './incidents.ts'

/** Merging, claiming and settling. */
export function promisesOfWriting(bench: () => Bench) {
  it('has nothing of what was never saved', async () => {
    const { store, key, read, later } = bench()
    expect(await store.readIncidents([])).toEqual(new Map())
    expect(await store.readIncidents([key])).toEqual(new Map())
    expect(await store.lease(key, leaseOf('a'), 0)).toEqual({ current: undefined })
    expect(await store.lease(key, leaseOf('a'), 1)).toEqual({ current: undefined })
    expect(await store.settle(key, 'a', { older: [] }, 1)).toEqual({ current: undefined })
    expect(await store.saveBody(key, bodyOf(), later(), 1)).toEqual({ current: undefined })
    expect(await readDocument(store.chats, key)).toBeUndefined()
    expect(await read()).toBeUndefined()
  })

  it('saves bodies version by version', async () => {
    const { store, key, read, soon, later } = bench()
    const timing = soon()
    const first = { ...bodyOf(), ...timing, key, version: 1, revision: 1, older: [] }
    expect(await store.saveBody(key, bodyOf(), timing, 0)).toEqual({ saved: first })
    expect(await read()).toEqual(first)
    const second = { ...bodyOf({ count: 2 }), ...later(), key, version: 2, revision: 2, older: [] }
    expect(await store.saveBody(key, bodyOf({ count: 2 }), later(), 1)).toEqual({ saved: second })
    expect(await read()).toEqual(second)
  })

  it('saves nothing over a version that nobody looked at, and says what is there', async () => {
    const { store, key, read, open, later } = bench()
    const first = await open()
    expect(await store.saveBody(key, bodyOf({ count: 3 }), later(), 0)).toEqual({ current: first })
    expect(await store.saveBody(key, bodyOf({ count: 3 }), later(), 2)).toEqual({ current: first })
    expect(await read()).toEqual(first)
  })

  it('leases what was looked at, once', async () => {
    const { store, key, read, open } = bench()
    const { revision } = await open()
    const leased = saved(await store.lease(key, leaseOf('a'), revision))
    expect(leased).toMatchObject({ version: 1, revision: 2, lease: leaseOf('a') })
    expect(await store.lease(key, leaseOf('b'), revision)).toEqual({ current: leased })
    expect(await read()).toEqual(leased)
  })

  it('lets another lease take the place of one that was looked at', async () => {
    const { store, key, open } = bench()
    await open()
    await store.lease(key, leaseOf('a'), 1)
    const leased = saved(await store.lease(key, leaseOf('b', { unknowns: 1 }), 2))
    expect(leased).toMatchObject({ revision: 3, lease: leaseOf('b', { unknowns: 1 }) })
    expect(await store.settle(key, 'a', { older: [] }, 1)).toEqual({ current: leased })
  })

  it('gives a lease to one of 20 who ask at once', async () => {
    const { store, other, key, open } = bench()
    const { revision } = await open()
    const asked = Array.from({ length: 20 }, (_, index) =>
      (index % 2 ? store : other).lease(key, leaseOf(`${index}`), revision),
    )
    const answers = await Promise.all(asked)
    const [winner, ...more] = answers.flatMap((answer) => ('saved' in answer ? [answer.saved] : []))
    expect(more).toEqual([])
    expect(winner?.revision).toBe(2)
    const losers = answers.flatMap((answer) => ('current' in answer ? [answer.current?.lease] : []))
    expect(losers).toEqual(Array.from({ length: 19 }, () => winner?.lease))
  })

  it('saves the body of one of 20 who merge at once', async () => {
    const { store, other, key, read, later } = bench()
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

  it('leaves lease and message alone while merging, and the body while sending', async () => {
    const { store, other, key, open, soon, later } = bench()
    await open()
    await store.lease(key, leaseOf('a'), 1)
    await store.settle(key, 'a', { shown: shownAs(7), older: [], ...soon() }, 1)
    await store.lease(key, leaseOf('b', { kind: 'edit' }), 3)
    const merged = saved(await other.saveBody(key, bodyOf({ count: 5 }), soon(), 2))
    expect(merged).toMatchObject({
      version: 3,
      revision: 5,
      shown: shownAs(7),
      lease: leaseOf('b', { kind: 'edit' }),
    })
    const settled = saved(await store.settle(key, 'b', { shown: shownAs(7, { edits: 1 }), older: [], ...later() }, 3))
    expect(settled).toEqual({
      ...bodyOf({ count: 5 }),
      ...later(),
      key,
      version: 4,
      revision: 6,
      shown: shownAs(7, { edits: 1 }),
      older: [],
    })
  })

  it('takes no merge that was worked out before an end: what it owes depends on what is shown', async () => {
    const { store, other, key, open, soon, later } = bench()
    await open()
    await store.lease(key, leaseOf('a'), 1)
    const settled = saved(await store.settle(key, 'a', { shown: shownAs(7), older: [], ...later() }, 1))
    expect(await other.saveBody(key, bodyOf({ count: 2 }), soon(), 1)).toEqual({ current: settled })
  })

  it('settles by lease and version only', async () => {
    const { store, other, key, read, open, soon, later } = bench()
    await open()
    await store.lease(key, leaseOf('a'), 1)
    const merged = saved(await other.saveBody(key, bodyOf({ count: 2 }), soon(), 1))
    expect(await store.settle(key, 'b', { older: [] }, 2)).toEqual({ current: merged })
    expect(await store.settle(key, 'a', { older: [] }, 1)).toEqual({ current: merged })
    expect(await read()).toEqual(merged)
    const settled = saved(await store.settle(key, 'a', { shown: shownAs(7), older: [], ...later() }, 2))
    expect(settled).toMatchObject({ revision: 4, shown: shownAs(7), ...later() })
    expect(settled).not.toHaveProperty('lease')
    expect(settled).not.toHaveProperty('pendingSince')
    expect(settled).not.toHaveProperty('due')
    expect(await store.settle(key, 'a', { older: [] }, 2)).toEqual({ current: settled })
  })

  it('keeps all that sending knows, and forgets what it is not told again', async () => {
    const { store, clock, key, open, soon } = bench()
    await open()
    await store.lease(key, leaseOf('a'), 1)
    const deliveryState = {
      shown: shownAs(8, { isGone: true }),
      older: [{ chat: '-1001', messageId: 7, markup: '<b>old</b>' }],
      refused: 'aaaa',
      retry: { tries: 2, alone: 1, failedAt: 5, at: clock.now(), why: 'refused' },
      unknowns: 3,
      ...soon(),
    }
    expect(saved(await store.settle(key, 'a', deliveryState, 1))).toMatchObject(deliveryState)
    await store.lease(key, leaseOf('b'), 3)
    const undefineds = {
      shown: undefined,
      refused: undefined,
      retry: undefined,
      pendingSince: undefined,
      due: undefined,
    }
    const settled = saved(await store.settle(key, 'b', { ...undefineds, older: [] } as never, 2))
    expect(settled).toEqual({ ...bodyOf(), key, version: 3, revision: 5, older: [] })
  })

  it('forgets what was merged when told so', async () => {
    const { store, key, read, soon, later } = bench()
    const record = 'prod 0b5a3c1d-1f2e 4711'
    await store.saveBody(key, bodyOf({ record }), soon(), 0)
    await store.lease(key, leaseOf('a'), 1)
    const settled = saved(await store.settle(key, 'a', { shown: shownAs(7), older: [], ...later() }, 1, true))
    expect(settled).toEqual(await read())
    expect(settled).toMatchObject({ version: 2, revision: 3, shown: shownAs(7), older: [], ...later() })
    expect(settled.identity).toEqual(bodyOf({ record }).identity)
    expect(settled.merged).toMatchObject({ events: [], recent: [], objects: [], nodes: [] })
  })
}
