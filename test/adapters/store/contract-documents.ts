import { expect, it } from 'vitest'
import type { Seen } from '../../../lib/core/incident/watchdog.ts'
import { type Bench, hour } from './bench.ts'
import { readAllDue, suppressed } from './incidents.ts'

/** When clusters' records last came. */
export function promisesOfSeen(bench: () => Bench) {
  const named = (name: string) => `${bench().key} ${name}`
  const soon = () => bench().clock.now() + 48 * hour
  const seen = (cluster: string, at: number, more: Partial<Seen> = {}): Seen => ({ cluster, at, ...more })

  it('remembers clusters version by version, and says what is there', async () => {
    const { store, other } = bench()
    const prod = named('prod')
    expect(await store.readSeen([])).toEqual(new Map())
    expect(await store.readSeen([prod])).toEqual(new Map())
    expect(await store.saveSeen(seen(prod, 1), 1, soon())).toEqual({ current: undefined })
    expect(await store.saveSeen(seen(prod, 1), 0, soon())).toEqual({ version: 1 })
    expect(await other.saveSeen(seen(prod, 2), 0, soon())).toEqual({ current: { version: 1, value: seen(prod, 1) } })
    const value = seen(prod, 2, { silentAt: 3, over: { since: 0, until: 1 } })
    expect(await other.saveSeen(value, 1, soon())).toEqual({ version: 2 })
    expect(await store.saveSeen(seen(prod, 3), 1, soon())).toEqual({ current: { version: 2, value } })
    expect(await store.readSeen([prod, named('missing'), prod])).toEqual(new Map([[prod, { version: 2, value }]]))
    expect(await store.listSeen()).toEqual([{ version: 2, value }])
  })

  it('remembers what one of 20 says at once', async () => {
    const { store, other } = bench()
    for (const version of [0, 1]) {
      const asked = Array.from({ length: 20 }, (_, index) =>
        (index % 2 ? store : other).saveSeen(seen(named('prod'), index), version, soon()),
      )
      expect((await Promise.all(asked)).filter((answer) => 'version' in answer)).toEqual([{ version: version + 1 }])
    }
  })

  it('lists all clusters, whatever they are called, and no counter', async () => {
    const { store, other } = bench()
    const names = ['prod', '__proto__', 'a/b', 'käse 🧀', 'x'.repeat(249), 'counter/prod'].map(named)
    await store.saveCounter(named('prod'), suppressed(1), 0, soon())
    for (const [index, name] of names.entries()) await store.saveSeen(seen(name, index), 0, soon())
    const listed = (await other.listSeen()).sort((a, b) => a.value.at - b.value.at)
    expect(listed).toEqual(names.map((name, index) => ({ version: 1, value: seen(name, index) })))
    expect([...(await other.readSeen(names)).keys()].sort()).toEqual(names.toSorted())
    expect(await other.listCounters()).toEqual([suppressed(1)])
    expect(await readAllDue(store, Number.MAX_SAFE_INTEGER, 10)).toEqual([])
    expect(await store.countPending()).toEqual({ count: 0, since: undefined })
  })

  it('has no cluster that is forgotten, and begins anew with it', async () => {
    const { store, other, clock } = bench()
    const [prod, test] = [named('prod'), named('test')]
    await store.saveSeen(seen(prod, 1), 0, clock.now() + hour)
    await store.saveSeen(seen(test, 1), 0, clock.now() + hour)
    await store.saveSeen(seen(test, 2), 1, clock.now() + 2 * hour)
    clock.pass(hour - 1)
    expect(await other.listSeen()).toHaveLength(2)
    clock.pass(1)
    expect([...(await other.readSeen([prod, test])).keys()]).toEqual([test])
    expect(await other.listSeen()).toEqual([{ version: 2, value: seen(test, 2) }])
    expect(await store.saveSeen(seen(prod, 3), 1, soon())).toEqual({ current: undefined })
    expect(await store.saveSeen(seen(prod, 3), 0, soon())).toEqual({ version: 1 })
  })

  it('shares nothing of them with its callers', async () => {
    const { store } = bench()
    const prod = named('prod')
    const value = seen(prod, 1)
    await store.saveSeen(value, 0, soon())
    value.at = 2
    for (const listed of await store.listSeen()) listed.value.at = 3
    expect((await store.readSeen([prod])).get(prod)?.value).toEqual(seen(prod, 1))
  })
}
