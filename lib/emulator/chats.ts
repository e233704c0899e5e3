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
  /** Why Telegram refuses messages to the chat. */
  state?: keyof typeof refusals
  /** The id of the supergroup, if the group was upgraded. */
  migratedTo?: number
  /** The bot's role; by default administrator of a channel, otherwise member. */
  bot?: 'administrator' | 'member' | 'restricted'
  /** How long each member has to wait after a message. */
  slowModeSeconds?: number
}

export interface ChatMessage extends Content {
  id: number
  chatId: number
  threadId?: number
  /** The message that it replies to, which may be deleted. */
  replyToId?: number
  /** Milliseconds since the Unix epoch. */
  date: number
  editedAt?: number
  isSilent: boolean
  linkPreviewDisabled: boolean
  /** Its contents over time. The last one is shown now. */
  revisions: Revision[]
}

export interface Content {
  /** After parsing and cleaning. */
  text: string
  entities: Entity[]
  replyMarkup?: unknown
}

export interface Revision extends Content {
  /** Milliseconds since the Unix epoch. */
  at: number
}

export interface Chat {
  /** May be changed at run time, for example to close a thread or to kick the bot. */
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

/** Copies the setups, because they can change at run time. */
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

/** The chat, if the bot has the access, or Telegram's refusal. */
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
  // The bot does not know users who never wrote to it.
  const isUnknown = state === 'never started' && access !== 'write'
  const description = refusals[isUnknown ? 'not found' : state].replace('TYPE', type)
  return refused({ status: description.startsWith('Forbidden') ? 403 : 400, description })
}

/** Why the thread can't be used. Telegram's General thread has no id in requests; 1 is refused. */
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

/** Creates the supergroup at the first request to it. */
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
