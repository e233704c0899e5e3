import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach } from 'vitest'
import { sqliteStore } from '../../../lib/adapters/store/sqlite.ts'
import type { Store } from '../../../lib/pipeline/ports.ts'
import { testClock } from './builders.ts'

/** A new folder for each test, with the file of a store in it. */
export function sqliteFiles() {
  const clock = testClock()
  const opened: { close(): void }[] = []
  let folder = ''
  const file = () => join(folder, 'state.db')

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'sqlite-'))
  })
  afterEach(() => {
    for (const one of opened.splice(0)) one.close()
    rmSync(folder, { recursive: true })
  })

  return {
    clock,
    folder: () => folder,
    file,
    connect(name = file()): Store {
      const store = sqliteStore(name, { clock })
      opened.push(store)
      return store
    },
    /** Opens the file without a store. */
    openRaw(): DatabaseSync {
      const database = new DatabaseSync(file())
      opened.push(database)
      return database
    },
  }
}
