import type { Clock } from '../clock.ts'
import type { Renderer } from '../incident/incident.ts'
import type { Store } from '../incident/store.ts'
import type { Result, UnshownWhy } from '../outcome.ts'
import type { Target } from '../route/target.ts'
import type { Budget } from './budget.ts'
import type { TelegramClient } from './client.ts'

/** What the lanes of one invocation share. */
export interface Run {
  /** Milliseconds since the epoch. */
  deadline: number
  /** Until when a lane waits for a slot or a cool-down; what is durable need not wait long. */
  patienceUntil: number
  /** Partitions with a deferred record, by their map key: with STATE=memory no later record of theirs is started. */
  deferredPartitions: Set<string>
  /** Chats that get no further request, and why. */
  haltedChats: Map<string, { why: UnshownWhy; detail: string }>
  /** Set once Telegram refused the token: nobody gets a further request. */
  refusedToken: string | undefined
  /** Requests to Telegram, and how many of them it answered with 429. */
  requests: number
  rateLimited: number
  edits: number
  /** Sends that repeat one whose end nobody knows. */
  reclaimed: number
  /** What an operator should mend. */
  notices: Set<string>
  /** Targets that Telegram has just refused, and had not before. */
  refusedTargets: RefusedTarget[]
}

/** A target for which Telegram takes no message, and what it said. */
export interface RefusedTarget {
  target: Target
  detail: string
}

/** What an incident's turn in a chat's lane works with. */
export interface PayContext {
  store: Store
  client: TelegramClient
  budget: Budget
  renderer: Renderer
  run: Run
  clock: Clock
  newToken: () => string
}

/** How an incident's turn ended, for each of the records that wait for it. */
export interface End {
  /** `nothing`: its message shows all of it. */
  result: Result | { outcome: 'nothing'; why: 'shown' | 'text refused' | 'forgotten' | 'below atLeast' }
  milliseconds: number
}

export function startRun(deadline: number, patienceUntil: number): Run {
  return {
    deadline,
    patienceUntil,
    deferredPartitions: new Set(),
    haltedChats: new Map(),
    refusedToken: undefined,
    requests: 0,
    rateLimited: 0,
    edits: 0,
    reclaimed: 0,
    notices: new Set(),
    refusedTargets: [],
  }
}

/** After the deadline, no request that was started before it is under way any more, also in a sandbox that was frozen meanwhile. */
export const claimMilliseconds = 15_000

// The Bot API server holds a request for up to 8 s before it says 429 (TDLib NetQueryDelayer.cpp): given up earlier, it would be one without an answer.
export const leastMilliseconds = 10_000

/** True if a request that starts after `wait` has the time that it may need. */
export function fits(wait: number, until: number, now: number): boolean {
  return now + wait + leastMilliseconds <= until
}
