import { statSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { sqliteStore } from '../../../lib/adapters/store/sqlite.ts'
import { freshChat } from '../../../lib/core/rate-limit/chat.ts'
import { StateUnavailable } from '../../../lib/pipeline/ports.ts'
import { bodyOf, deadLetter, keyOf, leaseOf, readAllDue, shownAs, suppressed, testClock } from './builders.ts'
import { runModule } from './run-module.ts'
import { sqliteFiles } from './sqlite-files.ts'

const minute = 60_000
const day = 24 * 60 * minute
const { clock, file, connect, openRaw } = sqliteFiles()

const later = () => ({ expiresAt: clock.now() + day })

/** The text of a module with a store on the same file and the builders. */
function module(text: string): string {
  return `
    import { StateUnavailable } from './lib/pipeline/ports.ts'
    import { sqliteStore } from './lib/adapters/store/sqlite.ts'
    import { bodyOf, leaseOf, keyOf, testClock } from './test/adapters/store/builders.ts'
    const store = sqliteStore(${JSON.stringify(file())}, { clock: testClock() })
    ${text}
    store.close()`
}

describe('several processes on one file', () => {
  it('lose no write, and get one lease', { timeout: 60_000 }, async () => {
    await connect().saveBody(keyOf('leased'), bodyOf(), {}, 0)
    const outputs = await Promise.all(
      Array.from({ length: 3 }, (_, index) =>
        runModule(
          module(`
            for (let done = 0; done < 200; ) {
              const found = (await store.readIncidents([keyOf('counted')])).get(keyOf('counted'))
              const count = (found?.body.merged.events[0][1] ?? 0) + 1
              const written = await store.saveBody(keyOf('counted'), bodyOf({ count }), {}, found?.version ?? 0)
              if ('saved' in written) done += 1
            }
            const leased = await store.takeLease(keyOf('leased'), leaseOf('${index}'), 1)
            console.log('saved' in leased ? 'leased' : 'not leased')`),
        ),
      ),
    )
    const found = (await connect().readIncidents([keyOf('counted')])).get(keyOf('counted'))
    expect(found).toMatchObject({ version: 600, revision: 600, body: bodyOf({ count: 600 }) })
    expect(outputs.map((output) => output.trim()).sort()).toEqual(['leased', 'not leased', 'not leased'])
  })

  it('can create it at the same moment', { timeout: 60_000 }, async () => {
    const outputs = await Promise.all(
      Array.from({ length: 6 }, () => runModule(module(`console.log(JSON.stringify(await store.countPending()))`))),
    )
    expect(outputs.map((output) => output.trim())).toEqual(Array.from({ length: 6 }, () => '{"count":0}'))
  })
})

describe('a file that cannot be written now', () => {
  it('is an outage while another process locks it, and saved data stays', async () => {
    const store = connect()
    const { saved } = (await store.saveBody(keyOf(1), bodyOf(), later(), 0)) as { saved: unknown }
    const other = openRaw()
    other.exec('BEGIN EXCLUSIVE')
    await expect(store.saveBody(keyOf(1), bodyOf({ count: 2 }), later(), 1)).rejects.toThrow(StateUnavailable)
    await expect(store.takeLease(keyOf(1), leaseOf('a'), 1)).rejects.toThrow(
      /not available: SQLite: database is locked/,
    )
    await expect(store.chats.save('-100', freshChat, 0)).rejects.toThrow(StateUnavailable)
    await expect(store.counters.save('events-0', suppressed(1), 0, 1)).rejects.toThrow(StateUnavailable)
    await expect(store.lastSeen.save('prod', { cluster: 'prod', at: 1 }, 0, 1)).rejects.toThrow(StateUnavailable)
    // Deleting expired rows is not part of the call: a lock only postpones it.
    expect(await readAllDue(store, clock.now(), 1)).toEqual([])
    other.exec('ROLLBACK')
    expect((await store.readIncidents([keyOf(1)])).get(keyOf(1))).toEqual(saved)
    expect(await store.takeLease(keyOf(1), leaseOf('a'), 1)).toHaveProperty('saved')
  })

  it('is an outage when the disk is full, and saved data stays', async () => {
    // Limits the size of a file (RLIMIT_FSIZE, in blocks of 512 or 1,024 bytes).
    const output = await runModule(
      module(`
        const saved = []
        const refusals = []
        for (let index = 0; index < 10_000 && refusals.length < 20; index += 1) {
          await store.saveBody(keyOf(index), bodyOf(), {}, 0).then(
            () => saved.push(index),
            (error) => refusals.push(error),
          )
        }
        console.log(JSON.stringify({
          saved,
          read: (await store.readIncidents(saved.map(keyOf))).size,
          refusals: refusals.length,
          areOutages: refusals.every((error) => error instanceof StateUnavailable),
          message: refusals.at(-1).message,
        }))`),
      { shell: 'ulimit -f 1000' },
    )
    const { saved, ...rest } = JSON.parse(output)
    const message = expect.stringMatching(/^the state is not available: SQLite: disk/)
    expect(rest).toEqual({ read: saved.length, refusals: 20, areOutages: true, message })
    expect(saved.length).toBeGreaterThan(20)
    const store = connect()
    expect((await store.readIncidents(saved.map(keyOf))).size).toBe(saved.length)
    expect(await store.takeLease(keyOf(0), leaseOf('a'), 1)).toHaveProperty('saved')
  })
})

describe('an expired row', () => {
  it('is deleted, with at most 1,000 others at a time', async () => {
    const store = connect()
    for (let index = 0; index < 1_500; index += 1) await store.saveBody(keyOf(index), bodyOf(), later(), 0)
    await store.deadLetters.put(deadLetter('a', { at: clock.now(), ...later() }))
    await store.counters.save('events-0', suppressed(1), 0, later().expiresAt)
    await store.counters.save('events-1', suppressed(1), 0, later().expiresAt + 7 * day)
    await store.lastSeen.save('prod', { cluster: 'prod', at: 1 }, 0, later().expiresAt)
    await store.lastSeen.save('test', { cluster: 'test', at: 1 }, 0, later().expiresAt + 7 * day)
    const raw = openRaw()
    const rows = () =>
      ['incidents', 'dead_letters', 'documents'].map(
        (table) => raw.prepare(`SELECT count(*) AS count FROM ${table}`).get()?.count,
      )
    await readAllDue(store, clock.now(), 1)
    expect(rows()).toEqual([1_500, 1, 4])
    clock.pass(day)
    const left = []
    for (let minutes = 0; minutes < 300 && rows()[0] !== 0; minutes += 1) {
      await store.listDueTargets()
      left.push(rows()[0])
      clock.pass(60_000)
    }
    expect(new Set(left)).toEqual(new Set([1_500, 500, 0]))
    expect(rows()).toEqual([0, 0, 2])
  })

  it('is not deleted early by a process whose clock is three days ahead', async () => {
    const store = connect()
    for (let index = 0; index < 100; index += 1) {
      await store.saveBody(keyOf(index), bodyOf(), { expiresAt: clock.now() + 2 * day }, 0)
      clock.pass(60_000)
    }
    const keys = Array.from({ length: 100 }, (_, index) => keyOf(index))
    const ahead = testClock(clock.now() + 3 * day)
    const wrong = sqliteStore(file(), { clock: ahead })
    for (let minutes = 0; minutes < 120; minutes += 1) {
      await wrong.listDueTargets()
      ahead.pass(60_000)
    }
    wrong.close()
    expect((await store.readIncidents(keys)).size).toBe(100)
  })

  it('does not stay: a file shrinks after 100,000 incidents in two weeks', { timeout: 120_000 }, async () => {
    const store = connect()
    const raw = openRaw()
    const total = 100_000
    let mostRows = 0
    for (let index = 0; index < total; index += 1) {
      const now = clock.now()
      const key = keyOf(index)
      const expiresAt = now + 2 * day
      const isSent = index % 4 === 0
      await store.saveBody(key, bodyOf({ count: index }), isSent ? { pendingSince: now, due: now } : { expiresAt }, 0)
      if (isSent) {
        await store.takeLease(key, leaseOf('a'), 1)
        await store.recordDelivery(key, 'a', { shown: shownAs(index), older: [], expiresAt }, 1, index % 8 === 0)
      }
      clock.pass((14 * day) / total)
      if (index % 20 === 0) await store.listDueTargets()
      if (index % 1_000 === 0)
        mostRows = Math.max(mostRows, Number(raw.prepare('SELECT count(*) AS count FROM incidents').get()?.count))
    }
    expect(mostRows).toBeLessThan((total / 14) * 2 + 1_000)
    clock.pass(2 * day)
    for (let minutes = 0; minutes < 400; minutes += 1) {
      await store.listDueTargets()
      clock.pass(60_000)
    }
    expect(raw.prepare('SELECT count(*) AS count FROM incidents').get()?.count).toBe(0)
    raw.exec('PRAGMA wal_checkpoint(TRUNCATE)')
    expect(statSync(file()).size).toBeLessThan(100_000)
  })
})
