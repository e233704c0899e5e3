import type { ChatState } from '../budget/chat.ts'
import type { Clock } from '../clock.ts'
import {
  type Due,
  type QuarantinedRecord,
  StateUnavailable,
  type Store,
  type Versioned,
  type Written,
} from '../incident/store.ts'
import { type Item, standingText, timingColumns, toIncident, unsent } from './item.ts'
import { bodyText } from './size.ts'
import { attempt, openFile } from './sqlite-file.ts'

const item = `key, version, revision, body, merged, standing, claim, owed_since AS owedSince, due, expires_at AS expiresAt`
const isThere = '(expires_at IS NULL OR expires_at > :now)'

const statements = {
  read: `SELECT ${item} FROM incidents WHERE key IN (SELECT value FROM json_each(:keys)) AND ${isThere}`,
  create: `
    INSERT INTO incidents (key, version, revision, body, merged, standing, target, severity, owed_since, due, expires_at)
    VALUES (:key, 1, 1, :body, :merged, :standing, :target, :severity, :owedSince, :due, :expiresAt)
    ON CONFLICT (key) DO UPDATE SET
      version = 1, revision = 1, body = excluded.body, merged = excluded.merged, standing = excluded.standing,
      claim = NULL, claim_token = NULL, target = excluded.target, severity = excluded.severity,
      owed_since = excluded.owed_since, due = excluded.due, expires_at = excluded.expires_at
    WHERE NOT ${isThere}
    RETURNING ${item}`,
  saveBody: `
    UPDATE incidents SET
      version = version + 1, revision = revision + 1, body = :body, merged = :merged, target = :target,
      severity = :severity, owed_since = :owedSince, due = :due, expires_at = :expiresAt
    WHERE key = :key AND version = :version AND ${isThere}
    RETURNING ${item}`,
  claim: `
    UPDATE incidents SET revision = revision + 1, claim = :claim, claim_token = :token
    WHERE key = :key AND revision = :revision AND ${isThere}
    RETURNING ${item}`,
  settle: `
    UPDATE incidents SET
      version = version + 1, revision = revision + 1, standing = :standing, claim = NULL, claim_token = NULL,
      merged = iif(:isForgotten, NULL, merged), owed_since = :owedSince, due = :due, expires_at = :expiresAt
    WHERE key = :key AND claim_token = :token AND version = :version AND ${isThere}
    RETURNING ${item}`,
  readDue: `
    SELECT key, target, severity, due FROM incidents
    WHERE due IS NOT NULL AND due <= :until AND ${isThere} ORDER BY due LIMIT :most`,
  countOwed: `
    SELECT count(*) AS count, min(owed_since) AS since FROM incidents WHERE owed_since IS NOT NULL AND ${isThere}`,
  readChat: 'SELECT version, value FROM chats WHERE name = :name',
  createChat: `
    INSERT INTO chats (name, version, value) VALUES (:name, 1, :value) ON CONFLICT DO NOTHING RETURNING version`,
  saveChat: `
    UPDATE chats SET version = version + 1, value = :value WHERE name = :name AND version = :version
    RETURNING version`,
  quarantine: `
    INSERT INTO quarantine (id, value, at, expires_at) VALUES (:id, :value, :at, :expiresAt)
    ON CONFLICT (id) DO UPDATE SET value = excluded.value, at = excluded.at, expires_at = excluded.expires_at
    WHERE NOT ${isThere}`,
  listQuarantine: `SELECT value FROM quarantine WHERE ${isThere} ORDER BY at DESC, id`,
  dropQuarantine: 'DELETE FROM quarantine WHERE id = :id',
  findExpired: `
    SELECT 1 FROM incidents WHERE expires_at <= :now UNION ALL SELECT 1 FROM quarantine WHERE expires_at <= :now LIMIT 1`,
  deleteIncidents: `
    DELETE FROM incidents WHERE rowid IN (SELECT rowid FROM incidents WHERE expires_at <= :now LIMIT :most)`,
  deleteQuarantine: `
    DELETE FROM quarantine WHERE rowid IN (SELECT rowid FROM quarantine WHERE expires_at <= :now LIMIT :most)`,
}

const mostDeleted = 1_000

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

  function findChat(name: string): Versioned<ChatState> | undefined {
    const [chat] = run<{ version: number; value: string }>('readChat', { name })
    return chat && { version: chat.version, value: JSON.parse(chat.value) }
  }

  // Space is not what the caller asked for: what can't be deleted now is deleted later.
  function deleteExpired() {
    const now = clock.now()
    try {
      if (run('findExpired', { now }).length === 0) return
      run('deleteIncidents', { now, most: mostDeleted })
      run('deleteQuarantine', { now, most: mostDeleted })
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
      const values = { ...bodyText(body), target, severity: body.merged.severity, ...timingColumns(timing) }
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
        ...timingColumns(standing),
      })
    },
    async readDue(until, most) {
      deleteExpired()
      return run<Due>('readDue', { until, most, now: clock.now() }).map((due) => ({ ...due }))
    },
    async countOwed() {
      const [owed] = run<{ count: number; since: number | null }>('countOwed', { now: clock.now() })
      return { count: owed?.count ?? 0, since: owed?.since ?? undefined }
    },
    readChat: async (name) => findChat(name),
    async saveChat(name, chat, version) {
      const value = JSON.stringify(chat)
      const [saved] =
        version === 0
          ? run<{ version: number }>('createChat', { name, value })
          : run<{ version: number }>('saveChat', { name, value, version })
      return saved ? { version: saved.version } : { current: findChat(name) }
    },
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
