import type { Ruleset } from '../core/routing/ruleset.ts'
import type { Target } from '../core/routing/target.ts'
import { type ChatSetup, defaultChat } from '../emulator/chats.ts'
import type { Emulator } from '../emulator/server.ts'

/** The variables that make the program send to the emulator. */
export function emulatorVariables({ apiRoot, token, chats }: Emulator) {
  return {
    TELEGRAM_API_ROOT: apiRoot,
    TELEGRAM_BOT_TOKEN: token,
    TELEGRAM_CHAT_ID: String([...chats.keys()][0]),
  }
}

/** The same for a program in this process, whose environment may name other sources of the token. */
export function emulatorEnvironment(emulator: Emulator) {
  return { ...emulatorVariables(emulator), TELEGRAM_BOT_TOKEN_PARAMETER: '', TELEGRAM_BOT_TOKEN_SECRET: '' }
}

/** One chat per target of the rules, with their names and threads. */
export function emulatedChats({ target, targets, routes, ...others }: Ruleset): ChatSetup[] {
  const notified = [others.fallback, others.suppressed?.target, others.watchdog?.target]
  const all = [target, ...targets.values(), ...routes.flatMap((route) => route.targets), ...notified]
  const byChat = Map.groupBy(
    all.filter((one) => one !== undefined),
    ({ chat }) => chat.toLowerCase(),
  )
  return [...byChat.values()].map((group, index) => chatOf(group as [Target, ...Target[]], index))
}

function chatOf(group: [Target, ...Target[]], index: number): ChatSetup {
  const [{ chat }] = group
  const threads = group.flatMap(({ name, threadId }) =>
    threadId === undefined ? [] : [[threadId, threadTitle(name)] as const],
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
    return { id: firstIdOfUsernames - index, type: isForum ? 'supergroup' : 'channel', title: chat, username: chat }
  const type = isForum || chat.startsWith('-100') ? 'supergroup' : chat.startsWith('-') ? 'group' : 'private'
  return { id: Number(chat), type, title: chat }
}

// A chat that is configured by its username has a number too, which nobody configures.
const firstIdOfUsernames = -1_009_900_000_000

/** `-1001234567890:42` is not a name, so the thread is called "Thread 42". */
function threadTitle(name: string): string {
  return name.replace(/^(?:-?\d+|@\w+):(\d+)$/, 'Thread $1')
}
