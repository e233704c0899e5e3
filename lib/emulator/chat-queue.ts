import type { Clock } from '../pipeline/ports.ts'
import type { Wait } from './virtual-clock.ts'

/** The requests to one chat, which are carried out in order, under the chat's rate limit. */
export interface ChatQueue {
  rateLimit: ChatRateLimit
  inFlight: number
  mostInFlight: number
  /** Runs jobs one after another, as TDLib does for each chat (SequenceDispatcher.cpp). */
  run<Result>(job: () => Promise<Result>, wait: Wait): Promise<Result>
}

export type ChatQueues = (chatId: number) => ChatQueue

export function openChatQueues(isPrivate: (chatId: number) => boolean, clock: Clock): ChatQueues {
  const queues = new Map<number, ChatQueue>()
  return (chatId) => {
    const queue = queues.get(chatId) ?? newQueue(createChatRateLimit(isPrivate(chatId), clock))
    queues.set(chatId, queue)
    return queue
  }
}

function newQueue(rateLimit: ChatRateLimit): ChatQueue {
  let last: Promise<unknown> = Promise.resolve()
  return {
    rateLimit,
    inFlight: 0,
    mostInFlight: 0,
    run(job, wait) {
      const done = wait(last).then(job, job)
      last = done
      return done
    },
  }
}

export type Admission =
  | { kind: 'go' }
  | { kind: 'wait'; milliseconds: number }
  | { kind: 'too many'; retryAfter: number }

/** One chat's rate limit and cool-down. Sends and edits share it (levlam, tdlib/td#2592). */
export interface ChatRateLimit {
  /** Whether a send or edit may go now, has to wait, or is refused. */
  next(): Admission
  /** Counts an accepted send or edit. */
  count(): void
  /** Whole seconds left of an earlier 429, or 0. */
  coolDownLeft(): number
  coolDown(seconds: number): void
}

/** 20 per minute in groups and channels; about one per second in a private chat, with short bursts (Bot FAQ). */
function createChatRateLimit(isPrivate: boolean, clock: Clock): ChatRateLimit {
  const limit = isPrivate ? 5 : 20
  const window = isPrivate ? 5_000 : 60_000
  const accepted: number[] = []
  let coolUntil = 0
  return {
    next() {
      const milliseconds = (accepted.at(-limit) ?? -Infinity) + window - clock.now()
      if (milliseconds <= 0) return { kind: 'go' }
      // TDLib delays a request by up to 8 s itself (NetQueryCreator.cpp, total_timeout_limit).
      if (milliseconds <= 8_000) return { kind: 'wait', milliseconds }
      return { kind: 'too many', retryAfter: Math.ceil(milliseconds / 1000) }
    },
    count() {
      accepted.push(clock.now())
      if (accepted.length > limit) accepted.shift()
    },
    coolDownLeft: () => Math.max(0, Math.ceil((coolUntil - clock.now()) / 1000)),
    coolDown(seconds) {
      coolUntil = Math.max(coolUntil, clock.now() + seconds * 1000)
    },
  }
}
