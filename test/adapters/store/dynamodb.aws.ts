import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest'
import { systemClock } from '../../../lib/adapters/clock.ts'
import { openStore } from '../../../lib/app/open-store.ts'
import { freshChat } from '../../../lib/core/rate-limit/chat.ts'
import { readDocument, type Store } from '../../../lib/pipeline/ports.ts'
import { callDynamodb } from '../../support/dynamodb-tables.ts'
import { bodyOf, deadLetter, keyOf, leaseOf, readAllDue, shownAs, suppressed, testClock } from './builders.ts'
import { storeContract } from './contract.ts'
import { type Relay, startRelay } from './relay.ts'

const access = inject('aws')
const table = inject('table')
// The emulated AWS deletes expired items by its own clock.
const start = systemClock.now()
const hour = 3_600_000

storeContract(
  'state in DynamoDB',
  () => ({
    connect: (clock) => openStore({ kind: 'dynamodb', table, access }, { clock }),
    close() {},
  }),
  { start, histories: 40 },
)

describe('DynamoDB behind a network', () => {
  const clock = testClock(start)
  let relay: Relay
  let store: Store
  let key = ''
  let tests = 0
  beforeAll(async () => {
    relay = await startRelay(access.endpoint ?? '')
    store = await openStore({ kind: 'dynamodb', table, access: { ...access, endpoint: relay.endpoint } }, { clock })
  })
  afterAll(() => relay.close())
  beforeEach(() => {
    tests += 1
    key = keyOf(`network ${tests}`)
    relay.fates.length = 0
    relay.calls.length = 0
  })

  const later = () => ({ expiresAt: clock.now() + 48 * hour })

  it('takes as few requests as possible for each method', async () => {
    const keys = Array.from({ length: 250 }, (_, index) => keyOf(index))
    const record = deadLetter('0000000000000001', { at: clock.now(), ...later() })
    const target = 'asked'
    const dueNow = { pendingSince: clock.now(), due: clock.now() }
    const asked = async (work: Promise<unknown>) => {
      await work
      return relay.calls.splice(0).join(' ')
    }
    expect({
      readNothing: await asked(store.readIncidents([])),
      read: await asked(store.readIncidents([key])),
      read250: await asked(store.readIncidents(keys)),
      open: await asked(store.saveBody(key, bodyOf(), later(), 0)),
      save: await asked(store.saveBody(key, bodyOf({ count: 2 }), later(), 1)),
      conflict: await asked(store.saveBody(key, bodyOf({ count: 3 }), later(), 1)),
      lease: await asked(store.takeLease(key, leaseOf('a'), 2)),
      lostLease: await asked(store.takeLease(key, leaseOf('b'), 2)),
      recordDelivery: await asked(store.recordDelivery(key, 'a', { shown: shownAs(1), older: [], ...later() }, 2)),
      listTarget: await asked(store.saveBody(keyOf('target'), bodyOf({ target }), dueNow, 0)),
      listedTarget: await asked(store.saveBody(keyOf('target again'), bodyOf({ target }), dueNow, 0)),
      targets: await asked(store.listDueTargets()),
      due: await asked(store.readDue(target, { from: 0, until: clock.now() }, 1_000)),
      nextDue: await asked(store.nextDue(target, 0)),
      readChat: await asked(readDocument(store.chats, key)),
      openChat: await asked(store.chats.save(key, freshChat, 0)),
      saveChat: await asked(store.chats.save(key, freshChat, 1)),
      readCounters: await asked(store.counters.read([key, keyOf(1)])),
      openCounter: await asked(store.counters.save(key, suppressed(1), 0, later().expiresAt)),
      saveCounter: await asked(store.counters.save(key, suppressed(2), 1, later().expiresAt)),
      lostCounter: await asked(store.counters.save(key, suppressed(3), 1, later().expiresAt)),
      listCounters: await asked(store.counters.list()),
      readSeen: await asked(store.lastSeen.read([key, keyOf(1)])),
      openSeen: await asked(store.lastSeen.save(key, { cluster: key, at: 1 }, 0, later().expiresAt)),
      saveSeen: await asked(store.lastSeen.save(key, { cluster: key, at: 2 }, 1, later().expiresAt)),
      listSeen: await asked(store.lastSeen.list()),
      deadLetters: await asked(store.deadLetters.put(record)),
      again: await asked(store.deadLetters.put(record)),
      list: await asked(store.deadLetters.list(clock.now())),
      drop: await asked(store.deadLetters.drop(record.id)),
    }).toEqual({
      readNothing: '',
      read: 'BatchGetItem',
      read250: 'BatchGetItem BatchGetItem BatchGetItem',
      open: 'PutItem',
      save: 'UpdateItem',
      conflict: 'UpdateItem',
      lease: 'UpdateItem',
      lostLease: 'UpdateItem',
      recordDelivery: 'UpdateItem',
      // Once a day for each target.
      listTarget: 'PutItem PutItem',
      listedTarget: 'PutItem',
      targets: 'Query',
      due: 'Query',
      nextDue: 'Query',
      readChat: 'BatchGetItem',
      openChat: 'PutItem',
      saveChat: 'PutItem',
      readCounters: 'BatchGetItem',
      openCounter: 'PutItem',
      saveCounter: 'PutItem',
      lostCounter: 'PutItem',
      listCounters: 'Query BatchGetItem',
      readSeen: 'BatchGetItem',
      openSeen: 'PutItem',
      saveSeen: 'PutItem',
      listSeen: 'Query BatchGetItem',
      deadLetters: 'PutItem',
      again: 'PutItem',
      list: 'Query BatchGetItem',
      drop: 'DeleteItem',
    })
    const targets = await store.listDueTargets()
    relay.calls.length = 0
    expect(targets).toContain(target)
    expect(await asked(store.countPending())).toBe(['Query', ...targets.map(() => 'Query')].join(' '))
    for (const name of ['target', 'target again']) await store.saveBody(keyOf(name), bodyOf({ target }), later(), 1)
  })

  it('recognises its own write after a lost answer', async () => {
    const twice = async <Result>(work: () => Promise<Result>): Promise<Result> => {
      relay.fates.push('lose the answer')
      relay.calls.length = 0
      const result = await work()
      expect(relay.calls).toHaveLength(2)
      return result
    }
    const opened = { saved: { version: 1, revision: 1 } }
    expect(await twice(() => store.saveBody(key, bodyOf(), later(), 0))).toMatchObject(opened)
    const saved = { saved: { version: 2, revision: 2, body: bodyOf({ count: 2 }) } }
    expect(await twice(() => store.saveBody(key, bodyOf({ count: 2 }), later(), 1))).toMatchObject(saved)
    const leased = { saved: { revision: 3, delivery: { lease: leaseOf('a') } } }
    expect(await twice(() => store.takeLease(key, leaseOf('a'), 2))).toMatchObject(leased)
    const shown = { shown: shownAs(7), older: [], ...later() }
    expect(await twice(() => store.recordDelivery(key, 'a', shown, 2))).toMatchObject({
      saved: { revision: 4, delivery: shown },
    })
    expect(await twice(() => store.chats.save(key, freshChat, 0))).toEqual({ version: 1 })
    expect(await twice(() => store.chats.save(key, { ...freshChat, coolDownUntil: 5 }, 1))).toEqual({ version: 2 })
    const { expiresAt } = later()
    expect(await twice(() => store.counters.save(key, suppressed(1), 0, expiresAt))).toEqual({ version: 1 })
    expect(await twice(() => store.counters.save(key, suppressed(2), 1, expiresAt))).toEqual({ version: 2 })
    expect(await twice(() => store.lastSeen.save(key, { cluster: key, at: 1 }, 0, expiresAt))).toEqual({ version: 1 })
    const record = deadLetter('0000000000000002', { at: clock.now(), ...later() })
    await twice(() => store.deadLetters.put(record))
    await twice(() => store.deadLetters.drop(record.id))
    await twice(() => store.readIncidents([key]))
  })

  it('does not mistake the write of another process for its own', async () => {
    const failure = { status: 500, type: 'InternalServerError' }
    await store.saveBody(key, bodyOf(), later(), 0)
    await store.takeLease(key, leaseOf('a'), 1)
    relay.fates.push(failure)
    expect(await store.takeLease(key, leaseOf('b'), 1)).toMatchObject({
      current: { delivery: { lease: leaseOf('a') } },
    })
    relay.fates.push(failure)
    expect(await store.saveBody(key, bodyOf({ count: 2 }), later(), 0)).toMatchObject({ current: { version: 1 } })
    relay.fates.push(failure)
    expect(await store.recordDelivery(key, 'b', { shown: shownAs(8), older: [] }, 1)).toMatchObject({
      current: { delivery: { lease: leaseOf('a') } },
    })
    await store.chats.save(key, { ...freshChat, coolDownUntil: 1 }, 0)
    relay.fates.push(failure)
    expect(await store.chats.save(key, { ...freshChat, coolDownUntil: 2 }, 0)).toMatchObject({
      current: { version: 1 },
    })
    await store.counters.save(key, suppressed(1), 0, later().expiresAt)
    relay.fates.push(failure)
    const counter = await store.counters.save(key, suppressed(2), 0, later().expiresAt)
    expect(counter).toEqual({ current: { version: 1, value: suppressed(1) } })
  })

  it('repeats throttled requests', async () => {
    const throttling = ['ThrottlingException', 'ProvisionedThroughputExceededException', 'RequestLimitExceeded']
    relay.fates.push(...throttling.map((type) => ({ status: 400, type })))
    expect(await store.saveBody(key, bodyOf(), later(), 0)).toMatchObject({ saved: { version: 1 } })
    expect(relay.calls).toHaveLength(4)
  })

  it('stores a time to live for each of 1,000 items, and ignores them after it', async () => {
    const keys = Array.from({ length: 1_000 }, (_, index) => keyOf(`expires ${index}`))
    const { count: pendingBefore } = await store.countPending()
    const expiresAt = (index: number) => clock.now() + hour + index * 777
    const save = (name: string, index: number) => {
      const due = index % 2 === 0 ? { pendingSince: clock.now(), due: clock.now() + index } : {}
      return store.saveBody(name, bodyOf({ count: index + 1 }), { ...due, expiresAt: expiresAt(index) }, 0)
    }
    for (let first = 0; first < 1_000; first += 20)
      await Promise.all(keys.slice(first, first + 20).map((name, index) => save(name, first + index)))
    const told = new Map<string, number>()
    for (let first = 0; first < 1_000; first += 100) {
      const Keys = keys.slice(first, first + 100).map((name) => ({ key: { S: `incidents/${name}` } }))
      const body = { RequestItems: { [table]: { Keys } } }
      const answer = (await callDynamodb('BatchGetItem', body, access)) as { Responses: Record<string, Raw[]> }
      for (const item of answer.Responses[table] ?? []) told.set(item.key.S.slice(10), Number(item.timeToLive.N))
    }
    expect(keys.map((name) => told.get(name))).toEqual(keys.map((_, index) => Math.ceil(expiresAt(index) / 1_000)))
    expect((await store.readIncidents(keys)).size).toBe(1_000)
    expect(await readAllDue(store, clock.now() + hour, 2_000)).toHaveLength(500)
    clock.pass(hour + 500 * 777)
    expect([...(await store.readIncidents(keys)).keys()].sort()).toEqual(keys.slice(501).sort())
    expect(await readAllDue(store, clock.now() + hour, 2_000)).toHaveLength(249)
    expect(await store.countPending()).toMatchObject({ count: pendingBefore + 249 })
    clock.pass(1_000 * 777)
    expect((await store.readIncidents(keys)).size).toBe(0)
    expect(await readAllDue(store, clock.now() + hour, 2_000)).toEqual([])
  })
})

interface Raw {
  key: { S: string }
  timeToLive: { N: string }
}
