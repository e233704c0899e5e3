import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { NewState } from './scenarios.ts'

/** A state of the deployed program. */
export interface DeployedState {
  /** As in settings.yml. */
  name: 'memory' | 'dynamodb'
  newState: NewState
}

export const newSqlite: NewState = async () => {
  const folder = mkdtempSync(join(tmpdir(), 'state-'))
  return {
    environment: { STATE: `sqlite:${join(folder, 'state.db')}` },
    remove: async () => rmSync(folder, { recursive: true }),
  }
}

export const memory: DeployedState = {
  name: 'memory',
  newState: async () => ({ environment: { STATE: 'memory' }, remove: async () => {} }),
}

/** SQLite in place of the table: both are durable, and all processes share them. */
export const sqlite: DeployedState = { name: 'dynamodb', newState: newSqlite }
