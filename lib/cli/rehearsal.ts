import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createApp } from '../app/app.ts'
import type { Environment } from '../app/config/environment.ts'
import type { Ruleset } from '../core/routing/compiled.ts'
import type { Target } from '../core/routing/target.ts'
import { type ChatSetup, defaultChat, setUpChats } from '../emulator/chats.ts'
import { type Emulator, startEmulator } from '../emulator/server.ts'
import { virtualClock } from '../emulator/virtual-clock.ts'
import { configure } from './configuration.ts'
import { drive } from './drive.ts'
import type { Batch } from './recording.ts'
import type { Summary } from './summary.ts'
import { startTally } from './tally.ts'

export interface Rehearsal {
  chats: Emulator['chats']
  summary: Summary
  notices: string[]
}

interface Options {
  /** As STATE; undefined: a file that is gone afterwards. */
  state?: string | undefined
  /** CLUSTER_NAME, CONFIG_FILE, TZ, … are taken from it; what leads to Telegram is not, nor is TELEGRAM_CHAT_ID. */
  environment?: Environment
  /** How long it may go on in virtual time for what is pending. */
  mostMinutes: number
}

/** The whole program on a recording, against a emulator with Telegram's limits, in virtual time that follows the recording. */
export async function rehearse(
  batches: readonly Batch[],
  { state, environment = {}, mostMinutes }: Options,
): Promise<Rehearsal> {
  const times = batches.flatMap(({ at }) => at ?? [])
  const clock = virtualClock(times[0])
  const startedAt = clock.now()
  const folder = state === undefined ? mkdtempSync(join(tmpdir(), 'kube-eventer-telegram-')) : undefined
  const emulator = await startEmulator({ clock: clock.server })
  const tally = startTally()
  try {
    const STATE = state ?? `sqlite:${join(folder ?? '', 'state.db')}`
    const config = await configure({ ...environment, ...leadTo(emulator), STATE })
    for (const [id, chat] of setUpChats(chatsOf(config.ruleset))) emulator.chats.set(id, chat)
    const app = createApp(config, { clock, write: tally.write })
    try {
      const driven = await drive({ app, clock, batches, followsRecording: true, sweepEverySeconds: 60, mostMinutes })
      const { notices, ...counts } = tally.counts()
      const recorded = (times.at(-1) ?? startedAt) - startedAt
      const summary = {
        records: batches.reduce((sum, { size }) => sum + size, 0),
        batches: batches.length,
        recordedMinutes: Math.round(recorded / 60_000),
        minutes: Math.round((clock.now() - startedAt) / 60_000),
        ...counts,
        ...driven,
        ...countRequests(emulator),
      }
      return { chats: emulator.chats, summary, notices }
    } finally {
      await app.close()
    }
  } finally {
    await emulator.close()
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true })
  }
}

/** What leads to the emulator. */
function leadTo({ apiRoot, token, chats }: Emulator) {
  return {
    TELEGRAM_API_ROOT: apiRoot,
    TELEGRAM_BOT_TOKEN: token,
    TELEGRAM_BOT_TOKEN_PARAMETER: '',
    TELEGRAM_BOT_TOKEN_SECRET: '',
    TELEGRAM_CHAT_ID: String([...chats.keys()][0]),
  }
}

/** A chat for each target, named as the rules name it, with the threads that lead there. */
function chatsOf({ target, targets, routes, ...others }: Ruleset): ChatSetup[] {
  const told = [others.fallback, others.suppressed?.target, others.watchdog?.target]
  const all = [target, ...targets.values(), ...routes.flatMap((route) => route.targets), ...told]
  const byChat = Map.groupBy(
    all.filter((one) => one !== undefined),
    ({ chat }) => chat.toLowerCase(),
  )
  return [...byChat.values()].map((group, index) => chatOf(group as [Target, ...Target[]], index))
}

function chatOf(group: [Target, ...Target[]], index: number): ChatSetup {
  const [{ chat }] = group
  const threads = group.flatMap(({ name, threadId }) =>
    threadId === undefined ? [] : [[threadId, titleOf(name)] as const],
  )
  const named = group.find(({ name, threadId }) => threadId === undefined && name !== chat)
  const isDefault = chat === String(defaultChat.id)
  const setup = isDefault ? structuredClone(defaultChat) : newChat(chat, index, threads.length > 0)
  if (named) setup.title = named.name
  for (const [thread, title] of threads)
    setup.threads = { ...setup.threads, [thread]: { title, state: 'open' as const } }
  return setup
}

function newChat(chat: string, index: number, isForum: boolean): ChatSetup {
  if (chat.startsWith('@'))
    return { id: firstOfNames - index, type: isForum ? 'supergroup' : 'channel', title: chat, username: chat }
  const type = isForum || chat.startsWith('-100') ? 'supergroup' : chat.startsWith('-') ? 'group' : 'private'
  return { id: Number(chat), type, title: chat }
}

// Telegram gives channels a name and a number; nobody configured this one.
const firstOfNames = -1_009_900_000_000

/** A target that is written as chat and thread has no name of its own. */
function titleOf(name: string): string {
  return name.replace(/^(?:-?\d+|@\w+):(\d+)$/, 'Thread $1')
}

/** The emulator saw them, so its journal counts them. */
function countRequests({ journal, messages }: Emulator) {
  const refused: Record<string, number> = {}
  for (const { status, description } of journal) {
    if (status === 200) continue
    const said = (description ?? String(status)).replace(/retry after \d+/, 'retry after …')
    refused[said] = (refused[said] ?? 0) + 1
  }
  const edits = journal.filter(({ method, accepted }) => accepted && method.startsWith('edit')).length
  return { messages: messages().length, requests: journal.length, edits, refused }
}
