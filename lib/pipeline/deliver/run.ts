import type { Clock } from '../../adapters/clock.ts'
import type { TelegramClient } from '../../adapters/telegram/client.ts'
import type { Renderer } from '../../core/incident/incident.ts'
import type { Result, UnshownWhy } from '../../core/outcome.ts'
import type { Target } from '../../core/routing/target.ts'
import type { Store } from '../ports.ts'
import type { RateLimit } from './chat.ts'

/** What the lanes of one invocation share. */
export interface Run {
  /** Milliseconds since the epoch. */
  deadline: number
  /** Until when a lane waits for a slot or a cool-down; what is durable need not wait long. */
  patienceUntil: number
  /** How many incidents of a chat get a request; the next batch and the sweep deliver the rest. */
  mostOfChat: number
  /** Partitions with a returned record, by their map key: with STATE=memory no later record of theirs is started. */
  returnedPartitions: Set<string>
  /** Set once Telegram refused the token: nobody gets a further request. */
  refusedToken: string | undefined
  /** Requests to Telegram, and how many of them it answered with 429. */
  requests: number
  rateLimited: number
  edits: number
  /** Sends that repeat one whose end nobody knows. */
  reclaimed: number
  /** Two ids or names were found to be one chat. */
  hasLinked: boolean
  /** What an operator should mend. */
  notices: Set<string>
  /** Targets that Telegram refuses, and of which the fallback target has not been told. */
  refusedTargets: RefusedTarget[]
}

/** A target for which Telegram takes no message, what it said, and since when (ms since the epoch). */
export interface RefusedTarget {
  target: Target
  detail: string
  since: number
}

/** What happens in one chat, one incident after another. */
export interface LaneState {
  /** Why the chat gets no further request. */
  halted: { why: UnshownWhy; detail: string } | undefined
  /** Incidents in a row whose request failed by what may be the chat's trouble or their own. */
  failures: number
}

/** What an incident's turn in a chat's lane works with. */
export interface DeliverContext {
  store: Store
  client: TelegramClient
  rateLimit: RateLimit
  renderer: Renderer
  run: Run
  lane: LaneState
  clock: Clock
  newToken: () => string
}

/** How an incident's turn ended, for each of the records that wait for it. */
export interface End {
  /** `nothing`: its message shows all of it. */
  result: Result | { outcome: 'nothing'; why: 'shown' | 'text refused' | 'forgotten' | 'below atLeast' }
  milliseconds: number
  /** Before then another try is in vain, in ms since the epoch. */
  retryAt?: number
}

/** Times in ms since the epoch. */
export interface Limits {
  deadline: number
  /** How long a lane waits for a slot or a cool-down. */
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
    reclaimed: 0,
    hasLinked: false,
    notices: new Set(),
    refusedTargets: [],
  }
}

// The Bot API server holds a request for up to 8 s before it says 429 (TDLib NetQueryDelayer.cpp): given up earlier, it would be one without an answer.
export const leastMilliseconds = 10_000

/** True if a request that starts after `wait` has the time that it may need. */
export function fits(wait: number, until: number, now: number): boolean {
  return now + wait + leastMilliseconds <= until
}
