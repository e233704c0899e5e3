import { existsSync } from 'node:fs'
import { systemClock } from '../../clock.ts'
import type { StateSetting } from '../../config/state.ts'
import type { Store } from '../../incident/store.ts'
import { openStore } from '../../state/open.ts'

/** What a state has, for who only reads. */
export type KeptState = Pick<Store, 'readIncidents' | 'readChats' | 'close'>

/** A state that is there already, and in words if there is none. Nothing is made, brought up to date or written. */
export async function openKept(state: StateSetting): Promise<{ kept: KeptState; notes: string[] }> {
  if (state.kind === 'memory') return { kept: nothingKept, notes: [] }
  if (state.kind === 'dynamodb') return { kept: await openStore(state, { clock: systemClock }), notes: [] }
  if (!existsSync(state.file)) return { kept: nothingKept, notes: [`STATE: there is no file ${state.file} yet`] }
  // Only who has such a file pays for loading what reads it.
  const { openFile } = await import('./sqlite.ts')
  return { kept: openFile(state.file), notes: [] }
}

export const nothingKept: KeptState = {
  readIncidents: async () => new Map(),
  readChats: async () => new Map(),
  close: () => {},
}
