import { expect, it } from 'vitest'
import { freshChat } from '../../../lib/core/rate-limit/chat.ts'
import { readDocument } from '../../../lib/pipeline/ports.ts'
import { type Bench, hour } from './bench.ts'
import { deadLetter, readAllDue, suppressed } from './incidents.ts'

/** Chats, deadLetters, and who connects later. */
export function promisesOfTheRest(bench: () => Bench) {
  it('keeps records that can never be shown, latest first, until they expire or are dropped', async () => {
    const { store, other, clock } = bench()
    const now = clock.now()
    const expiresAt = now + 14 * 24 * hour
    const one = deadLetter('000000000000000a', { at: now, expiresAt })
    const two = deadLetter('000000000000000b', { at: now + 1, expiresAt: expiresAt + 1, target: '@ops' })
    const three = deadLetter('000000000000000c', {
      at: now + 2,
      expiresAt: expiresAt + 2,
      head: 'x'.repeat(100_000),
    })
    for (const record of [two, one, three, { ...one, at: now + 5, why: 'again' }]) await store.deadLetters.put(record)
    expect(await other.deadLetters.list(now)).toEqual([three, two, one])
    await other.deadLetters.drop(two.id)
    await other.deadLetters.drop('not there')
    expect(await store.deadLetters.list(now)).toEqual([three, one])
    clock.pass(14 * 24 * hour)
    expect(await store.deadLetters.list(clock.now())).toEqual([three])
    const again = { ...one, at: clock.now(), expiresAt: clock.now() + hour }
    await store.deadLetters.put(again)
    expect(await store.deadLetters.list(clock.now())).toEqual([again, three])
  })

  it('is there for whoever connects later, if it is durable', async () => {
    const { store, place, clock, key, open } = bench()
    const given = await open()
    await store.chats.save(key, freshChat, 0)
    const record = deadLetter('00000000000000ff', { at: clock.now(), expiresAt: clock.now() + hour })
    await store.deadLetters.put(record)
    await store.counters.save(key, suppressed(1), 0, clock.now() + hour)
    await store.lastSeen.save(key, { cluster: key, at: 1 }, 0, clock.now() + hour)
    const late = await place.connect(clock)
    expect((await late.readIncidents([key])).get(key)).toEqual(given)
    expect(await readAllDue(late, clock.now(), 10)).toMatchObject([{ key }])
    expect(await late.countPending()).toEqual({ count: 1, since: given.pendingSince })
    expect(await readDocument(late.chats, key)).toEqual({ version: 1, value: freshChat })
    expect(await late.deadLetters.list(clock.now())).toEqual([record])
    expect(await late.counters.read([key])).toEqual(new Map([[key, { version: 1, value: suppressed(1) }]]))
    expect(await late.counters.list()).toEqual(new Map([[key, { version: 1, value: suppressed(1) }]]))
    expect(await late.lastSeen.list()).toEqual(new Map([[key, { version: 1, value: { cluster: key, at: 1 } }]]))
    if (late !== store) late.close()
  })
}
