import { expect, it } from 'vitest'
import { interceptStore, type StoreMethod } from '../../../lib/adapters/store/intercept.ts'
import { memoryStore } from '../../../lib/adapters/store/memory.ts'
import { StateUnavailable } from '../../../lib/pipeline/ports.ts'
import { testClock } from './builders.ts'

// The type check fails here if a store gets another method.
const methods: Record<StoreMethod, true> = {
  readIncidents: true,
  saveBody: true,
  takeLease: true,
  recordDelivery: true,
  listDueTargets: true,
  readDue: true,
  nextDue: true,
  countPending: true,
  'chats.read': true,
  'chats.save': true,
  'counters.read': true,
  'counters.save': true,
  'counters.list': true,
  'lastSeen.read': true,
  'lastSeen.save': true,
  'lastSeen.list': true,
  'readTopics.read': true,
  'readTopics.save': true,
  'goodRules.read': true,
  'goodRules.save': true,
  'deadLetters.put': true,
  'deadLetters.list': true,
  'deadLetters.drop': true,
}

it.each(Object.keys(methods))('%s of a store is intercepted', async (method) => {
  const calls: string[] = []
  const store = interceptStore(memoryStore({ clock: testClock() }), async (called) => {
    calls.push(called)
    throw new StateUnavailable('a test')
  })
  const [last = '', part] = method.split('.').reverse()
  const owner = (part === undefined ? store : Reflect.get(store, part)) as Record<string, () => Promise<unknown>>
  await expect(owner[last]?.()).rejects.toThrow(StateUnavailable)
  expect(calls).toEqual([method])
})

it('everything else of a store stays as it is', () => {
  const store = memoryStore({ clock: testClock() })
  const intercepted = interceptStore(store, () => Promise.reject(new StateUnavailable('a test')))
  expect(intercepted.isDurable).toBe(store.isDurable)
  expect(intercepted.close()).toBeUndefined()
})
