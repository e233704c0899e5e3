/** What all invocations know of a chat, by its stable name. Times are milliseconds since the epoch. */
export interface ChatState {
  /** The supergroup's id that the group has become. */
  movedTo?: string
  /** Requests that Telegram may still count in its minute. */
  slots: Slot[]
  /** Telegram's `retry_after` is over then. */
  coolDownUntil: number
  /** Telegram takes no message from this bot for this chat. */
  broken?: { since: number; why: string; probeAt: number }
  /** Threads that are gone or closed: until then their messages go to the chat without thread. */
  threadless: { thread: number; until: number }[]
}

export interface Slot {
  token: string
  /** When its request starts, or started. */
  startAt: number
  /** From then on Telegram counts it no more. */
  freeAt: number
}

/** What is known of a slot's request: when it started and from when on the slot is free, or that it never started. */
export type Freed = { token: string; startAt: number; freeAt: number } | { token: string; freeAt: 'unused' }

/** How urgent a request is: who may take the last slots. */
export type Urgency = 'critical' | 'warning' | 'notice' | 'edit' | 'good'

export const freshChat: ChatState = { slots: [], coolDownUntil: 0, threadless: [] }

// About 20 messages a minute in a group, sends and edits together (Bot FAQ; levlam, tdlib/td issue 2592).
const mostSlots = 20
/** How many slots must be free for a request to start: what is less urgent leaves the rest to worse news. */
const reserves: Record<Urgency, number> = { critical: 1, warning: 3, notice: 6, edit: 8, good: 12 }
// A second more than Telegram's minute, for clocks that differ.
export const slotMilliseconds = 61_000
// About one message a second to one chat (Bot FAQ).
const spacingMilliseconds = 1_100
const probeMilliseconds = 5 * 60_000
const threadlessMilliseconds = 60 * 60_000

export type Taken =
  | { chat: ChatState; startAt: number }
  | { waitUntil: number; why: 'cool-down' | 'budget' | 'target broken' }

interface Wish {
  token: string
  urgency: Urgency
  now: number
  /** When the request has to start at the latest. */
  startBefore: number
  /** When it has ended, whatever happens to who sends it. */
  endsBefore: number
}

/**
 * Takes a slot for a request. Telegram may count a request at any moment until its answer, so the slot is free a minute after that, or
 * after `endsBefore` if nobody says when it was answered. Pure.
 */
export function takeSlot(chat: ChatState, wish: Wish, isPrivate: boolean): Taken {
  const { token, urgency, now, startBefore, endsBefore } = wish
  if (chat.coolDownUntil > now) return { waitUntil: chat.coolDownUntil, why: 'cool-down' }
  if (chat.broken && chat.broken.probeAt > now) return { waitUntil: chat.broken.probeAt, why: 'target broken' }
  const taken = chat.slots.filter(({ freeAt }) => freeAt > now)
  if (!isPrivate && mostSlots - taken.length < reserves[urgency])
    return { waitUntil: whenFree(taken, reserves[urgency]), why: 'budget' }
  const startAt = Math.max(now, ...taken.map((slot) => slot.startAt + spacingMilliseconds))
  // A start that comes too late must not push back those of others.
  if (startAt > startBefore) return { waitUntil: startAt, why: 'budget' }
  const freeAt = isPrivate ? startAt + spacingMilliseconds : endsBefore + slotMilliseconds
  return {
    startAt,
    chat: {
      ...chat,
      slots: [...taken, { token, startAt, freeAt }],
      ...(chat.broken ? { broken: { ...chat.broken, probeAt: now + probeMilliseconds } } : {}),
    },
  }
}

/** How many requests Telegram may still count in its minute. */
export function slotsInUse({ slots }: ChatState, now: number): number {
  return slots.filter(({ freeAt }) => freeAt > now).length
}

/** What has become of slots since they were taken. */
export function giveBack(chat: ChatState, freed: Freed[]): ChatState {
  const known = new Map(freed.map((slot) => [slot.token, slot]))
  const slots = chat.slots.flatMap((slot) => {
    const now = known.get(slot.token) ?? slot
    return now.freeAt === 'unused' ? [] : [{ ...slot, ...now }]
  })
  return { ...chat, slots }
}

/** Telegram takes no message for this chat; it is tried again every five minutes. */
export function markBroken(chat: ChatState, why: string, now: number): ChatState {
  return { ...chat, broken: { since: chat.broken?.since ?? now, why, probeAt: now + probeMilliseconds } }
}

/** A thread may be opened again, so it is tried again after an hour. */
export function markThreadless(chat: ChatState, thread: number, now: number): ChatState {
  const others = chat.threadless.filter((entry) => entry.thread !== thread)
  return { ...chat, threadless: [...others, { thread, until: now + threadlessMilliseconds }] }
}

/** The thread to send to; undefined for the chat itself. */
export function threadFor({ threadless }: ChatState, thread: number | undefined, now: number): number | undefined {
  return threadless.some((entry) => entry.thread === thread && entry.until > now) ? undefined : thread
}

export function heal({ broken: _, ...chat }: ChatState): ChatState {
  return chat
}

/** Telegram has no such limit for private chats, whose ids are positive. */
export function isPrivateChat(chat: string): boolean {
  return Number(chat) > 0
}

function whenFree(taken: Slot[], reserve: number): number {
  const times = taken.map(({ freeAt }) => freeAt).sort((a, b) => a - b)
  return times[reserve - (mostSlots - taken.length) - 1] ?? 0
}
