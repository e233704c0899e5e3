import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { sqliteStore } from '../../lib/adapters/store/sqlite.ts'
import type { Clock, Store } from '../../lib/pipeline/ports.ts'
import { below } from './event-source.ts'
import type { Deleted } from './rights.ts'
import type { NewState } from './scenarios.ts'

/** Faults of a store that the program does not cause. */
export interface Disorder {
  /** Deletes a random item, as an operator or a time to live does. Undefined if there is none. */
  deleteOne(next: () => number): Promise<Deleted | undefined>
  /** A store whose index is up to `lagMilliseconds` old. */
  lagging(store: Store, clock: Clock, lagMilliseconds: number): Store
}

export type DisorderlyState = () => Promise<Awaited<ReturnType<NewState>> & { disorder: Disorder }>

/** An SQLite store in a file of its own, with a second file as its lagging index. */
export const disorderlySqlite: DisorderlyState = async () => {
  const folder = mkdtempSync(join(tmpdir(), 'chaos-'))
  const file = join(folder, 'state.db')
  const indexFile = join(folder, 'index.db')
  let database: DatabaseSync | undefined
  let index: { store: Store; at: number } | undefined

  const open = () => {
    database ??= new DatabaseSync(file, { timeout: 1_000 })
    return database
  }

  function openIndex(clock: Clock): Store {
    const store = sqliteStore(indexFile, { clock })
    open().prepare('ATTACH ? AS late').run(indexFile)
    open().exec('PRAGMA late.synchronous = OFF')
    return store
  }

  function indexOf(clock: Clock, lagMilliseconds: number): Store {
    const now = clock.now()
    if (index && now - index.at <= lagMilliseconds) return index.store
    index = { store: index?.store ?? openIndex(clock), at: now }
    const tables = open().prepare("SELECT name FROM main.sqlite_schema WHERE type = 'table'").all()
    const copies = tables.map(
      ({ name }) => `DELETE FROM late."${name}"; INSERT INTO late."${name}" SELECT * FROM main."${name}";`,
    )
    open().exec(`BEGIN; ${copies.join(' ')} COMMIT`)
    return index.store
  }

  return {
    environment: { STATE: `sqlite:${file}` },
    async remove() {
      index?.store.close()
      database?.close()
      rmSync(folder, { recursive: true })
    },
    disorder: {
      async deleteOne(next) {
        const [from, column] =
          next() < 0.8 ? (['incidents', 'key'] as const) : (["documents WHERE kind = 'chats'", 'name'] as const)
        const rows = open().prepare(`SELECT ${column} AS name FROM main.${from} ORDER BY ${column}`).all()
        const name = rows[below(rows.length, next)]?.name
        if (typeof name !== 'string') return undefined
        const where = from === 'incidents' ? 'WHERE' : 'AND'
        open().prepare(`DELETE FROM main.${from} ${where} ${column} = ?`).run(name)
        return from === 'incidents' ? { incident: name } : { chat: name }
      },
      // Lists and counts come from the index, so the latest writes may be missing.
      lagging(store, clock, lagMilliseconds) {
        const late = () => indexOf(clock, lagMilliseconds)
        return {
          ...store,
          async listDueTargets() {
            // This also deletes expired items.
            await store.listDueTargets()
            return late().listDueTargets()
          },
          readDue: (...words) => late().readDue(...words),
          nextDue: (...words) => late().nextDue(...words),
          countPending: () => late().countPending(),
          counters: { ...store.counters, list: () => late().counters.list() },
          lastSeen: { ...store.lastSeen, list: () => late().lastSeen.list() },
        }
      },
    },
  }
}
