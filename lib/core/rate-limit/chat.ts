/** What all invocations know of a chat, by its stable name. Times are milliseconds since the epoch. */
export interface ChatState {
  /** The supergroup's id that the group has become. */
  movedTo?: string
  /** The id by which Telegram knows the chat, where that is another one; under it stands `sameAs`. */
  id?: string
  /** All that is known of this chat stands under that other id or name of it. */
  sameAs?: string
  /** Requests that Telegram may still count in its minute. */
  slots: Slot[]
  /** Telegram's `retry_after` is over then. */
  coolDownUntil: number
  /** For how long Telegram asked to wait. */
  coolDownMilliseconds?: number
  /** Telegram takes no message from this bot for this chat. `refusals`: of how many probes. `isTold`: the fallback target has been told. `by`: the slot of the last probe. */
  broken?: { since: number; why: string; probeAt: number; refusals?: number; isTold?: true; by?: string }
  /** Requests fail, one incident's as well as another's; the next try is at `until`. */
  backOff?: { failures: number; until: number; by?: string }
  /** When Telegram last accepted a request. */
  acceptedAt?: number
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
export type Urgency = 'critical' | 'warning' | 'info' | 'edit' | 'good'

/** The most urgent first. */
export const urgencies: readonly Urgency[] = ['critical', 'warning', 'info', 'edit', 'good']

export const freshChat: ChatState = { slots: [], coolDownUntil: 0, threadless: [] }

// About 20 messages a minute in a group, sends and edits together (Bot FAQ; levlam, tdlib/td issue 2592).
const mostSlots = 20
/** How many slots must be free for a request to start: what is less urgent leaves the rest to worse news. */
const reserves: Record<Urgency, number> = { critical: 1, warning: 3, info: 6, edit: 8, good: 12 }
// A second more than Telegram's minute, for clocks that differ.
export const slotMilliseconds = 61_000
// About one message a second to one chat (Bot FAQ).
const spacingMilliseconds = 1_100
const probeMilliseconds = 5 * 60_000
const threadlessMilliseconds = 60 * 60_000
// AWS Lambda's longest timeout. A slot or a lease is taken for less, so one that ends later was written by a wrong clock.
export const longestInvocationMilliseconds = 15 * 60_000
/** After its deadline no request of an invocation is under way any more, also in a sandbox that was frozen meanwhile. */
export const leaseMilliseconds = 15_000
// By how much right clocks may differ.
const skewMilliseconds = 5_000
const longestCoolDownMilliseconds = 24 * 3_600_000

export type SlotDecision =
  | { chat: ChatState; startAt: number }
  | { waitUntil: number; why: 'cool-down' | 'rate limit' | 'target broken' | 'retry later' }

interface Wish {
  token: string
  urgency: Urgency
  now: number
  /** When the request has to start at the latest. */
  startBefore: number
  /** When it has ended, whatever happens to who sends it. */
  endsBefore: number
  /** It tells whether the failure just before was the chat's or only its message's, or it goes on with a message that has begun. */
  ignoresBackOff?: boolean
}

/**
 * Takes a slot for a request. Telegram may count a request at any moment until its answer, so the slot is free a minute after that, or
 * after `endsBefore` if nobody says when it was answered. Pure.
 */
export function reserveSlot(given: ChatState, wish: Wish, isPrivate: boolean): SlotDecision {
  const { token, urgency, now, startBefore, endsBefore, ignoresBackOff = false } = wish
  const chat = withoutImpossible(given, now)
  const closed = closedUntil(chat, now)
  if (closed && !(ignoresBackOff && closed.why === 'retry later')) return { waitUntil: closed.until, why: closed.why }
  const taken = chat.slots.filter(({ freeAt }) => freeAt > now)
  if (!isPrivate && mostSlots - taken.length < reserves[urgency])
    return { waitUntil: whenFree(taken, reserves[urgency]), why: 'rate limit' }
  const startAt = Math.max(now, ...taken.map((slot) => slot.startAt + spacingMilliseconds))
  // A start that comes too late must not push back those of others.
  if (startAt > startBefore) return { waitUntil: startAt, why: 'rate limit' }
  const freeAt = isPrivate ? startAt + spacingMilliseconds : endsBefore + slotMilliseconds
  const { broken, backOff } = chat
  return {
    startAt,
    chat: {
      ...chat,
      slots: [...taken, { token, startAt, freeAt }],
      // One invocation probes; the others wait for what it finds.
      ...(broken ? { broken: { ...broken, probeAt: now + probeMilliseconds, by: token } } : {}),
      ...(backOff ? { backOff: { ...backOff, until: now + backOffMilliseconds(backOff.failures), by: token } } : {}),
    },
  }
}

/** A chat that takes no request at all before then, and why. */
export interface Closed {
  until: number
  why: 'cool-down' | 'target broken' | 'retry later'
}

/** Undefined if the chat takes a request now, slots permitting. */
export function closedUntil(given: ChatState, now: number): Closed | undefined {
  const { coolDownUntil, broken, backOff } = withoutImpossible(given, now)
  if (coolDownUntil > now) return { until: coolDownUntil, why: 'cool-down' }
  if (broken && broken.probeAt > now) return { until: broken.probeAt, why: 'target broken' }
  if (backOff && backOff.until > now) return { until: backOff.until, why: 'retry later' }
  return undefined
}

/**
 * A chat without the times that no right clock can have written: they end later than the longest invocation, Telegram's own `retry_after`,
 * or the longest wait between two tries. One process with a wrong clock must not silence a chat for all others. Pure.
 */
function withoutImpossible(chat: ChatState, now: number): ChatState {
  const { slots, coolDownUntil, coolDownMilliseconds = longestCoolDownMilliseconds, broken, backOff } = chat
  const latestStart = now + longestInvocationMilliseconds + skewMilliseconds
  const isPossible = ({ startAt, freeAt }: Slot) =>
    startAt <= latestStart && freeAt <= latestStart + leaseMilliseconds + slotMilliseconds
  const isCoolDown = coolDownUntil <= now + coolDownMilliseconds + skewMilliseconds
  const isProbe = !broken || broken.probeAt <= now + probeMilliseconds + skewMilliseconds
  const isBackOff = !backOff || backOff.until <= now + backOffMilliseconds(backOff.failures) + skewMilliseconds
  if (slots.every(isPossible) && isCoolDown && isProbe && isBackOff) return chat
  return {
    ...chat,
    slots: slots.filter(isPossible),
    coolDownUntil: isCoolDown ? coolDownUntil : 0,
    ...(broken && !isProbe ? { broken: { ...broken, probeAt: now } } : {}),
    ...(backOff && !isBackOff ? { backOff: { ...backOff, until: now } } : {}),
  }
}

/** How many requests Telegram may still count in its minute. */
export function slotsInUse(chat: ChatState, now: number): number {
  return withoutImpossible(chat, now).slots.filter(({ freeAt }) => freeAt > now).length
}

/** What has become of slots since they were taken. */
export function giveBack(chat: ChatState, freed: Freed[]): ChatState {
  const known = new Map(freed.map((slot) => [slot.token, slot]))
  const slots = chat.slots.flatMap((slot) => {
    const now = known.get(slot.token) ?? slot
    return now.freeAt === 'unused' ? [] : [{ ...slot, ...now }]
  })
  const { broken, backOff } = chat
  // A probe that was not made is made by the next one.
  const isUnused = (by: string | undefined) => by !== undefined && known.get(by)?.freeAt === 'unused'
  return {
    ...chat,
    slots,
    ...(broken && isUnused(broken.by) ? { broken: { ...broken, probeAt: 0 } } : {}),
    ...(backOff && isUnused(backOff.by) ? { backOff: { ...backOff, until: 0 } } : {}),
  }
}

/** Telegram asked to wait. */
export function markCoolDown(chat: ChatState, seconds: number, now: number): ChatState {
  const milliseconds = seconds * 1_000
  const { coolDownUntil } = withoutImpossible(chat, now)
  if (coolDownUntil >= now + milliseconds) return chat
  return { ...chat, coolDownUntil: now + milliseconds, coolDownMilliseconds: milliseconds }
}

/** Telegram takes no message for this chat; it is tried again every five minutes. */
export function markBroken(chat: ChatState, why: string, now: number): ChatState {
  const { broken } = chat
  const kept = { since: broken?.since ?? now, ...(broken?.isTold ? { isTold: true as const } : {}) }
  return { ...chat, broken: { ...kept, why, probeAt: now + probeMilliseconds, refusals: (broken?.refusals ?? 0) + 1 } }
}

const brokenForGoodMilliseconds = 24 * 3_600_000
// Since one process's clock may be a day ahead. In a day there are 288 probes, or 48 if sweeps are half an hour apart.
const brokenForGoodRefusals = 48

/** It has refused for a day, by the number of its probes as well as by this process's clock. */
export function isBrokenForGood({ broken }: ChatState, now: number): boolean {
  if (!broken) return false
  const { since, refusals = 0 } = broken
  return since <= now - brokenForGoodMilliseconds && refusals >= brokenForGoodRefusals
}

/** The fallback target knows that this chat is broken. */
export function markTold({ broken, ...chat }: ChatState): ChatState {
  return broken ? { ...chat, broken: { ...broken, isTold: true } } : chat
}

/** Requests fail, whichever incident they are for: the chat waits longer after each such failure. */
export function markFailed(chat: ChatState, now: number): ChatState {
  const failures = (chat.backOff?.failures ?? 0) + 1
  return { ...chat, backOff: { failures, until: now + backOffMilliseconds(failures) } }
}

// Telegram's outages last minutes to hours; after one, the worst news waits for a minute at most.
const backOffSeconds = [15, 30, 60]

function backOffMilliseconds(failures: number): number {
  return (backOffSeconds[Math.min(failures, backOffSeconds.length) - 1] ?? 0) * 1_000
}

/** Telegram has answered as it does when all is well. */
export function endBackOff({ backOff: _, ...chat }: ChatState): ChatState {
  return chat
}

/** A thread may be opened again, so it is tried again after an hour. */
export function markThreadless(chat: ChatState, thread: number, now: number): ChatState {
  const others = chat.threadless.filter((entry) => entry.thread !== thread)
  return { ...chat, threadless: [...others, { thread, until: now + threadlessMilliseconds }] }
}

/** The thread to send to; undefined for the chat itself. */
export function threadFor({ threadless }: ChatState, thread: number | undefined, now: number): number | undefined {
  const isGone = threadless.some(
    (entry) => entry.thread === thread && isWithin(entry.until, now, threadlessMilliseconds),
  )
  return isGone ? undefined : thread
}

function isWithin(until: number, now: number, milliseconds: number): boolean {
  return until > now && until <= now + milliseconds + skewMilliseconds
}

/** Telegram has accepted a request: whatever was wrong with the chat is over. */
export function markAccepted({ broken: _, backOff, ...chat }: ChatState, now: number): ChatState {
  return { ...chat, acceptedAt: now }
}

/** Telegram has no such limit for private chats, whose ids are positive. */
export function isPrivateChat(chat: string): boolean {
  return Number(chat) > 0
}

function whenFree(taken: Slot[], reserve: number): number {
  const times = taken.map(({ freeAt }) => freeAt).sort((a, b) => a - b)
  return times[reserve - (mostSlots - taken.length) - 1] ?? 0
}
