import { expect, it } from 'vitest'
import type { Sighting } from '../../../lib/core/incident/merged.ts'
import { bodyOf, keyOf, leaseOf, readAllDue, shownAs } from './builders.ts'
import { type Context, hour, saved } from './contract-context.ts'

export function specifyIncidentReads(context: () => Context) {
  it('ignores expired incidents', async () => {
    const { store, clock, key, read, open, soon } = context()
    const { expiresAt = 0 } = (await open()).delivery
    await store.takeLease(key, leaseOf('a'), 1)
    clock.pass(expiresAt - clock.now() - 1)
    expect(await read()).toMatchObject({ version: 1 })
    expect(await readAllDue(store, clock.now(), 10)).toMatchObject([{ key }])
    clock.pass(1)
    expect(await read()).toBeUndefined()
    expect(await store.saveBody(key, bodyOf(), soon(), 1)).toEqual({ current: undefined })
    expect(await store.takeLease(key, leaseOf('b'), 2)).toEqual({ current: undefined })
    expect(await store.recordDelivery(key, 'a', { older: [] }, 1)).toEqual({ current: undefined })
    expect(await store.countPending()).toEqual({ count: 0, since: undefined })
    expect(await readAllDue(store, clock.now(), 10)).toEqual([])
  })

  it('creates an expired incident again without its former state', async () => {
    const { store, clock, key, read, open, later } = context()
    await open()
    await store.takeLease(key, leaseOf('a'), 1)
    await store.recordDelivery(key, 'a', { shown: shownAs(7), older: [], refused: 'aaaa', ...later() }, 1)
    await store.takeLease(key, leaseOf('b'), 3)
    clock.pass(2 * hour)
    const body = bodyOf({ count: 9 })
    const opened = saved(await store.saveBody(key, body, { pendingSince: clock.now(), due: clock.now() }, 0))
    const timing = { pendingSince: clock.now(), due: clock.now() }
    expect(opened).toEqual({ key, version: 1, revision: 1, body, delivery: { older: [], ...timing } })
    expect(await read()).toEqual(opened)
    expect(await store.recordDelivery(key, 'b', { older: [] }, 1)).toEqual({ current: opened })
    saved(await store.saveBody(key, body, later(), 1))
  })

  it('reads what is due and counts what is pending', async () => {
    const { store, other, clock, key, later } = context()
    const now = clock.now()
    const dueAt = [300, 100, 400, 200, 500]
    for (const due of dueAt) {
      const body = bodyOf({ target: `-100${due}`, severity: due === 200 ? 'critical' : 'info' })
      await store.saveBody(
        keyOf(`due ${due}`),
        body,
        { pendingSince: now - due, due: now + due, expiresAt: now + hour },
        0,
      )
    }
    await store.saveBody(key, bodyOf(), later(), 0)
    expect(await other.countPending()).toEqual({ count: 5, since: now - 500 })
    expect(await readAllDue(other, now, 10)).toEqual([])
    const row = (due: number, urgency = 'info') => ({
      key: keyOf(`due ${due}`),
      target: `-100${due}`,
      urgency,
      due: now + due,
    })
    expect(await readAllDue(other, now + 300, 10)).toEqual([row(100), row(200, 'critical'), row(300)])
    expect(await readAllDue(other, now + 300, 2)).toEqual([row(100), row(200, 'critical')])
    expect(await readAllDue(other, Number.MAX_SAFE_INTEGER, 1)).toEqual([row(100)])
    await store.saveBody(keyOf('due 100'), bodyOf({ severity: 'critical' }), { pendingSince: now, due: now + 600 }, 1)
    await store.saveBody(keyOf('due 200'), bodyOf(), later(), 1)
    expect(await readAllDue(other, now + 1_000, 10)).toMatchObject([
      { due: now + 300 },
      { due: now + 400 },
      { due: now + 500 },
      { due: now + 600, urgency: 'critical', target: '-1001234567890' },
    ])
    expect(await other.countPending()).toEqual({ count: 4, since: now - 500 })
    await store.saveBody(keyOf('due 100'), bodyOf(), later(), 2)
  })

  it('reads what a target has due, most urgent first and then longest due', async () => {
    const { store, other, clock, later } = context()
    const now = clock.now()
    const rows = [
      ['flooded', 'warning', 1],
      ['flooded', 'critical', 9],
      ['flooded', 'good', 2],
      ['flooded', 'critical', 8],
      ['flooded', 'info', 3],
      ['flooded', 'warning', 4],
      ['flooded', 'critical', 3_600_000],
      ['other', 'info', 5],
    ] as const
    for (const [target, severity, due] of rows) {
      const timing = { pendingSince: now, due: now + due }
      await store.saveBody(keyOf(`${target} ${due}`), bodyOf({ target, severity }), timing, 0)
    }
    await store.saveBody(keyOf('delivered'), bodyOf({ target: 'delivered' }), later(), 0)
    expect(await other.listDueTargets()).toEqual(expect.arrayContaining(['flooded', 'other']))
    const due = async (from: number, until: number, most = 10, target = 'flooded') =>
      (await other.readDue(target, { from: now + from, until: now + until }, most)).map((found) => found.due - now)
    expect(await due(0, 9)).toEqual([8, 9, 1, 4, 3, 2])
    expect(await due(0, 9, 3)).toEqual([8, 9, 1])
    expect(await due(2, 8)).toEqual([8, 4, 3, 2])
    expect(await due(10, 3_600_000)).toEqual([3_600_000])
    expect(await due(0, 9, 10, 'other')).toEqual([5])
    expect(await due(0, 9, 10, 'nobody')).toEqual([])
    const next = async (after: number, target = 'flooded') => ((await other.nextDue(target, now + after)) ?? now) - now
    expect([await next(-1), await next(1), await next(9), await next(3_600_000), await next(0, 'nobody')]).toEqual([
      1, 2, 3_600_000, 0, 0,
    ])
    for (const [target, , at] of rows) await store.saveBody(keyOf(`${target} ${at}`), bodyOf({ target }), later(), 1)
    expect(await due(0, 3_600_000)).toEqual([])
    expect(await next(-1)).toBe(0)
  })

  it('reads many incidents at once, each once', async () => {
    const { store, other, key, later } = context()
    const keys = Array.from({ length: 230 }, (_, index) => keyOf(`many ${index}`))
    await Promise.all(keys.map((name, index) => store.saveBody(name, bodyOf({ count: index + 1 }), later(), 0)))
    const found = await other.readIncidents([...keys, key, ...keys.slice(0, 20)])
    expect(found.size).toBe(230)
    keys.forEach((name, index) => {
      expect(found.get(name)?.body.merged.events).toEqual(bodyOf({ count: index + 1 }).merged.events)
    })
  })

  it('stores texts unchanged', async () => {
    const { store, key, read, later } = context()
    const message = 'a\n"b"\\\t\u0000 \u2028 ✓ 🚀 '.repeat(9)
    const body = bodyOf({ message, target: '@ops', name: 'käse-🧀' })
    const ended = { generation: 1, markup: `<b>${'&lt;'.repeat(9)}</b>\n\n`, hash: '' }
    const given = saved(await store.saveBody(key, { ...body, ended }, later(), 0))
    expect(given.body).toMatchObject({ ...body, ended })
    expect(await read()).toEqual(given)
  })

  it('shares no objects with its callers', async () => {
    const { store, key, soon, later } = context()
    const body = bodyOf()
    const given = saved(await store.saveBody(key, body, soon(), 0))
    body.merged.events.push(['x', 1, 1, ''])
    body.identity.namespace = 'other'
    given.body.merged.objects.length = 0
    given.delivery.older.push({ chat: '-1001', messageId: 1, markup: '' })
    const found = (await store.readIncidents([key])).get(key)
    found?.body.merged.events.push(['y', 1, 1, ''])
    expect((await store.readIncidents([key])).get(key)).toMatchObject({ body: bodyOf(), delivery: { older: [] } })
    await store.saveBody(key, bodyOf(), later(), 1)
  })

  it('stores at most 13 KB: a larger incident loses sightings, then the event message', async () => {
    const { store, key, later } = context()
    const many = Array.from({ length: 32 }, (_, at) => [1_763_942_400_001 + at, 'x'.repeat(100), at] as Sighting)
    const sighted = bodyOf({ message: 'é'.repeat(4_000) })
    sighted.merged.recent = many
    const ended = { generation: 1, markup: 'x'.repeat(900), hash: 'aaaa' }
    const given = saved(await store.saveBody(key, { ...sighted, ended }, later(), 0))
    expect(given.body).toMatchObject({ ended, merged: { ...sighted.merged, recent: [] } })
    const larger = saved(await store.saveBody(key, bodyOf({ message: 'é'.repeat(8_000) }), later(), 1))
    expect(larger.body.merged.latest).toMatchObject({ ...bodyOf().merged.latest, message: '' })
  })
}
