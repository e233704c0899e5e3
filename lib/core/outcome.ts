import type { Problem } from './event/decode.ts'
import type { KubeEvent } from './event/event.ts'
import type { KafkaRecord } from './event/record.ts'
import type { Target } from './routing/target.ts'

/** What became of a record for a target: a closed union, each with a reason from a closed set (docs/operations.md). */
export type Outcome = Sent | Skipped | Rejected | Undelivered

export interface Sent {
  outcome: 'sent'
  why:
    | 'shown'
    /** Its incident's message was edited. */
    | 'updated'
    /** Its incident's message says the same with it as without it. */
    | 'already covered'
    | 'shown as plain text'
    | 'shown without thread'
    | 'possibly repeated'
  detail?: string
}

export interface Skipped {
  outcome: 'skipped'
  why:
    | 'already shown'
    /** An incident that had ended before the present one of its kind began has counted it. */
    | 'ended before'
    /** A rule drops it. */
    | 'dropped by rule'
    /** A mute that is not over holds it back. */
    | 'muted'
    /** A rule or mute suppresses it, and it resolves open incidents. */
    | 'recovery'
    /** Merged into its incident, which has not happened as often as its rule asks for. */
    | 'below atLeast'
  detail?: string
}

export interface Rejected {
  outcome: 'rejected'
  why: Problem | 'text refused'
  detail?: string
}

/**
 * Not shown yet. `pending`: saved in a durable store, and delivered by a later invocation or the sweep. `returned`: goes back to Kafka as a
 * batch item failure, since it could not be saved, or since Telegram failed in this very invocation.
 */
export interface Undelivered {
  outcome: 'pending' | 'returned'
  why: UndeliveredWhy
  detail?: string
}

export type UndeliveredWhy =
  /** An earlier record of its partition is returned (memory only). */
  | 'behind'
  /** Too little time was left to start its request. */
  | 'deadline'
  /** Telegram said 429, and its `retry_after` is not over. */
  | 'cool-down'
  /** No slot of Telegram's 20 a minute is left for a request this urgent. */
  | 'rate limit'
  /** A batch sends a chat its five worst; the next batch or the sweep delivers the rest. */
  | 'next sweep'
  /** Another invocation is at it. */
  | 'leased'
  /** Its incident's message was edited a moment ago. */
  | 'throttled'
  /** Its target wants to hear of it only when its quiet hours are over. */
  | 'quiet hours'
  /** The message to edit is not there any more, and no new one could be sent yet. */
  | 'message gone'
  /** Requests to its chat fail, or its own did while others succeeded: it is tried again at growing intervals. */
  | 'retry later'
  /** The request certainly did not reach Telegram. */
  | 'unreachable'
  /** Telegram answered 500. */
  | 'Telegram error'
  /** Telegram takes no message from this bot for this chat. */
  | 'target broken'
  /** A 400 that nobody knows, also without markup. */
  | 'refused'
  /** The request was written, and no answer says what became of it. */
  | 'unknown'
  /** Telegram does not know the token, or the API root is wrong. */
  | 'token refused'
  /** The state could not be read or written. */
  | 'state unavailable'

/** True where a rule or mute is why it is not shown. */
export function isSuppressed({ why }: Skipped): boolean {
  return why !== 'already shown' && why !== 'ended before'
}

export type OutcomeName = Outcome['outcome']

/** What became of a record, for one of its targets. */
export type RecordOutcome = Outcome & {
  record: KafkaRecord
  /** Undefined, as is the target, for a record that is no event. */
  event: KubeEvent | undefined
  target: Target | undefined
  /** The incident's key. */
  incident: string | undefined
  /** The rule or mute that decided about it; undefined where none did. */
  rule: string | undefined
  milliseconds: number
}
