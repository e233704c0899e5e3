import type { StateSetting } from '../../app/config/state.ts'
import type { Store } from '../../pipeline/ports.ts'
import type { Clock } from '../clock.ts'
import { memoryStore } from './memory.ts'

/** The state of this setting; only who configured it pays for loading it. */
export async function openStore(state: StateSetting, { clock }: { clock: Clock }): Promise<Store> {
  switch (state.kind) {
    case 'memory':
      return memoryStore({ clock })
    case 'sqlite': {
      const { sqliteStore } = await import('./sqlite.ts')
      return sqliteStore(state.file, { clock })
    }
    case 'dynamodb': {
      const { dynamodbStore } = await import('./dynamodb.ts')
      return dynamodbStore({ table: state.table, access: state.access, clock })
    }
  }
}
