import { existsSync } from 'node:fs'
import { systemClock } from '../../adapters/clock.ts'
import type { StateSetting } from '../../app/config/state.ts'
import { openStore } from '../../app/open-store.ts'
import type { ChatState } from '../../core/rate-limit/chat.ts'
import type { Documents, Store } from '../../pipeline/ports.ts'

/** A store that is only read. */
export interface ReadOnlyStore extends Pick<Store, 'close'> {
  chats: Pick<Documents<ChatState>, 'read'>
  /** The incidents that had not expired at `now`, because a recording is explained as of its own time. */
  readIncidents(keys: string[], now: number): ReturnType<Store['readIncidents']>
}

/** Opens an existing store. Creates and changes nothing; the notes tell if there is none. */
export async function openReadOnly(state: StateSetting): Promise<{ stored: ReadOnlyStore; notes: string[] }> {
  if (state.kind === 'memory') return { stored: emptyStore, notes: [] }
  if (state.kind === 'dynamodb') return { stored: await openTable(state), notes: [] }
  if (!existsSync(state.file))
    return { stored: emptyStore, notes: [`STATE: the file ${state.file} does not exist yet; assuming an empty store`] }
  // Loads node:sqlite only if it is needed.
  const { openSqliteReadOnly } = await import('./sqlite.ts')
  return { stored: openSqliteReadOnly(state.file), notes: [] }
}

async function openTable(state: StateSetting): Promise<ReadOnlyStore> {
  let asOf = 0
  const store = await openStore(state, { clock: { ...systemClock, now: () => asOf } })
  return {
    ...store,
    readIncidents(keys, now) {
      asOf = now
      return store.readIncidents(keys)
    },
  }
}

export const emptyStore: ReadOnlyStore = {
  readIncidents: async () => new Map(),
  chats: { read: async () => new Map() },
  close: () => {},
}
