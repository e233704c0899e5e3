import { memoryStore } from '../adapters/store/memory.ts'
import type { Clock, Store } from '../pipeline/ports.ts'
import type { StateSetting } from './config/state.ts'

/** Opens the store of a setting. SQLite and DynamoDB are loaded only when they are used. */
export async function openStore(state: StateSetting, { clock }: { clock: Clock }): Promise<Store> {
  switch (state.kind) {
    case 'memory':
      return memoryStore({ clock })
    case 'sqlite': {
      const { sqliteStore } = await import('../adapters/store/sqlite.ts')
      return sqliteStore(state.file, { clock })
    }
    case 'dynamodb': {
      const { dynamodbStore } = await import('../adapters/store/dynamodb.ts')
      return dynamodbStore({ table: state.table, access: state.access, clock })
    }
  }
}
