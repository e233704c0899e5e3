import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { NewState } from './scenarios.ts'

/** A new SQLite file, which stands for the table of a deployment: both are durable and shared by all processes. */
export const newSqlite: NewState = async () => {
  const folder = mkdtempSync(join(tmpdir(), 'state-'))
  return {
    environment: { STATE: `sqlite:${join(folder, 'state.db')}` },
    remove: async () => rmSync(folder, { recursive: true }),
  }
}

export const newMemory: NewState = async () => ({ environment: { STATE: 'memory' }, remove: async () => {} })
