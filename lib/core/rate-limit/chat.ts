/** A chat's state, which all invocations share. Times are milliseconds since the epoch. */
export interface ChatState {
  /** The id of the supergroup that the group was upgraded to. */
  movedTo?: string
  /** The id that Telegram uses for the chat, if it differs from this name. The state under that id has `sameAs`. */
  id?: string
  /** The other id or name under which this chat's state is stored. */
  sameAs?: string
  /** Requests that Telegram may still count in its sliding window of a minute. */
  slots: Slot[]
  /** When Telegram's `retry_after` ends. */
  coolDownUntil: number
  /** How long Telegram asked to wait. */
  coolDownMilliseconds?: number
  /**
   * Telegram accepts no message from this bot for this chat. `refusals` counts the refused probes, `isTold`: the fallback target knows, `by` is the
   * slot of the last probe.
   */
  broken?: { since: number; why: string; probeAt: number; refusals?: number; isTold?: true; by?: string }
  /** Requests for different incidents fail; the next try is at `until`. */
  backOff?: { failures: number; until: number; by?: string }
  /** When Telegram last accepted a request. */
  acceptedAt?: number
  /** Threads that are gone or closed. Until then, their messages go to the chat without a thread. */
  threadless: { thread: number; until: number }[]
}

export interface Slot {
  token: string
  /** When its request starts, or started. */
  startAt: number
  /** When Telegram no longer counts it. */
  freeAt: number
}

/** What became of a slot's request: when it started and when the slot is free again, or that it never started. */
export type Freed = { token: string; startAt: number; freeAt: number } | { token: string; freeAt: 'unused' }

/** How urgent a request is. It decides which requests may take the last slots. */
export type Urgency = 'critical' | 'warning' | 'info' | 'edit' | 'good'

/** The most urgent first. */
export const urgencies: readonly Urgency[] = ['critical', 'warning', 'info', 'edit', 'good']

export const freshChat: ChatState = { slots: [], coolDownUntil: 0, threadless: [] }

// About 20 messages a minute in a group, sends and edits together (Bot FAQ; levlam, tdlib/td issue 2592).
const mostSlots = 20
/** How many slots must be free for a request to start. Less urgent requests leave the reserve to more urgent ones. */
const reserves: Record<Urgency, number> = { critical: 1, warning: 3, info: 6, edit: 8, good: 12 }
// A second more than Telegram's minute, since clocks differ.
export const slotMilliseconds = 61_000
// About one message a second to one chat (Bot FAQ).
const spacingMilliseconds = 1_100
const probeMilliseconds = 5 * 60_000
const threadlessMilliseconds = 60 * 60_000
// AWS Lambda's longest timeout. Slots and leases end earlier, so one that ends later was written by a wrong clock.
export const longestInvocationMilliseconds = 15 * 60_000
/** How long after its deadline an invocation's request may still be under way, for example in a sandbox that was frozen. */
export const leaseMilliseconds = 15_000
// How much correct clocks may differ.
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
  /** When it has certainly ended, even if the process that sends it dies. */
  endsBefore: number
  /** For a request that finds out whether the last failure was the chat's, or that continues a message that has begun. */
  ignoresBackOff?: boolean
}

/**
 * Reserves a slot for a request. Telegram may count a request at any moment until it answers, so the slot is free again a minute after the
 * answer, or a minute after `endsBefore` if the answer is not recorded. Pure.
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
  // A request that would start too late must not delay those of other invocations.
  if (startAt > startBefore) return { waitUntil: startAt, why: 'rate limit' }
  const freeAt = isPrivate ? startAt + spacingMilliseconds : endsBefore + slotMilliseconds
  const { broken, backOff } = chat
  return {
    startAt,
    chat: {
      ...chat,
      slots: [...taken, { token, startAt, freeAt }],
      // One invocation probes, and the others wait for its result.
      ...(broken ? { broken: { ...broken, probeAt: now + probeMilliseconds, by: token } } : {}),
      ...(backOff ? { backOff: { ...backOff, until: now + backOffMilliseconds(backOff.failures), by: token } } : {}),
    },
  }
}

/** Why a chat accepts no request before a time. */
export interface Closed {
  until: number
  why: 'cool-down' | 'target broken' | 'retry later'
}

/** Undefined if the chat accepts a request now, provided that a slot is free. */
export function closedUntil(given: ChatState, now: number): Closed | undefined {
  const { coolDownUntil, broken, backOff } = withoutImpossible(given, now)
  if (coolDownUntil > now) return { until: coolDownUntil, why: 'cool-down' }
  if (broken && broken.probeAt > now) return { until: broken.probeAt, why: 'target broken' }
  if (backOff && backOff.until > now) return { until: backOff.until, why: 'retry later' }
  return undefined
}

/**
 * Removes times that no correct clock can have written: they end later than the longest invocation, Telegram's own `retry_after`, or the
 * longest wait between two tries. One process with a wrong clock must not stop a chat for all others. Pure.
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

/** Records what became of slots since they were taken. */
export function giveBack(chat: ChatState, freed: Freed[]): ChatState {
  const known = new Map(freed.map((slot) => [slot.token, slot]))
  const slots = chat.slots.flatMap((slot) => {
    const now = known.get(slot.token) ?? slot
    return now.freeAt === 'unused' ? [] : [{ ...slot, ...now }]
  })
  const { broken, backOff } = chat
  // If a probe did not start, the next invocation probes.
  const isUnused = (by: string | undefined) => by !== undefined && known.get(by)?.freeAt === 'unused'
  return {
    ...chat,
    slots,
    ...(broken && isUnused(broken.by) ? { broken: { ...broken, probeAt: 0 } } : {}),
    ...(backOff && isUnused(backOff.by) ? { backOff: { ...backOff, until: 0 } } : {}),
  }
}

/** Records that Telegram asked to wait. */
export function markCoolDown(chat: ChatState, seconds: number, now: number): ChatState {
  const milliseconds = seconds * 1_000
  const { coolDownUntil } = withoutImpossible(chat, now)
  if (coolDownUntil >= now + milliseconds) return chat
  return { ...chat, coolDownUntil: now + milliseconds, coolDownMilliseconds: milliseconds }
}

/** Records that Telegram accepts no message for this chat. It is probed every five minutes. */
export function markBroken(chat: ChatState, why: string, now: number): ChatState {
  const { broken } = chat
  const kept = { since: broken?.since ?? now, ...(broken?.isTold ? { isTold: true as const } : {}) }
  return { ...chat, broken: { ...kept, why, probeAt: now + probeMilliseconds, refusals: (broken?.refusals ?? 0) + 1 } }
}

const brokenForGoodMilliseconds = 24 * 3_600_000
// The number of probes guards against one clock that is a day ahead. A day has 288 probes, or 48 if sweeps are half an hour apart.
const brokenForGoodRefusals = 48

/** True if it has refused for a day, by the number of its probes as well as by this process's clock. */
export function isBrokenForGood({ broken }: ChatState, now: number): boolean {
  if (!broken) return false
  const { since, refusals = 0 } = broken
  return since <= now - brokenForGoodMilliseconds && refusals >= brokenForGoodRefusals
}

/** Records that the fallback target was told of the broken chat. */
export function markTold({ broken, ...chat }: ChatState): ChatState {
  return broken ? { ...chat, broken: { ...broken, isTold: true } } : chat
}

/** Records that requests fail whichever incident they are for. The chat waits longer after each failure. */
export function markFailed(chat: ChatState, now: number): ChatState {
  const failures = (chat.backOff?.failures ?? 0) + 1
  return { ...chat, backOff: { failures, until: now + backOffMilliseconds(failures) } }
}

// Telegram's outages last minutes to hours. After one, the first message waits for a minute at most.
const backOffSeconds = [15, 30, 60]

function backOffMilliseconds(failures: number): number {
  return (backOffSeconds[Math.min(failures, backOffSeconds.length) - 1] ?? 0) * 1_000
}

/** Ends the back-off: Telegram has answered normally. */
export function endBackOff({ backOff: _, ...chat }: ChatState): ChatState {
  return chat
}

/** Records that a thread is gone or closed. It is tried again after an hour, since threads can be reopened. */
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

/** Records that Telegram has accepted a request, which ends any trouble of the chat. */
export function markAccepted({ broken: _, backOff, ...chat }: ChatState, now: number): ChatState {
  return { ...chat, acceptedAt: now }
}

/** True of a private chat, whose id is positive. Telegram has no such limit there. */
export function isPrivateChat(chat: string): boolean {
  return Number(chat) > 0
}

function whenFree(taken: Slot[], reserve: number): number {
  const times = taken.map(({ freeAt }) => freeAt).sort((a, b) => a - b)
  return times[reserve - (mostSlots - taken.length) - 1] ?? 0
}
