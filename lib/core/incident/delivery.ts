import { isLoud } from '../event/severity.ts'
import type { UndeliveredWhy } from '../outcome.ts'
import { leaseMilliseconds, longestInvocationMilliseconds } from '../rate-limit/chat.ts'
import type { Loudness } from '../routing/quiet.ts'
import type { Decision } from './decide.ts'
import type { DeliveryState, Incident, Lease, OlderMessage, Retry, Shown, Text } from './incident.ts'
import type { Merged } from './merged.ts'

/** A decision that asks for a request. */
export type RequestDecision = Exclude<Decision, { action: 'wait' | 'nothing' }>

/** What became of a request, or of the few that cured it. */
export type RequestEnd =
  | {
      end: 'done'
      chat: string
      messageId: number | undefined
      how: 'shown' | 'shown as plain text' | 'shown without thread'
    }
  /** Telegram refuses the text even without markup. */
  | { end: 'text refused'; detail: string }
  /** The message to edit is gone. */
  | { end: 'message gone'; detail: string }
  /** Certainly not shown. */
  | { end: 'not shown'; why: UndeliveredWhy; detail: string }
  /** It is unknown whether Telegram accepted the request. */
  | { end: 'unknown'; detail: string }

/** A request under its lease. */
export interface LeasedRequest {
  decision: RequestDecision
  lease: Lease
  /** As it was leased; the request shows its text. */
  incident: Incident
  /** What a send or an edit shows. */
  text: Text
  /** The message that a send replaces, if it needs a last text. */
  replaces?: OlderMessage
  /** A send makes no sound. */
  isSilent: boolean
}

/** The lease for a decision. It takes over the count of sends with an unknown result, also for an edit: only a certain send ends the count. */
export function leaseFor(
  { action }: RequestDecision,
  before: Pick<DeliveryState, 'lease' | 'unknowns'>,
  { token, until }: Pick<Lease, 'token' | 'until'>,
): Lease {
  return { token, until, kind: action === 'send' ? 'send' : 'edit', unknowns: unknownsOf(before) }
}

/** Sends with an unknown result, including that of a lease that has expired. */
export function unknownsOf({ lease, unknowns = 0 }: Pick<DeliveryState, 'lease' | 'unknowns'>): number {
  return lease ? lease.unknowns + (lease.kind === 'send' ? 1 : 0) : unknowns
}

/**
 * Until when no other invocation may send. After a second unknown result, the intervals between tries grow, until the chat accepts another
 * message. A lease that ends later than the longest invocation was written by a wrong clock.
 */
export function leaseEnd({ until, kind, unknowns }: Lease, acceptedAt: number | undefined, now: number): number {
  if (until > now + longestInvocationMilliseconds + leaseMilliseconds) return 0
  if (kind === 'edit' || unknowns === 0 || (acceptedAt !== undefined && acceptedAt > until)) return until
  return until + Math.min(mostUnknownMinutes, 2 ** unknowns) * 60_000
}

const mostUnknownMinutes = 8

/** Whether a new message makes no sound. */
export function isSilentSend(
  { severity, isSilent }: Pick<Merged, 'severity' | 'isSilent'>,
  loudness: Loudness,
): boolean {
  return !isLoud(severity) || isSilent || loudness !== 'as it is'
}

/** What a failure is judged by: it may be the chat's, or the message's own. */
export interface ChatCondition {
  /** Other messages fail there, too; or nothing is durable, so Kafka decides when the record comes again. */
  isFailing: boolean
  acceptedAt: number | undefined
}

/** The delivery state after a request has ended; `incident` may have been merged into since it was leased. */
export function deliveryAfter(
  requestEnd: Exclude<RequestEnd, { end: 'unknown' }>,
  { delivery: { retry, shown, older, refused, pendingSince, due } }: Incident,
  request: LeasedRequest,
  now: number,
  chat: ChatCondition,
): DeliveryState {
  const { decision, lease, text, replaces } = request
  const isCertainSend = decision.action === 'send' && requestEnd.end === 'done'
  const before: DeliveryState = {
    older,
    ...(shown ? { shown } : {}),
    ...(refused === undefined ? {} : { refused }),
    // An earlier send may have reached the chat, so the next one is still marked.
    ...(lease.unknowns > 0 && !isCertainSend ? { unknowns: lease.unknowns } : {}),
    ...(pendingSince === undefined ? {} : { pendingSince }),
  }
  const withoutFirst = { ...before, older: older.slice(1) }
  switch (requestEnd.end) {
    case 'done': {
      if (decision.action === 'edit older') return withoutFirst
      const replaced = replaces ? [replaces] : []
      return { ...before, shown: shownNow(request, requestEnd, now), older: [...older, ...replaced].slice(-mostOlder) }
    }
    case 'message gone':
      if (decision.action === 'edit older') return withoutFirst
      return shown ? { ...before, shown: { ...shown, isGone: true } } : before
    case 'text refused':
      if (decision.action === 'edit older') return withoutFirst
      if (shown && decision.why === 'last words') return { ...before, shown: { ...shown, hash: text.hash } }
      return { ...before, refused: text.hash }
    case 'not shown': {
      const next = retryAfter(retry, requestEnd.why, chat, now)
      // The target's refusal is not this incident's failure, so the incident keeps its place. After any other failure, others go first.
      const place = requestEnd.why === 'target broken' && due !== undefined ? { due } : {}
      return { ...before, ...place, ...(next ? { retry: next } : {}) }
    }
  }
}

// A chat has more than one only if it took no request for hours.
const mostOlder = 3

function shownNow(
  { decision, lease, incident: { body, delivery }, text: { hash } }: LeasedRequest,
  { chat, messageId }: Extract<RequestEnd, { end: 'done' }>,
  at: number,
): Shown {
  const { generation, merged } = body
  const { shown: before } = delivery
  if (decision.action === 'send' || !before)
    return {
      generation,
      chat,
      messageId: messageId ?? 0,
      hash,
      at,
      severity: merged.severity,
      ...(merged.isSilent ? { isSilent: true } : {}),
      objects: merged.objects.length,
      edits: 0,
      isRepeat: lease.unknowns > 0,
    }
  if (decision.why === 'last words') return { ...before, hash, at }
  const edits = before.edits + 1
  return { ...before, hash, at, severity: merged.severity, objects: merged.objects.length, edits }
}

/** A target's present chat. */
export interface ChatPlace {
  /** The id or name to send to. */
  chat: string
  /** All its ids and names. */
  names: ReadonlySet<string>
  /** The group that it was before an upgrade. That group's messages are out of reach. */
  upgradedFrom: string | undefined
}

/**
 * An incident as seen from its target's present chat. If a message is in another chat, either the group was upgraded, which puts the message
 * out of reach, or the configuration has moved the target: then news comes as a new message, and the old one points to it.
 */
export function inChat(incident: Incident, { names, upgradedFrom }: ChatPlace): Incident {
  const { shown, older } = incident.delivery
  const isHere = (chat: string) => names.has(chat)
  if ((!shown || isHere(shown.chat)) && older.every(({ chat }) => isHere(chat))) return incident
  const isLeft = (chat: string) => !isHere(chat) && chat !== upgradedFrom
  const gone = shown && !isHere(shown.chat) ? { ...shown, isGone: true, isElsewhere: isLeft(shown.chat) } : undefined
  const delivery = {
    ...incident.delivery,
    ...(gone ? { shown: gone } : {}),
    older: older.flatMap((message) => {
      if (isHere(message.chat)) return [message]
      return isLeft(message.chat) ? [{ ...message, isElsewhere: true }] : []
    }),
  }
  return { ...incident, delivery }
}

/** True of a failure that only time heals. Other reasons are part of the chat's state. */
export function isTrouble(why: UndeliveredWhy): boolean {
  return why === 'refused' || why === 'Telegram error' || why === 'unreachable'
}

// `alone`: other messages get through. `lonely`: no other message was tried, so the failure may be the chat's.
const waitSeconds = { alone: [15, 60, 120, 300, 600, 1_800], lonely: [15, 30, ...Array(20).fill(60), 300] }
const longestAloneMilliseconds = 30 * 60_000

/**
 * A failure counts as the message's own if the chat has accepted another message since the failure before. Only then does the message wait for
 * long: a chat in which other messages fail, too, backs off as a whole.
 */
function retryAfter(
  before: Retry | undefined,
  why: UndeliveredWhy,
  chat: ChatCondition,
  now: number,
): Retry | undefined {
  if (!isTrouble(why)) return before
  const tries = (before?.tries ?? 0) + 1
  const failed = { tries, alone: before?.alone ?? 0, failedAt: now, why }
  if (chat.isFailing || why === 'unreachable') return { ...failed, at: 0 }
  const isAlone = before !== undefined && (chat.acceptedAt ?? 0) > before.failedAt
  const alone = failed.alone + (isAlone ? 1 : 0)
  const seconds = isAlone ? nth(waitSeconds.alone, alone) : nth(waitSeconds.lonely, tries)
  return { ...failed, alone, at: now + seconds * 1_000 }
}

function nth(list: number[], number: number): number {
  return list[Math.min(number, list.length) - 1] ?? 0
}

/** When a message that failed by itself is tried again. A time beyond the longest wait was written by a wrong clock. */
export function retryAt({ retry }: Pick<DeliveryState, 'retry'>, now: number): number {
  return retry && retry.at <= now + longestAloneMilliseconds ? retry.at : 0
}
