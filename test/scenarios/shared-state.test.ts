import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sharedStateScenarios } from '../support/scenarios.ts'

sharedStateScenarios('sqlite', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'state-'))
  return {
    environment: { STATE: `sqlite:${join(folder, 'state.db')}` },
    remove: async () => rmSync(folder, { recursive: true }),
  }
})
