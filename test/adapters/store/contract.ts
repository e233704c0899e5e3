import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { freshChat } from '../../../lib/core/rate-limit/chat.ts'
import { readDocument, type Store } from '../../../lib/pipeline/ports.ts'
import { deadLetter, keyOf, readAllDue, suppressed, testClock } from './builders.ts'
import { type Context, contextOf, hour, type Place } from './contract-context.ts'
import { specifyDeadLetters } from './contract-dead-letters.ts'
import { specifyDocuments } from './contract-documents.ts'
import { specifyHistories } from './contract-histories.ts'
import { specifyIncidentReads } from './contract-incident-reads.ts'
import { specifyIncidentWrites } from './contract-incident-writes.ts'

export interface ContractOptions {
  /** The clock's first time. */
  start?: number
  /** How many random histories are tried. */
  histories?: number
}

/** Specifies every store. All tests of a store share one place; each uses its own keys. */
export function storeContract(
  name: string,
  openPlace: () => Promise<Place> | Place,
  { start, histories = 100 }: ContractOptions = {},
) {
  describe(name, () => {
    const clock = testClock(start)
    let place: Place
    let store: Store
    let other: Store
    let context: Context
    let tests = 0
    beforeAll(async () => {
      place = await openPlace()
      store = await place.connect(clock)
      other = await place.connect(clock)
    })
    afterAll(async () => {
      store.close()
      other.close()
      await place.close()
    })
    beforeEach(() => {
      tests += 1
      // Items of the tests before have expired, so none of them is due or pending.
      clock.pass(1_000 * hour)
      context = contextOf({ place, store, other, clock, key: keyOf(`test ${tests}`) })
    })

    describe('incident writes', () => specifyIncidentWrites(() => context))
    describe('incident reads', () => specifyIncidentReads(() => context))
    describe('documents', () => specifyDocuments(() => context))
    describe('dead letters', () => specifyDeadLetters(() => context))

    it('returns everything to a process that connects later, if it is durable', async () => {
      const { key, open } = context
      const given = await open()
      await store.chats.save(key, freshChat, 0)
      const record = deadLetter('00000000000000ff', { at: clock.now(), expiresAt: clock.now() + hour })
      await store.deadLetters.put(record)
      await store.counters.save(key, suppressed(1), 0, clock.now() + hour)
      const late = await place.connect(clock)
      expect((await late.readIncidents([key])).get(key)).toEqual(given)
      expect(await readAllDue(late, clock.now(), 10)).toMatchObject([{ key }])
      expect(await late.countPending()).toEqual({ count: 1, since: given.delivery.pendingSince })
      expect(await readDocument(late.chats, key)).toEqual({ version: 1, value: freshChat })
      expect(await late.deadLetters.list(clock.now())).toEqual([record])
      expect(await late.counters.list()).toEqual(new Map([[key, { version: 1, value: suppressed(1) }]]))
      if (late !== store) late.close()
    })

    // Last, since some of their items never expire.
    specifyHistories(() => store, clock, histories)
  })
}
