import type { Entity } from './entity.ts'
import { type Access, isReadable } from './objects.ts'

export interface ChatSetup {
  id: number
  type: 'private' | 'group' | 'supergroup' | 'channel'
  title: string
  /** With the at sign: `@ops`. */
  username?: string
  /** Forum threads; a chat without this is not a forum. */
  threads?: Record<number, { title: string; state: 'open' | 'closed' | 'deleted' }>
  /** Why Telegram refuses whatever is sent there. */
  state?: keyof typeof refusals
  /** A group that was upgraded: the id of the supergroup. */
  migratedTo?: number
  /** What the bot is there; default: administrator in a channel, else member. */
  bot?: 'administrator' | 'member' | 'restricted'
  /** So long each member has to wait after a message. */
  slowModeSeconds?: number
}

export interface ChatMessage extends Content {
  id: number
  chatId: number
  threadId?: number
  /** The message that it answers, which may be gone since. */
  replyToId?: number
  /** Milliseconds since the Unix epoch. */
  date: number
  editedAt?: number
  isSilent: boolean
  linkPreviewDisabled: boolean
  /** All that was to be read in it, first as sent; the last is what it shows now. */
  revisions: Revision[]
}

export interface Content {
  /** As shown: parsed and cleaned. */
  text: string
  entities: Entity[]
  replyMarkup?: unknown
}

export interface Revision extends Content {
  /** Milliseconds since the Unix epoch. */
  at: number
}

export interface Chat {
  /** Read at every request: change it at run time to close a thread or to kick the bot. */
  setup: ChatSetup
  messages: ChatMessage[]
  nextMessageId: number
}

export type FoundChat = { kind: 'found'; chat: Chat } | { kind: 'refused'; answer: Refusal }

export interface Refusal {
  status: number
  description: string
  parameters?: { migrate_to_chat_id: number }
}

export const defaultChat: ChatSetup = {
  id: -1001234567890,
  type: 'supergroup',
  title: 'Cluster alerts',
  threads: { 42: { title: 'Warnings', state: 'open' } },
}

/** Copies the setups, so that what changes at run time stays in one emulator. */
export function setUpChats(setups: readonly ChatSetup[]): Map<number, Chat> {
  return new Map(setups.map((setup) => [setup.id, newChat(structuredClone(setup))]))
}

/** `chat_id` as a number, a numeric string or `@username`. */
export function chatIdOf(chats: ReadonlyMap<number, Chat>, given: unknown): number | undefined {
  const text = typeof given === 'number' || typeof given === 'string' ? `${given}`.trim() : ''
  if (/^-?\d+$/.test(text)) return Number(text)
  if (!text.startsWith('@')) return undefined
  return chats.values().find(({ setup }) => setup.username?.toLowerCase() === text.toLowerCase())?.setup.id
}

/** The chat in which the bot may do so, or Telegram's refusal of it. */
export function findChat(chats: Map<number, Chat>, given: unknown, access: Access = 'write'): FoundChat {
  if (given === undefined || given === '') return refused({ status: 400, description: 'Bad Request: chat_id is empty' })
  const id = chatIdOf(chats, given)
  const chat = id === undefined ? undefined : (chats.get(id) ?? upgradedChat(chats, id))
  if (!chat) return refused({ status: 400, description: refusals['not found'] })
  const { state, migratedTo, type } = chat.setup
  if (isReadable(chat.setup, access)) return { kind: 'found', chat }
  if (migratedTo !== undefined) {
    const description = 'Bad Request: group chat was upgraded to a supergroup chat'
    return refused({ status: 400, description, parameters: { migrate_to_chat_id: migratedTo } })
  }
  if (!state) return { kind: 'found', chat }
  // Who never wrote to the bot is nobody it knows.
  const isUnknown = state === 'never started' && access !== 'write'
  const description = refusals[isUnknown ? 'not found' : state].replace('TYPE', type)
  return refused({ status: description.startsWith('Forbidden') ? 403 : 400, description })
}

/** Why nothing can be said in this thread; Telegram's General thread is addressed by leaving the id out, never by 1. */
export function threadProblem({ setup }: Chat, threadId: number | undefined): string | undefined {
  if (!threadId) return undefined
  const thread = threadId === 1 ? undefined : setup.threads?.[threadId]
  return !thread || thread.state === 'deleted' ? 'message thread not found' : undefined
}

const refusals = {
  kicked: 'Forbidden: bot was kicked from the TYPE chat',
  'not a member': 'Forbidden: bot is not a member of the TYPE chat',
  deleted: 'Forbidden: the group chat was deleted',
  blocked: 'Forbidden: bot was blocked by the user',
  deactivated: 'Forbidden: user is deactivated',
  'never started': "Forbidden: bot can't initiate conversation with a user",
  'not found': 'Bad Request: chat not found',
  'no rights': 'Bad Request: not enough rights to send text messages to the chat',
  'not admin': 'Bad Request: need administrator rights in the channel chat',
  'no write access': 'Bad Request: have no write access to the chat',
} as const

function newChat(setup: ChatSetup): Chat {
  return { setup, messages: [], nextMessageId: 1 }
}

/** The supergroup comes into being when it is first written to. */
function upgradedChat(chats: Map<number, Chat>, id: number): Chat | undefined {
  const group = chats.values().find(({ setup }) => setup.migratedTo === id)
  if (!group) return undefined
  const { migratedTo: _, state: __, ...setup } = group.setup
  const chat = newChat({ ...structuredClone(setup), id, type: 'supergroup' })
  chats.set(id, chat)
  return chat
}

function refused(answer: Refusal): FoundChat {
  return { kind: 'refused', answer }
}
