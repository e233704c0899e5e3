import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { memoryStore } from '../../../lib/adapters/store/memory.ts'
import { openStore } from '../../../lib/app/open-store.ts'
import { storeContract } from './contract.ts'

storeContract('state in memory', () => {
  let store: ReturnType<typeof memoryStore> | undefined
  return {
    async connect(clock) {
      store ??= memoryStore({ clock })
      return store
    },
    close() {},
  }
})

storeContract('state in SQLite', () => {
  const folder = mkdtempSync(join(tmpdir(), 'state-'))
  const file = join(folder, 'state.db')
  return {
    connect: (clock) => openStore({ kind: 'sqlite', file }, { clock }),
    close: () => rmSync(folder, { recursive: true }),
  }
})
