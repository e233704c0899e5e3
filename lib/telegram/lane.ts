import type { Clock } from '../clock.ts'

/** What this process knows of a chat. */
export interface Chat {
  /** The id to send to: the configured one, or the supergroup's that the group became. */
  id: string
  /** Telegram's `retry_after` is over then. */
  coolDownUntil: number
  turn: Promise<void>
}

export type Lanes = ReturnType<typeof openLanes>

/** One lane per chat: whoever takes a turn has the chat alone until he gives it back. */
export function openLanes(clock: Clock) {
  const chats = new Map<string, Chat>()
  return {
    /** The chat and a function that gives it back; undefined if it was not free by `until`. */
    async take(name: string, until: number): Promise<{ chat: Chat; giveBack: () => void } | undefined> {
      const chat = chats.get(name) ?? { id: name, coolDownUntil: 0, turn: Promise.resolve() }
      chats.set(name, chat)
      const before = chat.turn
      const { promise: mine, resolve: giveBack } = Promise.withResolvers<void>()
      chat.turn = before.then(() => mine)
      const isFree = await beforeTime(before, Math.max(0, until - clock.now()), clock)
      if (isFree) return { chat, giveBack }
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
