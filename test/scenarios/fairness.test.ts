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
  'of 5,000 pending in 60 chats each shows its worst within two sweeps',
  () =>
    withPending(newState, sixtyChats, pendingInSixtyChats, async (app, textsIn) => {
      await sweepTwice(app)
      expectAllServed(textsIn)
    }),
  120_000,
)
