import type { ChatMessage, ChatSetup } from '../chats.ts'

/** How page and terminal show names and times. */
export interface ChatFormat {
  botName: string
  formatTime: (milliseconds: number) => string
  formatDay: (milliseconds: number) => string
}

const time = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' })
const day = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'long' })

/** Times in the zone of the process: `14:03`, `24 November`. */
export const defaultFormat: ChatFormat = {
  botName: 'kube-eventer',
  formatTime: (milliseconds) => time.format(milliseconds),
  formatDay: (milliseconds) => day.format(milliseconds),
}

/** The kind of chat in the Bot API's words; `forum` for a supergroup with threads. */
export function chatKind({ type, threads }: ChatSetup): string {
  return threads ? 'forum' : type
}

/** Undefined for a message outside of threads. */
export function threadTitle({ threads }: ChatSetup, { threadId }: ChatMessage): string | undefined {
  return threadId === undefined ? undefined : (threads?.[threadId]?.title ?? `Thread ${threadId}`)
}

/** Undefined if the previous message is of the same day. */
export function newDay(
  message: ChatMessage,
  previous: ChatMessage | undefined,
  { formatDay }: ChatFormat,
): string | undefined {
  const day = formatDay(message.date)
  return previous && formatDay(previous.date) === day ? undefined : day
}
