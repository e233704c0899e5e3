import type { KafkaRecord } from '../../core/event/record.ts'
import type { Presentation } from '../../core/incident/decide.ts'
import type { Body, Incident, Renderer } from '../../core/incident/incident.ts'
import type { Outcome, UndeliveredWhy } from '../../core/outcome.ts'
import type { Target } from '../../core/routing/target.ts'
import type { Clock, Store, TelegramClient } from '../ports.ts'
import type { RateLimit } from './rate-limit.ts'

/** An incident that may have something pending. */
export interface IncidentToDeliver {
  target: Target
  /** As it was read or saved last. */
  incident: Incident
  /** The records of this batch that wait for it. */
  records: KafkaRecord[]
}

/** What the chats of one invocation share. */
export interface Run {
  /** Milliseconds since the epoch. */
  deadline: number
  /** Until when a chat waits for a slot or a cool-down; with a durable store it need not wait long. */
  patienceUntil: number
  /** How many incidents of a chat get a request; the next batch and the sweep deliver the rest. */
  mostOfChat: number
  /** Partitions with a returned record, by their map key: with STATE=memory no later record of theirs is started. */
  returnedPartitions: Set<string>
  /** Set once Telegram refused the token; no further request is made. */
  refusedToken: string | undefined
  /** Requests to Telegram. */
  requests: number
  /** How many of them Telegram answered with 429. */
  rateLimited: number
  edits: number
  /** Sends that may repeat one whose result is unknown. */
  possibleRepeats: number
  /** Two ids or names turned out to be one chat. */
  hasLinked: boolean
  /** What an operator should mend. */
  notices: Set<string>
  /** Targets that Telegram refuses, and that the fallback target has not been told about. */
  refusedTargets: RefusedTarget[]
}

/** A target that Telegram refuses, the reason, and since when (ms since the epoch). */
export interface RefusedTarget {
  target: Target
  detail: string
  since: number
}

/** What happens in one chat during one invocation. */
export interface ChatRun {
  /** Why the chat gets no further request. */
  halted: { why: UndeliveredWhy; detail: string } | undefined
  /** How many incidents in a row failed for a reason that may be the chat's or their own. */
  failures: number
}

/** What delivering an incident works with. */
export interface DeliverContext {
  store: Store
  client: TelegramClient
  rateLimit: RateLimit
  renderer: Renderer
  present: (body: Body, now: number) => Presentation
  run: Run
  chatRun: ChatRun
  clock: Clock
  newToken: () => string
}

/** How an incident's turn ended, for each of the records that wait for it. */
export interface DeliveryEnd {
  /** `nothing` means that no request was needed. */
  result: Outcome | { outcome: 'nothing'; why: 'shown' | 'text refused' | 'forgotten' | 'below atLeast' }
  milliseconds: number
  /** A request was sent for it. */
  hasAsked?: boolean
  /** Trying again before then cannot succeed, in ms since the epoch. */
  retryAt?: number
}

/** Times in ms since the epoch. */
export interface Limits {
  deadline: number
  /** Until when a chat waits for a slot or a cool-down. */
  patienceUntil: number
  mostOfChat: number
}

export function startRun({ deadline, patienceUntil, mostOfChat }: Limits): Run {
  return {
    deadline,
    patienceUntil,
    mostOfChat,
    returnedPartitions: new Set(),
    refusedToken: undefined,
    requests: 0,
    rateLimited: 0,
    edits: 0,
    possibleRepeats: 0,
    hasLinked: false,
    notices: new Set(),
    refusedTargets: [],
  }
}

// The Bot API server holds a request for up to 8 s before it says 429 (TDLib NetQueryDelayer.cpp). A request that was given up earlier would have an unknown result.
export const leastMilliseconds = 10_000

/** True if a request that starts after `wait` has the time that it may need. */
export function fits(wait: number, until: number, now: number): boolean {
  return now + wait + leastMilliseconds <= until
}
