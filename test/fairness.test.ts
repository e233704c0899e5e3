import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fairnessScenarios } from './support/fairness.ts'

fairnessScenarios('sqlite', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'fairness-'))
  return {
    environment: { STATE: `sqlite:${join(folder, 'state.db')}` },
    remove: async () => rmSync(folder, { recursive: true }),
  }
})
