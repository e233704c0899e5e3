import fc from 'fast-check'
import { expect, it } from 'vitest'
import { memoryStore } from '../../../lib/adapters/store/memory.ts'
import { freshChat } from '../../../lib/core/rate-limit/chat.ts'
import type { Store } from '../../../lib/pipeline/ports.ts'
import { bodyOf, keyOf, leaseOf, readAllDue, shownAs, suppressed, type TestClock } from './incidents.ts'

type Step = { name: string; act: (store: Store, key: (name: string) => string, now: number) => Promise<unknown> }

const names = fc.constantFrom('a', 'b')
const small = fc.integer({ min: 0, max: 3 })
const tokens = fc.constantFrom('x', 'y')
const timing = fc.record({
  pendingFor: fc.option(small, { nil: undefined }),
  dueIn: fc.option(small, { nil: undefined }),
  expiresIn: fc.option(fc.integer({ min: 0, max: 5 }), { nil: undefined }),
})

type Timing = { pendingFor: number | undefined; dueIn: number | undefined; expiresIn: number | undefined }

function timingAt(now: number, { pendingFor, dueIn, expiresIn }: Timing) {
  return {
    // What is pending is due some time.
    ...(pendingFor === undefined || dueIn === undefined ? {} : { pendingSince: now - pendingFor }),
    ...(dueIn === undefined ? {} : { due: now + dueIn }),
    ...(expiresIn === undefined ? {} : { expiresAt: now + expiresIn }),
  }
}

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ name: names, version: small, count: small, timing }).map(({ name, version, count, timing }) => ({
    name: `save body ${JSON.stringify({ name, version, count, timing })}`,
    act: (store: Store, key: (name: string) => string, now: number) =>
      store.saveBody(key(name), bodyOf({ count: count + 1 }), timingAt(now, timing), version),
  })),
  fc
    .record({ name: names, revision: fc.integer({ min: 0, max: 6 }), token: tokens })
    .map(({ name, revision, token }) => ({
      name: `lease ${JSON.stringify({ name, revision, token })}`,
      act: (store: Store, key: (name: string) => string) => store.lease(key(name), leaseOf(token), revision),
    })),
  fc
    .record({ name: names, version: small, token: tokens, timing, messageId: small, isForgotten: fc.boolean() })
    .map(({ name, version, token, timing, messageId, isForgotten }) => ({
      name: `settle ${JSON.stringify({ name, version, token, timing, messageId, isForgotten })}`,
      act: (store: Store, key: (name: string) => string, now: number) => {
        const deliveryState = { shown: shownAs(messageId), older: [], ...timingAt(now, timing) }
        return store.settle(key(name), token, deliveryState, version, isForgotten)
      },
    })),
  fc.record({ name: names, version: small }).map(({ name, version }) => ({
    name: `save chat ${JSON.stringify({ name, version })}`,
    act: (store: Store, key: (name: string) => string, now: number) =>
      store.saveChat(key(name), { ...freshChat, coolDownUntil: now }, version),
  })),
  fc
    .record({ name: names, version: small, offset: small, expiresIn: fc.integer({ min: 0, max: 5 }) })
    .map(({ name, version, offset, expiresIn }) => ({
      name: `save counter ${JSON.stringify({ name, version, offset, expiresIn })}`,
      act: (store: Store, key: (name: string) => string, now: number) =>
        store.saveCounter(key(name), suppressed(offset, 1, key('a')), version, now + expiresIn),
    })),
  fc
    .record({ name: names, version: small, at: small, expiresIn: fc.integer({ min: 0, max: 5 }) })
    .map(({ name, version, at, expiresIn }) => ({
      name: `save seen ${JSON.stringify({ name, version, at, expiresIn })}`,
      act: (store: Store, key: (name: string) => string, now: number) =>
        store.saveSeen({ cluster: key(name), at }, version, now + expiresIn),
    })),
  fc.constant({
    name: 'seen',
    act: async (store: Store, key: (name: string) => string) => {
      const mine = (await store.listSeen()).filter(({ value }) => [key('a'), key('b')].includes(value.cluster))
      return mine.sort((a, b) => (a.value.cluster < b.value.cluster ? -1 : 1))
    },
  }),
  fc.constant({
    name: 'counters',
    act: async (store: Store, key: (name: string) => string) => {
      const mine = (await store.listCounters()).filter(({ rules }) => JSON.stringify(rules).includes(key('a')))
      return mine.sort((a, b) => a.offset - b.offset)
    },
  }),
  fc.constant({
    name: 'due',
    act: async (store: Store, key: (name: string) => string, now: number) => {
      const mine = new Set([key('a'), key('b')])
      const due = (await readAllDue(store, now + 2, 1_000)).filter((row) => mine.has(row.key))
      return due.sort((a, b) => a.due - b.due || (a.key < b.key ? -1 : 1))
    },
  }),
)

/** Any history ends in the same answers as in memory. */
export function behavesLikeTheModel(store: () => Store, clock: TestClock, histories: number) {
  it('answers any history as the one in memory does', async () => {
    let run = 0
    const history = fc.array(fc.record({ step, passes: fc.integer({ min: 0, max: 2 }) }), {
      minLength: 5,
      maxLength: 30,
    })
    await fc.assert(
      fc.asyncProperty(history, async (steps) => {
        run += 1
        const key = (name: string) => keyOf(`history ${run} ${name}`)
        const model = memoryStore({ clock })
        for (const { step, passes } of steps) {
          clock.pass(passes)
          const expected = await step.act(model, key, clock.now())
          expect(await step.act(store(), key, clock.now()), step.name).toEqual(expected)
          const keys = [key('a'), key('b')]
          expect(await store().readIncidents(keys)).toEqual(await model.readIncidents(keys))
          expect(await store().readCounters(keys)).toEqual(await model.readCounters(keys))
          expect(await store().readSeen(keys)).toEqual(await model.readSeen(keys))
        }
      }),
      { numRuns: histories },
    )
  })
}
