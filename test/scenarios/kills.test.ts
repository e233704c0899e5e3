import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { killScenarios } from '../support/kills.ts'

killScenarios('sqlite', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'kills-'))
  return {
    environment: { STATE: `sqlite:${join(folder, 'state.db')}` },
    remove: async () => rmSync(folder, { recursive: true }),
  }
})
