import { expect } from 'vitest'
import { readDocument } from '../../lib/pipeline/ports.ts'
import { chatId } from './app.ts'
import type { Death, Situation } from './kill-cases.ts'
import type { Stage } from './stage.ts'

// The processes share two cores with those of other tests.
export const timeout = 60_000
export const mark = '↻ possibly repeated\n'

export const shown = 'sent: shown'
export const updated = 'sent: updated'
export const repeated = 'sent: possibly repeated'
export const leased = 'pending: leased'
export const known = 'skipped: already shown'

/** Delivers batches in one process, a minute apart. */
export async function deliver(stage: Stage, batches: Situation['before']) {
  if (batches.length === 0) return
  const child = stage.start()
  for (const batch of batches) {
    expect(await child.notify(batch)).toEqual(batch.map(() => shown))
    stage.pass(60)
  }
}

/** Kills a process at this step of the delivery. */
export async function die(stage: Stage, at: Death['at'], batch: Situation['batch']) {
  const end =
    typeof at === 'object'
      ? stage.start({ ...at, signal: 'SIGKILL' }).notify(batch)
      : stage.killed(at === 'request, accepted', (child) => child.notify(batch))
  expect(await end).toBe('killed')
}

/** The texts of a chat without a kill: after the batch, and after the next record. */
export async function cleanRun(stage: Stage, { before, batch, next, delivered, total }: Situation) {
  await deliver(stage, before)
  const child = stage.start()
  expect(await child.notify(batch)).toEqual(batch.map(() => delivered))
  await stage.sweepUntilDelivered(child)
  const texts = stage.texts()
  for (const older of texts.slice(0, -1)) expect(older).toContain('↓ continues in a newer message')
  expect(texts.at(-1)).toContain(`×${total} in`)
  stage.pass(900)
  expect(await child.notify([next])).toEqual([updated])
  return { texts, grown: stage.texts() }
}

/** Expects that the slots of killed processes are free, and that nothing is pending. */
export async function expectAllFree({ store, clock, pass }: Stage) {
  pass(120)
  const chat = await readDocument(store.chats, String(chatId))
  expect(chat?.value.slots.filter(({ freeAt }) => freeAt > clock.now())).toEqual([])
  expect(await store.countPending()).toMatchObject({ count: 0 })
}
