import { expect, it } from 'vitest'
import { deadLetter } from './builders.ts'
import { type Context, hour } from './contract-context.ts'

export function specifyDeadLetters(context: () => Context) {
  it('are listed latest first until they expire or are dropped, and each is stored once', async () => {
    const { store, other, clock } = context()
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
}
