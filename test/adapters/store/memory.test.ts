import { describe, expect, it } from 'vitest'
import { memoryStore } from '../../../lib/adapters/store/memory.ts'
import { bodyOf, keyOf, leaseOf, shownAs, suppressed, testClock } from './builders.ts'
import { runModule } from './run-module.ts'

const clock = testClock()

/** Saves the state of an incident whose message is shown. */
async function show(store: ReturnType<typeof memoryStore>, index: number) {
  const key = keyOf(index)
  await store.saveBody(key, bodyOf({ record: `prod ${index}` }), { pendingSince: clock.now(), due: clock.now() }, 0)
  await store.takeLease(key, leaseOf('a'), 1)
  const delivery = { shown: shownAs(index), older: [], expiresAt: clock.now() + 1_000 }
  await store.recordDelivery(key, 'a', delivery, 1, true)
}

describe('a full store in memory', () => {
  it('deletes the oldest incident that has nothing pending', async () => {
    const store = memoryStore({ clock, most: 3 })
    await store.saveBody(keyOf('pending'), bodyOf(), { pendingSince: clock.now(), due: clock.now() }, 0)
    for (const index of [1, 2, 3, 4]) await show(store, index)
    const keys = ['pending', 1, 2, 3, 4].map(keyOf)
    const left = ['pending', 2, 3, 4].map(keyOf)
    expect([...(await store.readIncidents(keys)).keys()]).toEqual(left)
    expect(await store.countPending()).toMatchObject({ count: 1 })
  })

  it('deletes the oldest pending incident', async () => {
    const store = memoryStore({ clock, most: 3 })
    const pending = [5, 6, 7, 8]
    for (const index of pending) await store.saveBody(keyOf(index), bodyOf(), { pendingSince: 1, due: 1 }, 0)
    expect([...(await store.readIncidents(pending.map(keyOf))).keys()]).toEqual([6, 7, 8].map(keyOf))
  })

  it('contains the 100 counters that were written last', async () => {
    const store = memoryStore({ clock })
    const names = Array.from({ length: 101 }, (_, index) => `events-${index}`)
    const expiresAt = clock.now() + 1_000
    for (const name of names.slice(0, 100)) await store.counters.save(name, suppressed(1), 0, expiresAt)
    await store.counters.save('events-0', suppressed(2), 1, expiresAt)
    await store.counters.save('events-100', suppressed(1), 0, expiresAt)
    const left = names.filter((name) => name !== 'events-1')
    expect([...(await store.counters.read(names)).keys()]).toEqual(left)
  })
})

it('stores 50,000 shown incidents in less than 35 MB', { timeout: 60_000 }, async () => {
  const output = await runModule(
    `
    import { memoryStore } from './lib/adapters/store/memory.ts'
    import { bodyOf, leaseOf, suppressed, keyOf, shownAs, testClock } from './test/adapters/store/builders.ts'
    const clock = testClock()
    const store = memoryStore({ clock })
    const used = () => (gc(), gc(), process.memoryUsage().heapUsed)
    const before = used()
    for (let index = 0; index < 120_000; index += 1) {
      const key = keyOf(index)
      const record = 'prod ' + crypto.randomUUID() + ' ' + index
      await store.saveBody(key, bodyOf({ record, message: 'x'.repeat(2_000) + index }), { pendingSince: 1, due: 1 }, 0)
      await store.takeLease(key, leaseOf('a'), 1)
      await store.recordDelivery(key, 'a', { shown: shownAs(index), older: [], expiresAt: clock.now() + 1 }, 1, true)
    }
    console.log(used() - before)
    await store.countPending()`,
    { flags: ['--expose-gc'] },
  )
  expect(Number(output) / 1e6).toBeLessThan(35)
})
