import fc from 'fast-check'
import { expect, it } from 'vitest'
import { memoryStore } from '../../../lib/adapters/store/memory.ts'
import type { DocumentKind } from '../../../lib/adapters/store/stored-items.ts'
import type { Store } from '../../../lib/pipeline/ports.ts'
import { bodyOf, keyOf, leaseOf, readAllDue, shownAs, type TestClock } from './builders.ts'
import { documentsOf, documentValues, listedKinds, listedOf } from './contract-documents.ts'

type Step = { name: string; act: (store: Store, key: (name: string) => string, now: number) => Promise<unknown> }

const kinds = Object.keys(documentValues) as DocumentKind[]
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
    // Everything pending is due at some time.
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
      act: (store: Store, key: (name: string) => string) => store.takeLease(key(name), leaseOf(token), revision),
    })),
  fc
    .record({ name: names, version: small, token: tokens, timing, messageId: small, isForgotten: fc.boolean() })
    .map(({ name, version, token, timing, messageId, isForgotten }) => ({
      name: `record delivery ${JSON.stringify({ name, version, token, timing, messageId, isForgotten })}`,
      act: (store: Store, key: (name: string) => string, now: number) => {
        const delivery = { shown: shownAs(messageId), older: [], ...timingAt(now, timing) }
        return store.recordDelivery(key(name), token, delivery, version, isForgotten)
      },
    })),
  fc
    .record({
      kind: fc.constantFrom(...kinds),
      name: names,
      version: small,
      number: small,
      expiresIn: fc.option(fc.integer({ min: 0, max: 5 }), { nil: undefined }),
    })
    .map(({ kind, name, version, number, expiresIn }) => ({
      name: `save document ${JSON.stringify({ kind, name, version, number, expiresIn })}`,
      act: (store: Store, key: (name: string) => string, now: number) => {
        const isListed = listedKinds.some((listed) => listed === kind)
        const expiresAt = expiresIn === undefined ? (isListed ? now + 3 : undefined) : now + expiresIn
        return documentsOf(store, kind).save(key(name), documentValues[kind](number), version, expiresAt)
      },
    })),
  fc.constantFrom(...listedKinds).map((kind) => ({
    name: `list ${kind}`,
    act: async (store: Store, key: (name: string) => string) => {
      const mine = new Set([key('a'), key('b')])
      return new Map([...(await listedOf(store, kind).list())].filter(([name]) => mine.has(name)))
    },
  })),
  fc.constant({
    name: 'due',
    act: async (store: Store, key: (name: string) => string, now: number) => {
      const mine = new Set([key('a'), key('b')])
      const due = (await readAllDue(store, now + 2, 1_000)).filter((row) => mine.has(row.key))
      return due.sort((a, b) => a.due - b.due || (a.key < b.key ? -1 : 1))
    },
  }),
)

export function specifyHistories(store: () => Store, clock: TestClock, histories: number) {
  it('gives the same answers as the store in memory for any history', async () => {
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
          for (const kind of kinds)
            expect(await documentsOf(store(), kind).read(keys)).toEqual(await documentsOf(model, kind).read(keys))
        }
      }),
      { numRuns: histories },
    )
  })
}
