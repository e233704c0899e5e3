import { isObject } from '../../core/json.ts'
import { openApi, type Reach, type ValueAnswer } from './client.ts'

/** Who the token belongs to. */
export interface Bot {
  id: number
  /** Without the at sign. */
  username: string
  name: string
}

export interface ChatFacts {
  id: string
  type: 'private' | 'group' | 'supergroup' | 'channel'
  title: string
  isForum: boolean
  /** What those may who are no administrators. */
  mayMembersWrite: boolean
  /** So long each of them waits after a message; 0: not at all. */
  slowModeSeconds: number
}

/** What the bot is in a chat. */
export interface ChatMembership {
  status: 'creator' | 'administrator' | 'member' | 'restricted' | 'left' | 'kicked'
  isMember: boolean
  /** Of its own rights; what a group lets its members do comes on top. */
  mayWrite: boolean
}

/** What the Bot API says about a bot and its chats. Sends nothing, and leaves no trace in a chat. */
export interface Inspector {
  bot(): Promise<ValueAnswer<Bot>>
  chat(chat: string): Promise<ValueAnswer<ChatFacts>>
  /** What the bot of this id is in the chat. */
  membership(chat: string, botId: number): Promise<ValueAnswer<ChatMembership>>
  close(): void
}

// Telegram holds a request back for as long as eight seconds before it says 429 (tdlib/td NetQueryDelayer.cpp).
const defaultTimeoutMilliseconds = 15_000

export function createInspector({
  timeoutMilliseconds = defaultTimeoutMilliseconds,
  ...reach
}: Reach & { timeoutMilliseconds?: number }): Inspector {
  const { call, close } = openApi(reach)

  async function ask<Value>(
    request: Parameters<typeof call<unknown>>[0],
    read: (value: Record<string, unknown>) => Value | undefined,
  ): Promise<ValueAnswer<Value>> {
    const result = await call(request, timeoutMilliseconds)
    if (result.kind !== 'ok') return result
    const value = isObject(result.value) ? read(result.value) : undefined
    return value === undefined ? notBotApi : { kind: 'ok', value }
  }

  return {
    bot: () => ask((raw, signal) => raw.getMe(signal), readBot),
    chat: (chat) => ask((raw, signal) => raw.getChat({ chat_id: chat }, signal), readChat),
    membership: (chat, botId) =>
      ask((raw, signal) => raw.getChatMember({ chat_id: chat, user_id: botId }, signal), readMembership),
    close,
  }
}

const notBotApi = { kind: 'failed', isWritten: true, reason: 'JSON, but not a Bot API answer' } as const

function readBot({ id, username, first_name }: Record<string, unknown>): Bot | undefined {
  if (typeof id !== 'number') return undefined
  return { id, username: String(username ?? ''), name: String(first_name ?? '') }
}

function readChat(chat: Record<string, unknown>): ChatFacts | undefined {
  const type = chatTypes.find((one) => one === chat.type)
  if (type === undefined) return undefined
  const { id, title, first_name, is_forum, permissions, slow_mode_delay } = chat
  return {
    id: String(id),
    type,
    title: String(title ?? first_name ?? ''),
    isForum: is_forum === true,
    mayMembersWrite: !isObject(permissions) || permissions.can_send_messages !== false,
    slowModeSeconds: typeof slow_mode_delay === 'number' ? slow_mode_delay : 0,
  }
}

const chatTypes = ['private', 'group', 'supergroup', 'channel'] as const

function readMembership(member: Record<string, unknown>): ChatMembership | undefined {
  const status = statuses.find((one) => one === member.status)
  if (status === undefined) return undefined
  const isOut = status === 'left' || status === 'kicked' || (status === 'restricted' && member.is_member === false)
  // The first is told of administrators of channels only, the second of restricted members only (Client.cpp, JsonChatMember).
  const mayWrite = member.can_post_messages !== false && member.can_send_messages !== false
  return { status, isMember: !isOut, mayWrite }
}

const statuses = ['creator', 'administrator', 'member', 'restricted', 'left', 'kicked'] as const
