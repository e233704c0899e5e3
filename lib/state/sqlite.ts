import { type ChatState, urgencies } from '../budget/chat.ts'
import type { Clock } from '../clock.ts'
import type { HeldBack } from '../incident/held-back.ts'
import { keptMilliseconds } from '../incident/incident.ts'
import type { Seen } from '../incident/seen.ts'
import {
  type Due,
  type QuarantinedRecord,
  StateUnavailable,
  type Store,
  type Versioned,
  type Written,
} from '../incident/store.ts'
import { type Item, standingText, timingColumns, toIncident, unsent } from './item.ts'
import { type Numbered, numberedMethods } from './numbered.ts'
import { bodyText } from './size.ts'
import { attempt, openFile } from './sqlite-file.ts'
import { statements } from './sqlite-statements.ts'

const mostDeleted = 1_000
const moveApartMilliseconds = 60_000
const moveMilliseconds = 10 * 60_000

/**
 * State in a file that any number of processes of one machine may share. Each write is one conditional statement. A lock is waited for
 * at most a second, in which the process stands still.
 */
export function sqliteStore(file: string, { clock }: { clock: Clock }): Store {
  const database = openFile(file)
  const prepared = Object.fromEntries(Object.entries(statements).map(([name, sql]) => [name, database.prepare(sql)]))

  // To the last row, since only then a write is committed, and what hinders that is told.
  function run<Row>(name: keyof typeof statements, values: Record<string, string | number | null>): Row[] {
    return attempt(() => prepared[name]?.all(values)) as Row[]
  }

  function find(keys: string[]): Item[] {
    return run<Item>('read', { keys: JSON.stringify(keys), now: clock.now() })
  }

  function write(name: 'create' | 'saveBody' | 'claim' | 'settle', key: string, values: object): Written {
    const [saved] = run<Item>(name, { key, now: clock.now(), ...values })
    if (saved) return { saved: toIncident(saved) }
    const [current] = find([key])
    return { current: current && toIncident(current) }
  }

  function findChats(names: string[]): Map<string, Versioned<ChatState>> {
    const chats = run<{ name: string; version: number; value: string }>('readChats', { names: JSON.stringify(names) })
    return new Map(chats.map(({ name, version, value }) => [name, { version, value: JSON.parse(value) }]))
  }

  function numbered<Value>(name: 'Counter' | 'Seen', listed: 'Counters' | 'Seen'): Numbered<Value> {
    type Row = { name: string; version: number; value: string }
    const versioned = ({ version, value }: Row): Versioned<Value> => ({ version, value: JSON.parse(value) })
    const read = (names: string[]): Map<string, Versioned<Value>> => {
      const rows = run<Row>(`read${listed}`, { names: JSON.stringify(names), now: clock.now() })
      return new Map(rows.map((row) => [row.name, versioned(row)]))
    }
    return {
      read,
      save(key, value, version, expiresAt) {
        const values = { name: key, value: JSON.stringify(value), expiresAt, now: clock.now() }
        const [saved] =
          version === 0
            ? run<{ version: number }>(`create${name}`, values)
            : run<{ version: number }>(`save${name}`, { ...values, version })
        return saved ? { version: saved.version } : { current: read([key]).get(key) }
      },
      list: () => run<Row>(`list${listed}`, { now: clock.now() }).map(versioned),
    }
  }

  const counters = numbered<HeldBack>('Counter', 'Counters')
  const seen = numbered<Seen>('Seen', 'Seen')

  let time = { movedAt: Number.NEGATIVE_INFINITY, at: 0 }

  /**
   * The file's own time. A process moves it by ten minutes a minute at most, and back if it is ahead: one whose clock is days ahead would else
   * delete what all others need.
   */
  function ownTime(now: number): number {
    if (Math.abs(now - time.movedAt) >= moveApartMilliseconds) {
      const [moved] = run<{ at: number }>('moveTime', { now, kept: keptMilliseconds, step: moveMilliseconds })
      time = { movedAt: now, at: moved?.at ?? 0 }
    }
    return time.at
  }

  // Space is not what the caller asked for: what can't be deleted now is deleted later.
  function deleteExpired() {
    const now = clock.now()
    try {
      if (run('findExpired', { now }).length === 0) return
      const expired = { now: ownTime(now), most: mostDeleted }
      if (run('findExpired', { now: expired.now }).length === 0) return
      run('deleteIncidents', expired)
      run('deleteQuarantine', expired)
      run('deleteCounters', expired)
      run('deleteSeen', expired)
      attempt(() => database.exec('PRAGMA incremental_vacuum'))
    } catch (error) {
      if (!(error instanceof StateUnavailable)) throw error
    }
  }

  return {
    isDurable: true,
    async readIncidents(keys) {
      return new Map(find(keys).map((found) => [found.key, toIncident(found)]))
    },
    async saveBody(key, body, timing, version) {
      const { target } = body.identity
      const values = {
        ...bodyText(body),
        target,
        urgency: timing.urgency ?? body.merged.severity,
        ...timingColumns(timing),
      }
      return version === 0
        ? write('create', key, { ...values, standing: standingText(unsent) })
        : write('saveBody', key, { ...values, version })
    },
    async claim(key, claim, revision) {
      return write('claim', key, { claim: JSON.stringify(claim), token: claim.token, revision })
    },
    async settle(key, token, standing, version, isForgotten = false) {
      return write('settle', key, {
        token,
        version,
        standing: standingText(standing),
        isForgotten: Number(isForgotten),
        urgency: standing.urgency ?? null,
        ...timingColumns(standing),
      })
    },
    async listLanes() {
      deleteExpired()
      return run<{ target: string }>('listLanes', {}).map(({ target }) => target)
    },
    async readDue(target, { from, until }, most) {
      const found: Due[] = []
      for (const urgency of urgencies) {
        const values = { target, urgency, from, until, most: most - found.length, now: clock.now() }
        if (values.most > 0) found.push(...run<Due>('readDue', values).map((due) => ({ ...due })))
      }
      return found
    },
    async nextDue(target, after) {
      const times = urgencies.flatMap((urgency) => {
        const [next] = run<{ due: number | null }>('nextDue', { target, urgency, after, now: clock.now() })
        return next?.due ?? []
      })
      return times.length === 0 ? undefined : Math.min(...times)
    },
    async countOwed() {
      const [owed] = run<{ count: number; since: number | null }>('countOwed', { now: clock.now() })
      return { count: owed?.count ?? 0, since: owed?.since ?? undefined }
    },
    readChats: async (names) => findChats(names),
    async saveChat(name, chat, version) {
      const value = JSON.stringify(chat)
      const [saved] =
        version === 0
          ? run<{ version: number }>('createChat', { name, value })
          : run<{ version: number }>('saveChat', { name, value, version })
      return saved ? { version: saved.version } : { current: findChats([name]).get(name) }
    },
    ...numberedMethods(counters, seen),
    quarantine: {
      async put(record) {
        const { id, at, expiresAt } = record
        run('quarantine', { id, at, expiresAt, value: JSON.stringify(record), now: clock.now() })
      },
      async list(now) {
        return run<{ value: string }>('listQuarantine', { now }).map(
          ({ value }): QuarantinedRecord => JSON.parse(value),
        )
      },
      async drop(id) {
        run('dropQuarantine', { id })
      },
    },
    close: () => database.close(),
  }
}
