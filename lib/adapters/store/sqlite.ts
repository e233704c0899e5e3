import { storedMilliseconds } from '../../core/incident/incident.ts'
import { urgencies } from '../../core/rate-limit/chat.ts'
import {
  type Clock,
  type DeadLetter,
  type DueIncident,
  type ListedDocuments,
  StateUnavailable,
  type Store,
  type Versioned,
  type Written,
} from '../../pipeline/ports.ts'
import { attempt, openFile } from './sqlite-file.ts'
import { statements } from './sqlite-statements.ts'
import {
  bodyColumns,
  type DocumentKind,
  deliveryText,
  type StoredIncident,
  timingColumns,
  toIncident,
  unsent,
} from './stored-items.ts'

const mostDeleted = 1_000
const advanceEveryMilliseconds = 60_000
const advanceMilliseconds = 10 * 60_000

/**
 * State in a file that any number of processes of one machine may share. Each write is one conditional statement. Waiting for a lock blocks
 * the process, for at most a second.
 */
export function sqliteStore(file: string, { clock }: { clock: Clock }): Store {
  const database = openFile(file)
  const prepared = Object.fromEntries(Object.entries(statements).map(([name, sql]) => [name, database.prepare(sql)]))

  // `all` reads to the last row. Only then a write is committed or fails.
  function run<Row>(name: keyof typeof statements, values: Record<string, string | number | null>): Row[] {
    return attempt(() => prepared[name]?.all(values)) as Row[]
  }

  function find(keys: string[]): StoredIncident[] {
    return run<StoredIncident>('read', { keys: JSON.stringify(keys), now: clock.now() })
  }

  function write(name: 'create' | 'saveBody' | 'takeLease' | 'recordDelivery', key: string, values: object): Written {
    const [saved] = run<StoredIncident>(name, { key, now: clock.now(), ...values })
    if (saved) return { saved: toIncident(saved) }
    const [current] = find([key])
    return { current: current && toIncident(current) }
  }

  function documents<Value>(kind: DocumentKind): ListedDocuments<Value> {
    type Row = { name: string; version: number; value: string }
    const toMap = (rows: Row[]) =>
      new Map(
        rows.map(({ name, version, value }): [string, Versioned<Value>] => [
          name,
          { version, value: JSON.parse(value) },
        ]),
      )
    const find = (names: string[]) =>
      toMap(run<Row>('readDocuments', { kind, names: JSON.stringify(names), now: clock.now() }))
    return {
      read: async (names) => find(names),
      async save(name, value, version, expiresAt) {
        const row = { kind, name, value: JSON.stringify(value), expiresAt: expiresAt ?? null, now: clock.now() }
        const [saved] =
          version === 0
            ? run<{ version: number }>('createDocument', row)
            : run<{ version: number }>('saveDocument', { ...row, version })
        return saved ? { version: saved.version } : { current: find([name]).get(name) }
      },
      list: async () => toMap(run<Row>('listDocuments', { kind, now: clock.now() })),
    }
  }

  let fileClock = { advancedAt: Number.NEGATIVE_INFINITY, now: 0 }

  /**
   * The time by which rows are deleted. Each process advances it by at most ten minutes a minute, and sets it back if it is ahead.
   * Otherwise a process whose clock is days ahead would delete rows that all others need.
   */
  function readFileClock(now: number): number {
    if (Math.abs(now - fileClock.advancedAt) >= advanceEveryMilliseconds) {
      const [advanced] = run<{ now: number }>('advanceFileClock', {
        now,
        lifetime: storedMilliseconds,
        step: advanceMilliseconds,
      })
      fileClock = { advancedAt: now, now: advanced?.now ?? 0 }
    }
    return fileClock.now
  }

  // An outage is ignored here: the caller did not ask for it, and a later call deletes the rows.
  function deleteExpired() {
    const now = clock.now()
    try {
      if (run('findExpired', { now }).length === 0) return
      const expired = { now: readFileClock(now), most: mostDeleted }
      if (run('findExpired', { now: expired.now }).length === 0) return
      run('deleteIncidents', expired)
      run('deleteDocuments', expired)
      run('deleteDeadLetters', expired)
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
        ...bodyColumns(body),
        target,
        urgency: timing.urgency ?? body.merged.severity,
        ...timingColumns(timing),
      }
      return version === 0
        ? write('create', key, { ...values, delivery: deliveryText(unsent) })
        : write('saveBody', key, { ...values, version })
    },
    async takeLease(key, lease, revision) {
      return write('takeLease', key, { lease: JSON.stringify(lease), token: lease.token, revision })
    },
    async recordDelivery(key, token, delivery, version, isForgotten = false) {
      return write('recordDelivery', key, {
        token,
        version,
        delivery: deliveryText(delivery),
        isForgotten: Number(isForgotten),
        urgency: delivery.urgency ?? null,
        ...timingColumns(delivery),
      })
    },
    async listDueTargets() {
      deleteExpired()
      return run<{ target: string }>('listDueTargets', {}).map(({ target }) => target)
    },
    async readDue(target, { from, until }, most) {
      const found: DueIncident[] = []
      for (const urgency of urgencies) {
        const values = { target, urgency, from, until, most: most - found.length, now: clock.now() }
        if (values.most > 0) found.push(...run<DueIncident>('readDue', values).map((due) => ({ ...due })))
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
    chats: documents('chats'),
    counters: documents('counters'),
    lastSeen: documents('lastSeen'),
    readTopics: documents('readTopics'),
    goodRules: documents('goodRules'),
    deadLetters: {
      async put(record) {
        const { id, at, expiresAt } = record
        run('putDeadLetter', { id, at, expiresAt, value: JSON.stringify(record), now: clock.now() })
      },
      async list(now) {
        return run<{ value: string }>('listDeadLetters', { now }).map(({ value }): DeadLetter => JSON.parse(value))
      },
      async drop(id) {
        run('dropDeadLetter', { id })
      },
    },
    close: () => database.close(),
  }
}
