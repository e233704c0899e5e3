import type { UnshownWhy } from '../outcome.ts'
import type { Decision } from './decide.ts'
import type { Claim, Incident, Retry, Shown, Standing } from './incident.ts'

/** A decision that asks for a request. */
export type Due = Exclude<Decision, { action: 'owe' | 'nothing' }>

/** What became of a request, or of the few that cured it. */
export type Fulfilled =
  | {
      end: 'done'
      chat: string
      messageId: number | undefined
      how: 'shown' | 'shown as plain text' | 'shown without thread'
    }
  /** Telegram refuses the text, also without markup. */
  | { end: 'text refused'; detail: string }
  /** What was to be edited is not there any more. */
  | { end: 'message gone'; detail: string }
  /** Certainly not shown. */
  | { end: 'not shown'; why: UnshownWhy; detail: string }
  /** Nobody knows. */
  | { end: 'unknown'; detail: string }

/** A claimed request. */
export interface Work {
  decision: Due
  claim: Claim
  /** The state whose text was sent. */
  sent: Incident
}

/** The claim for what was decided; `unknowns` counts the sends before it whose claim ran out. */
export function claimFor(
  { action }: Due,
  { claim, retry }: Pick<Incident, 'claim' | 'retry'>,
  { token, until }: Pick<Claim, 'token' | 'until'>,
): Claim {
  const before = claim?.kind === 'send' ? claim.unknowns + 1 : (retry?.unknowns ?? 0)
  const unknowns = action === 'send' ? before : 0
  return { token, until, kind: action === 'send' ? 'send' : 'edit', unknowns }
}

/** Until when nobody else may send. A second end that nobody knows: the message is tried again at growing intervals. */
export function heldUntil({ until, kind, unknowns }: Claim): number {
  return kind === 'send' && unknowns > 0 ? until + Math.min(60, 2 ** unknowns) * 60_000 : until
}

/** What the incident stands at after this end; `incident` may have been merged into meanwhile. */
export function standingAfter(
  fulfilled: Exclude<Fulfilled, { end: 'unknown' }>,
  incident: Incident,
  { decision, claim, sent }: Work,
  now: number,
  isDurable: boolean,
): Standing {
  const { retry, shown, older, refused, owedSince } = incident
  const before: Standing = {
    older,
    ...(shown ? { shown } : {}),
    ...(refused === undefined ? {} : { refused }),
    ...(owedSince === undefined ? {} : { owedSince }),
  }
  const withoutFirst = { ...before, older: older.slice(1) }
  switch (fulfilled.end) {
    case 'done': {
      if (decision.action === 'edit older') return withoutFirst
      const nowShown = shownNow(decision, claim, sent, fulfilled, now)
      const replaced = decision.action === 'send' && decision.replaces ? [decision.replaces] : []
      return { ...before, shown: nowShown, older: [...older, ...replaced].slice(-mostOlder) }
    }
    case 'message gone':
      if (decision.action === 'edit older') return withoutFirst
      return shown ? { ...before, shown: { ...shown, isGone: true } } : before
    case 'text refused':
      if (decision.action === 'edit older') return withoutFirst
      if (shown && decision.why === 'last words') return { ...before, shown: { ...shown, hash: decision.text.hash } }
      return {
        ...before,
        refused: decision.text.hash,
        // What may be in the chat already still gives the next one its mark.
        ...(claim.unknowns > 0 ? { retry: { tries: 0, at: 0, why: 'refused', unknowns: claim.unknowns } } : {}),
      }
    case 'not shown': {
      const next = retryAfter(retry, fulfilled.why, isDurable, claim.unknowns, now)
      return { ...before, ...(next.tries > 0 || next.unknowns > 0 ? { retry: next } : {}) }
    }
  }
}

// More than one is owed only where a chat was silent for hours.
const mostOlder = 3

type Showing = Extract<Due, { action: 'send' | 'edit' }>

function shownNow(
  decision: Showing,
  claim: Claim,
  { shown: before, generation, merged }: Incident,
  { chat, messageId }: Extract<Fulfilled, { end: 'done' }>,
  at: number,
): Shown {
  const { hash } = decision.text
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
      isRepeat: claim.unknowns > 0,
    }
  if (decision.why === 'last words') return { ...before, hash, at }
  const edits = before.edits + 1
  return { ...before, hash, at, severity: merged.severity, objects: merged.objects.length, edits }
}

/** Messages in another chat than this one, which the group was before it was upgraded, can't be edited any more. */
export function inChat(incident: Incident, chat: string): Incident {
  const { shown, older } = incident
  if ((!shown || shown.chat === chat) && older.every((message) => message.chat === chat)) return incident
  return {
    ...incident,
    ...(shown && shown.chat !== chat ? { shown: { ...shown, isGone: true } } : {}),
    older: older.filter((message) => message.chat === chat),
  }
}

// What may be this message's own trouble; a chat's is known by its cool-down or as broken.
const delayed = new Set<UnshownWhy>(['refused', 'Telegram error', 'unreachable'])
const retryMinutes = [0.5, 1, 2, 5, 10, 30]

function retryAfter(
  before: Retry | undefined,
  why: UnshownWhy,
  isDurable: boolean,
  unknowns: number,
  now: number,
): Retry {
  const { tries: triesBefore = 0, at: atBefore = 0 } = before ?? {}
  // Where nothing is owed, Kafka brings it again, and says when.
  if (!isDurable || !delayed.has(why)) return { tries: triesBefore, at: atBefore, why, unknowns }
  const tries = triesBefore + 1
  const minutes = retryMinutes[Math.min(tries, retryMinutes.length) - 1] ?? 0
  return { tries, at: now + minutes * 60_000, why, unknowns }
}
