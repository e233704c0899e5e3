import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { it } from 'vitest'
import {
  expectAllServed,
  fairnessScenarios,
  pendingInSixtyChats,
  sixtyChats,
  sweepTwice,
  withPending,
} from '../support/fairness.ts'

const newState = async () => {
  const folder = mkdtempSync(join(tmpdir(), 'fairness-'))
  return {
    environment: { STATE: `sqlite:${join(folder, 'state.db')}` },
    remove: async () => rmSync(folder, { recursive: true }),
  }
}

fairnessScenarios('sqlite', newState, { sweep: 10_050, batch: 150 })

it(
  'with 5,000 pending incidents in 60 chats, each chat shows its worst incident within two sweeps',
  () =>
    withPending(newState, sixtyChats, pendingInSixtyChats, async (app, textsIn) => {
      await sweepTwice(app)
      expectAllServed(textsIn)
    }),
  120_000,
)
