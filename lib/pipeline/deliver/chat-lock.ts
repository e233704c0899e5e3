import type { Clock } from '../ports.ts'

/** Takes turns in the chats of a process: an invocation has a chat alone until it gives the turn back. */
export type ChatTurns = ReturnType<typeof openChatTurns>

export function openChatTurns(clock: Clock) {
  const turns = new Map<string, Promise<void>>()
  return {
    /** Resolves with a function that ends the turn; with undefined if the turn did not begin by `until` (ms since the epoch). */
    async take(chat: string, until: number): Promise<(() => void) | undefined> {
      const before = turns.get(chat) ?? Promise.resolve()
      const { promise: mine, resolve: giveBack } = Promise.withResolvers<void>()
      turns.set(
        chat,
        before.then(() => mine),
      )
      const isFree = await beforeTime(before, Math.max(0, until - clock.now()), clock)
      if (isFree) return giveBack
      giveBack()
      return undefined
    },
  }
}

async function beforeTime(event: Promise<void>, milliseconds: number, clock: Clock): Promise<boolean> {
  const stop = new AbortController()
  const isInTime = await Promise.race([
    event.then(() => true),
    clock.sleep(milliseconds, stop.signal).then(() => false),
  ])
  stop.abort()
  return isInTime
}
