/** A chat, and a thread in it, that messages go to. */
export interface Target {
  /** As configured: its stable name in logs and receipts, also after the group was upgraded and has a new id. */
  name: string
  /** `-1001234567890`, or `@channel`: under which the state knows the chat. */
  chat: string
  /** Where messages go, if the configuration has another id or name for the chat than the state (same-chats.ts). */
  address?: string
  threadId: number | undefined
}

const form = /^(-?\d{1,20}|@[A-Za-z]\w{3,31})(?::(\d{1,15}))?$/

/** The target that `-1001234567890`, `-1001234567890:42` or `@channel` names; undefined for anything else. */
export function parseTarget(name: string): Target | undefined {
  const [, chat, thread] = form.exec(name) ?? []
  if (chat === undefined || Number(chat) === 0) return undefined
  // Telegram has no thread 1: General's messages go without a thread id (python-telegram-bot issue 4739).
  const threadId = thread === undefined || Number(thread) <= 1 ? undefined : Number(thread)
  return { name, chat, threadId }
}
