import type { Deferred } from '../outcome.ts'

/** What the lanes of one invocation share. */
export interface Run {
  /** Milliseconds since the epoch. */
  deadline: number
  /** Partitions with a deferred record, by their map key: no later record of theirs is started. */
  deferredPartitions: Set<string>
  /** Chats that get no further request, and why. */
  haltedChats: Map<string, Deferred>
  /** Set once Telegram refused the token: nobody gets a further request. */
  refusedToken: Deferred | undefined
  /** Records whose request had no answer: not repeated in this invocation, wherever the same record lies. */
  unanswered: Set<string>
  /** Targets whose thread is gone: their messages go to the chat without it. */
  threadless: Set<string>
  requests: number
  /** How many requests Telegram answered with 429. */
  rateLimited: number
  /** What an operator should mend. */
  notices: Set<string>
}

export function startRun(deadline: number): Run {
  return {
    deadline,
    deferredPartitions: new Set(),
    haltedChats: new Map(),
    refusedToken: undefined,
    unanswered: new Set(),
    threadless: new Set(),
    requests: 0,
    rateLimited: 0,
    notices: new Set(),
  }
}
