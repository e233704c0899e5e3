import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Store } from '../../lib/pipeline/ports.ts'
import { startApp } from '../support/app.ts'
import { readRecording } from '../support/recordings.ts'

/** The reads, writes and requests of a batch of 100 recorded records, in virtual time. */
export async function measureState() {
  const folder = mkdtempSync(join(tmpdir(), 'bench-'))
  const calls: Record<string, number> = {}
  const counted = (store: Store): Store => ({
    ...store,
    readIncidents: (keys) => {
      count('items read', new Set(keys).size)
      return store.readIncidents(keys)
    },
    saveBody: (...words) => store.saveBody(...count('merges', 1, words)),
    takeLease: (...words) => store.takeLease(...count('leases', 1, words)),
    recordDelivery: (...words) => store.recordDelivery(...count('results', 1, words)),
    chats: { ...store.chats, save: (...words) => store.chats.save(...count('slots', 1, words)) },
  })
  function count<Words>(name: string, number: number, words?: Words): Words {
    calls[name] = (calls[name] ?? 0) + number
    return words as Words
  }
  const app = await startApp({
    environment: { STATE: `sqlite:${join(folder, 'state.db')}` },
    isPaced: true,
    decorate: counted,
  })
  try {
    await app.notify(readRecording('cluster-mixed').slice(0, 100))
    return { calls, requests: app.emulator.journal.length }
  } finally {
    await app.close()
    rmSync(folder, { recursive: true })
  }
}
