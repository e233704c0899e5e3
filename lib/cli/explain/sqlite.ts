import { resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { attempt, checkLayout } from '../../adapters/store/sqlite-file.ts'
import { statements } from '../../adapters/store/sqlite-statements.ts'
import { type StoredIncident, toIncident } from '../../adapters/store/stored-items.ts'
import { UserError } from '../command.ts'
import type { ReadOnlyStore } from './state.ts'

/** Opens the file read-only. The store itself would upgrade its layout. */
export function openSqliteReadOnly(file: string): ReadOnlyStore {
  try {
    const database = new DatabaseSync(resolve(file), { readOnly: true, timeout: 1_000 })
    checkLayout(database)
    const [incidents, documents] = [database.prepare(statements.read), database.prepare(statements.readDocuments)]
    return {
      async readIncidents(keys, now) {
        const values = { keys: JSON.stringify(keys), now }
        const items = attempt(() => incidents.all(values)) as unknown[] as StoredIncident[]
        return new Map(items.map((item) => [item.key, toIncident(item)]))
      },
      chats: {
        async read(names) {
          // Chats do not expire.
          const values = { kind: 'chats', names: JSON.stringify(names), now: 0 }
          const rows = attempt(() => documents.all(values))
          return new Map(
            rows.map(({ name, version, value }) => [
              String(name),
              { version: Number(version), value: JSON.parse(String(value)) },
            ]),
          )
        },
      },
      close: () => database.close(),
    }
  } catch (error) {
    throw new UserError(`STATE: cannot read ${file}: ${(error as Error).message}`)
  }
}
