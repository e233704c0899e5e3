import { existsSync } from 'node:fs'
import { systemClock } from '../../adapters/clock.ts'
import type { StateSetting } from '../../app/config/state.ts'
import { openStore } from '../../app/open-store.ts'
import type { ChatState } from '../../core/rate-limit/chat.ts'
import type { Documents, Store } from '../../pipeline/ports.ts'

/** What a state has, for who only reads. */
export interface KeptState extends Pick<Store, 'close'> {
  chats: Pick<Documents<ChatState>, 'read'>
  /** Those that were kept at `now`, whatever day it is today: what explains a recording looks at it as of then. */
  readIncidents(keys: string[], now: number): ReturnType<Store['readIncidents']>
}

/** A state that is there already, and in words if there is none. Nothing is made, brought up to date or written. */
export async function openKept(state: StateSetting): Promise<{ kept: KeptState; notes: string[] }> {
  if (state.kind === 'memory') return { kept: nothingKept, notes: [] }
  if (state.kind === 'dynamodb') return { kept: await openTable(state), notes: [] }
  if (!existsSync(state.file)) return { kept: nothingKept, notes: [`STATE: there is no file ${state.file} yet`] }
  // Only who has such a file pays for loading what reads it.
  const { openSqliteReadOnly } = await import('./sqlite.ts')
  return { kept: openSqliteReadOnly(state.file), notes: [] }
}

async function openTable(state: StateSetting): Promise<KeptState> {
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

export const nothingKept: KeptState = {
  readIncidents: async () => new Map(),
  chats: { read: async () => new Map() },
  close: () => {},
}
