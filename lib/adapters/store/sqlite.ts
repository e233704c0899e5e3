import { keptMilliseconds } from '../../core/incident/incident.ts'
import type { Suppressed } from '../../core/incident/suppressed.ts'
import type { Seen } from '../../core/incident/watchdog.ts'
import { type ChatState, urgencies } from '../../core/rate-limit/chat.ts'
import {
  type DeadLetter,
  type Due,
  StateUnavailable,
  type Store,
  type Versioned,
  type Written,
} from '../../pipeline/ports.ts'
import type { Clock } from '../clock.ts'
import { type Numbered, numberedMethods } from './documents.ts'
import { deliveryText, type Item, timingColumns, toIncident, unsent } from './item.ts'
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

  function write(name: 'create' | 'saveBody' | 'lease' | 'settle', key: string, values: object): Written {
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

  const counters = numbered<Suppressed>('Counter', 'Counters')
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
      run('deleteDeadLetters', expired)
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
        ? write('create', key, { ...values, deliveryState: deliveryText(unsent) })
        : write('saveBody', key, { ...values, version })
    },
    async lease(key, lease, revision) {
      return write('lease', key, { lease: JSON.stringify(lease), token: lease.token, revision })
    },
    async settle(key, token, deliveryState, version, isForgotten = false) {
      return write('settle', key, {
        token,
        version,
        deliveryState: deliveryText(deliveryState),
        isForgotten: Number(isForgotten),
        urgency: deliveryState.urgency ?? null,
        ...timingColumns(deliveryState),
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
    async countPending() {
      const [pending] = run<{ count: number; since: number | null }>('countPending', { now: clock.now() })
      return { count: pending?.count ?? 0, since: pending?.since ?? undefined }
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
    deadLetters: {
      async put(record) {
        const { id, at, expiresAt } = record
        run('putDeadLetter', { id, at, expiresAt, value: JSON.stringify(record), now: clock.now() })
      },
      async list(now) {
        return run<{ value: string }>('listDeadLetters', { now }).map(({ value }): DeadLetter => JSON.parse(value))
      },
      async drop(id) {
        run('dropDeadLetters', { id })
      },
    },
    close: () => database.close(),
  }
}
