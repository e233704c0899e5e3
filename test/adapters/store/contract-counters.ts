import { expect, it } from 'vitest'
import { counted } from '../../../lib/core/incident/suppressed.ts'
import { readChat } from '../../../lib/pipeline/ports.ts'
import { type Bench, hour } from './bench.ts'
import { bodyOf, deadLetter, keyOf, readAllDue, suppressed } from './incidents.ts'

/** Counters of what rules held back. */
export function promisesOfCounters(bench: () => Bench) {
  const named = (name: string) => `${bench().key}-${name}`
  const soon = () => bench().clock.now() + 48 * hour

  it('keeps counters version by version, and says what is there', async () => {
    const { store, other } = bench()
    const name = named('0')
    expect(await store.readCounters([name])).toEqual(new Map())
    expect(await store.saveCounter(name, suppressed(1), 1, soon())).toEqual({ current: undefined })
    expect(await store.saveCounter(name, suppressed(1), 0, soon())).toEqual({ version: 1 })
    expect(await other.saveCounter(name, suppressed(2), 0, soon())).toEqual({
      current: { version: 1, value: suppressed(1) },
    })
    expect(await other.saveCounter(name, suppressed(2), 1, soon())).toEqual({ version: 2 })
    expect(await store.saveCounter(name, suppressed(3), 1, soon())).toEqual({
      current: { version: 2, value: suppressed(2) },
    })
    expect(await store.readCounters([name])).toEqual(new Map([[name, { version: 2, value: suppressed(2) }]]))
  })

  it('saves the counter of one of 20 who count at once', async () => {
    const { store, other } = bench()
    const name = named('0')
    for (const version of [0, 1]) {
      const asked = Array.from({ length: 20 }, (_, index) =>
        (index % 2 ? store : other).saveCounter(name, suppressed(index), version, soon()),
      )
      expect((await Promise.all(asked)).filter((answer) => 'version' in answer)).toEqual([{ version: version + 1 }])
    }
  })

  it('reads many counters at once, each once, and lists all', async () => {
    const { store, other } = bench()
    const names = Array.from({ length: 60 }, (_, partition) => named(`${partition}`))
    await Promise.all(names.map((name, index) => store.saveCounter(name, suppressed(index), 0, soon())))
    const found = await other.readCounters([...names, named('missing'), ...names.slice(0, 5)])
    const expected = names.map((name, index) => [name, { version: 1, value: suppressed(index) }] as const)
    expect(found).toEqual(new Map(expected))
    const listed = (await other.listCounters()).sort((a, b) => a.offset - b.offset)
    expect(listed).toEqual(names.map((_, index) => suppressed(index)))
  })

  it('has no counter that is expired, and begins it anew', async () => {
    const { store, other, clock } = bench()
    const [one, two] = [named('1'), named('2')]
    await store.saveCounter(one, suppressed(1), 0, clock.now() + hour)
    await store.saveCounter(two, suppressed(2), 0, clock.now() + hour)
    await store.saveCounter(two, suppressed(3), 1, clock.now() + 2 * hour)
    clock.pass(hour - 1)
    expect((await other.readCounters([one, two])).size).toBe(2)
    expect(await other.listCounters()).toHaveLength(2)
    clock.pass(1)
    expect([...(await other.readCounters([one, two])).keys()]).toEqual([two])
    expect(await other.listCounters()).toEqual([suppressed(3)])
    expect(await store.saveCounter(one, suppressed(4), 1, soon())).toEqual({ current: undefined })
    expect(await store.saveCounter(one, suppressed(5), 0, soon())).toEqual({ version: 1 })
    expect(await other.readCounters([one])).toEqual(new Map([[one, { version: 1, value: suppressed(5) }]]))
    expect(await store.saveCounter(one, suppressed(6), 0, soon())).toEqual({
      current: { version: 1, value: suppressed(5) },
    })
  })

  it('keeps a counter as it is, whatever rules and workloads are called', async () => {
    const { store, other } = bench()
    const names = ['__proto__', 'constructor', '', '7', 'ruhig, "leise" \\', '✓ 🚀']
    const drops = names.map((name, offset) => ({ offset, rule: name, who: name }))
    const value = counted(undefined, drops, '2026-11-24') ?? suppressed(0)
    const name = 'kube.events_of-prod-12'
    await store.saveCounter(name, value, 0, soon())
    const found = (await other.readCounters([name])).get(name)?.value
    expect(Object.entries(found?.rules ?? {}).sort()).toEqual(Object.entries(value.rules).sort())
    expect(Object.keys(found?.rules ?? {}).sort()).toEqual([...names].sort())
  })

  it('shares no counter with its callers', async () => {
    const { store } = bench()
    const name = named('0')
    const value = suppressed(1)
    await store.saveCounter(name, value, 0, soon())
    value.rules.other = { count: 1, top: {} }
    const found = (await store.readCounters([name])).get(name)
    if (found) found.value.offset = 9
    for (const listed of await store.listCounters()) listed.offset = 9
    expect((await store.readCounters([name])).get(name)?.value).toEqual(suppressed(1))
  })

  it('is neither due nor pending, nor in deadLetters, nor are those among the counters', async () => {
    const { store, clock, key } = bench()
    await store.saveCounter(key, suppressed(1), 0, clock.now() + hour)
    expect(await readAllDue(store, Number.MAX_SAFE_INTEGER, 10)).toEqual([])
    expect(await store.countPending()).toEqual({ count: 0, since: undefined })
    expect(await store.deadLetters.list(clock.now())).toEqual([])
    expect(await readChat(store, key)).toBeUndefined()
    expect((await store.readIncidents([key])).size).toBe(0)
    const now = clock.now()
    await store.saveBody(keyOf(`${key} due`), bodyOf(), { pendingSince: now, due: now, expiresAt: now + hour }, 0)
    await store.deadLetters.put(deadLetter('00000000000000c0', { at: now, expiresAt: now + hour }))
    expect(await store.listCounters()).toEqual([suppressed(1)])
    expect(await readAllDue(store, now, 10)).toMatchObject([{ key: keyOf(`${key} due`) }])
    expect(await store.deadLetters.list(now)).toHaveLength(1)
  })
}
