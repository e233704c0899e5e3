import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createApp } from '../../app/app.ts'
import type { Environment } from '../../app/config/environment.ts'
import { setUpChats } from '../../emulator/chats.ts'
import { type Emulator, startEmulator } from '../../emulator/server.ts'
import { virtualClock } from '../../emulator/virtual-clock.ts'
import { configure } from '../configuration.ts'
import { emulatedChats, emulatorEnvironment } from '../emulation.ts'
import type { RecordedBatch } from '../recording.ts'
import { drive } from './drive.ts'
import { type ReplaySummary, summarise } from './summary.ts'
import { startTally } from './tally.ts'

export interface Rehearsal {
  chats: Emulator['chats']
  summary: ReplaySummary
  warnings: string[]
}

interface Options {
  /** Like STATE. Undefined: a temporary file. */
  state?: string | undefined
  /** Variables of the program, for example CONFIG_FILE. Those of the bot and TELEGRAM_CHAT_ID are ignored. */
  environment?: Environment
  /** How much virtual time may pass to deliver pending incidents. */
  mostMinutes: number
}

/** Sends a recording through the whole program to a Telegram emulator, in virtual time that follows the recording. */
export async function rehearse(
  batches: readonly RecordedBatch[],
  { state, environment = {}, mostMinutes }: Options,
): Promise<Rehearsal> {
  const clock = virtualClock(batches.find(({ at }) => at !== undefined)?.at)
  const startedAt = clock.now()
  const folder = state === undefined ? mkdtempSync(join(tmpdir(), 'kube-eventer-telegram-')) : undefined
  const emulator = await startEmulator({ clock: clock.server })
  const tally = startTally()
  try {
    const STATE = state ?? `sqlite:${join(folder ?? '', 'state.db')}`
    const config = await configure({ ...environment, ...emulatorEnvironment(emulator), STATE })
    for (const [id, chat] of setUpChats(emulatedChats(config.ruleset))) emulator.chats.set(id, chat)
    const app = createApp(config, { clock, write: tally.write })
    try {
      const driven = await drive({ app, clock, batches, followsRecording: true, sweepEverySeconds: 60, mostMinutes })
      const counts = tally.counts()
      const summary = {
        ...summarise(batches, { startedAt, now: clock.now(), counts, driven }),
        ...countRequests(emulator),
      }
      return { chats: emulator.chats, summary, warnings: counts.warnings }
    } finally {
      await app.close()
    }
  } finally {
    await emulator.close()
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true })
  }
}

/** Counts the requests that the emulator received. */
function countRequests({ journal, messages }: Emulator) {
  const refusals = Map.groupBy(
    journal.filter(({ status }) => status !== 200),
    ({ status, description = String(status) }) => description.replace(/retry after \d+/, 'retry after …'),
  )
  const refused = Object.fromEntries([...refusals].map(([description, { length }]) => [description, length]))
  const edits = journal.filter(({ method, accepted }) => accepted && method.startsWith('edit')).length
  return { messages: messages().length, requests: journal.length, edits, refused }
}
