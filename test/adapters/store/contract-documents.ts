import { describe, expect, it } from 'vitest'
import type { DocumentKind } from '../../../lib/adapters/store/stored-items.ts'
import { withSuppressed } from '../../../lib/core/incident/suppressed-counts.ts'
import { freshChat } from '../../../lib/core/rate-limit/chat.ts'
import type { Documents, ListedDocuments, Store } from '../../../lib/pipeline/ports.ts'
import { bodyOf, deadLetter, keyOf, readAllDue, suppressed } from './builders.ts'
import { type Context, hour } from './contract-context.ts'

/** A value of each kind; another number, another value. */
export const documentValues: Record<DocumentKind, (number: number) => object> = {
  chats: (number) => ({ ...freshChat, coolDownUntil: number }),
  counters: (number) => suppressed(number),
  lastSeen: (number) => ({ cluster: 'prod', at: number, lastGap: { since: 0, until: 1 } }),
  readTopics: (number) => ({ readAt: number }),
  goodRules: (number) => ({ text: 'rules: []', version: String(number), modifiedAt: number }),
}
const kinds = Object.keys(documentValues) as DocumentKind[]
export const listedKinds = ['counters', 'lastSeen'] as const

export function documentsOf(store: Store, kind: DocumentKind): Documents<object> {
  return store[kind]
}

export function listedOf(store: Store, kind: (typeof listedKinds)[number]): ListedDocuments<object> {
  return store[kind]
}

export function specifyDocuments(context: () => Context) {
  const named = (name: string) => `${context().key}-${name}`
  const soon = () => context().clock.now() + 48 * hour

  describe.each(kinds)('%s', (kind) => {
    const value = documentValues[kind]
    const both = () => ({ mine: documentsOf(context().store, kind), others: documentsOf(context().other, kind) })

    it('are saved only over the version that was read, otherwise the present one is returned', async () => {
      const { mine, others } = both()
      const name = named('0')
      expect(await mine.read([])).toEqual(new Map())
      expect(await mine.read([name])).toEqual(new Map())
      expect(await mine.save(name, value(1), 1, soon())).toEqual({ current: undefined })
      expect(await mine.save(name, value(1), 0, soon())).toEqual({ version: 1 })
      expect(await others.save(name, value(2), 0, soon())).toEqual({ current: { version: 1, value: value(1) } })
      expect(await others.save(name, value(2), 1, soon())).toEqual({ version: 2 })
      expect(await mine.save(name, value(3), 1, soon())).toEqual({ current: { version: 2, value: value(2) } })
      expect(await mine.read([name])).toEqual(new Map([[name, { version: 2, value: value(2) }]]))
    })

    it('are saved by one of 20 concurrent writers', async () => {
      const { mine, others } = both()
      for (const version of [0, 1]) {
        const asked = Array.from({ length: 20 }, (_, index) =>
          (index % 2 ? mine : others).save(named('0'), value(index), version, soon()),
        )
        expect((await Promise.all(asked)).filter((answer) => 'version' in answer)).toEqual([{ version: version + 1 }])
      }
    })

    it('are not found once they have expired, and start again at version 1', async () => {
      const { mine, others } = both()
      const { clock } = context()
      const [one, two] = [named('1'), named('2')]
      await mine.save(one, value(1), 0, clock.now() + hour)
      await mine.save(two, value(2), 0, clock.now() + hour)
      await mine.save(two, value(3), 1, clock.now() + 2 * hour)
      clock.pass(hour - 1)
      expect((await others.read([one, two])).size).toBe(2)
      clock.pass(1)
      expect([...(await others.read([one, two])).keys()]).toEqual([two])
      expect(await mine.save(one, value(4), 1, soon())).toEqual({ current: undefined })
      expect(await mine.save(one, value(5), 0, soon())).toEqual({ version: 1 })
      expect(await mine.save(one, value(6), 0, soon())).toEqual({ current: { version: 1, value: value(5) } })
    })

    it('share no objects with their callers', async () => {
      const { mine } = both()
      const name = named('0')
      const given = value(1)
      await mine.save(name, given, 0, soon())
      Object.assign(given, { other: 1 })
      Object.assign((await mine.read([name])).get(name)?.value ?? {}, { other: 2 })
      expect((await mine.read([name])).get(name)?.value).toEqual(value(1))
    })
  })

  describe.each(listedKinds)('%s', (kind) => {
    const value = documentValues[kind]

    it('are listed, whatever their names are, without those that have expired', async () => {
      const [mine, others] = [listedOf(context().store, kind), listedOf(context().other, kind)]
      const { clock } = context()
      const names = ['prod', '__proto__', 'a/b', 'käse 🧀', 'x'.repeat(249), 'counters/prod'].map(named)
      for (const [index, name] of names.entries()) await mine.save(name, value(index), 0, soon())
      await mine.save(named('expired'), value(7), 0, clock.now() + hour)
      const expected = new Map(names.map((name, index) => [name, { version: 1, value: value(index) }]))
      expect((await others.list()).size).toBe(7)
      clock.pass(hour)
      expect(await others.list()).toEqual(expected)
      expect(await others.read(names)).toEqual(expected)
      for (const listed of (await others.list()).values()) Object.assign(listed.value, { other: 1 })
      expect(await mine.list()).toEqual(expected)
    })
  })

  it.each(['chats', 'readTopics', 'goodRules'] as const)('%s do not expire without a time', async (kind) => {
    const { store, clock } = context()
    await documentsOf(store, kind).save(named('0'), documentValues[kind](1), 0)
    clock.pass(1_000 * hour)
    expect((await documentsOf(store, kind).read([named('0')])).size).toBe(1)
  })

  it('reads many documents at once, each once', async () => {
    const { store, other } = context()
    const names = Array.from({ length: 60 }, (_, partition) => named(`${partition}`))
    await Promise.all(names.map((name, index) => store.counters.save(name, suppressed(index), 0, soon())))
    const found = await other.counters.read([...names, named('missing'), ...names.slice(0, 5)])
    const expected = new Map(names.map((name, index) => [name, { version: 1, value: suppressed(index) }]))
    expect(found).toEqual(expected)
    expect(await other.counters.list()).toEqual(expected)
  })

  it('stores values as they are, whatever rules and workloads are called', async () => {
    const { store, other } = context()
    const names = ['__proto__', 'constructor', '', '7', 'ruhig, "leise" \\', '✓ 🚀']
    const drops = names.map((name, offset) => ({ offset, rule: name, who: name }))
    const value = withSuppressed(undefined, drops, '2026-11-24') ?? suppressed(0)
    const name = 'kube.events_of-prod-12'
    await store.counters.save(name, value, 0, soon())
    const found = (await other.counters.read([name])).get(name)?.value
    expect(Object.entries(found?.rules ?? {}).sort()).toEqual(Object.entries(value.rules).sort())
    expect(Object.keys(found?.rules ?? {}).sort()).toEqual([...names].sort())
  })

  it('separates documents of one name by kind, and from incidents and dead letters', async () => {
    const { store, clock, key } = context()
    const now = clock.now()
    for (const [index, kind] of kinds.entries())
      await documentsOf(store, kind).save(key, documentValues[kind](index), 0, now + hour)
    for (const [index, kind] of kinds.entries())
      expect((await documentsOf(store, kind).read([key])).get(key)?.value).toEqual(documentValues[kind](index))
    expect(await readAllDue(store, Number.MAX_SAFE_INTEGER, 10)).toEqual([])
    expect(await store.countPending()).toEqual({ count: 0, since: undefined })
    expect(await store.deadLetters.list(now)).toEqual([])
    expect((await store.readIncidents([key])).size).toBe(0)
    await store.saveBody(keyOf(`${key} due`), bodyOf(), { pendingSince: now, due: now, expiresAt: now + hour }, 0)
    await store.deadLetters.put(deadLetter('00000000000000c0', { at: now, expiresAt: now + hour }))
    for (const kind of listedKinds) expect([...(await listedOf(store, kind).list()).keys()]).toEqual([key])
    expect(await readAllDue(store, now, 10)).toMatchObject([{ key: keyOf(`${key} due`) }])
    expect(await store.deadLetters.list(now)).toHaveLength(1)
  })
}
