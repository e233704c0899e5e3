import {
  type ChatState,
  type Freed,
  freshChat,
  giveBack,
  isPrivateChat,
  reserveSlot,
  type SlotDecision,
  slotMilliseconds,
  type Urgency,
} from '../../core/rate-limit/chat.ts'
import { type Clock, orOutage, readDocument, type Store, type Versioned } from '../ports.ts'
import { updateWithRetry } from '../update-with-retry.ts'

export type Ticket =
  | { token: string; startAt: number }
  | { waitUntil: number; why: 'cool-down' | 'rate limit' | 'target broken' | 'retry later' }

/** A chat's sliding window and state, which all invocations share. */
export interface RateLimit {
  chat: () => ChatState
  /** A slot for one request, or until when none is free for this urgency. Rejects with StateUnavailable. */
  take(urgency: Urgency, wish: SlotWish): Promise<Ticket>
  /** When the slot's request started, and when it was answered. Saved with the next slot, or by `close`. */
  answered(token: string, startedAt: number, at: number): void
  /** The slot's request has not started. */
  unused(token: string): void
  /** Never rejects for an outage: the change then holds for this invocation, and is written with the next slot. */
  change(update: (chat: ChatState) => ChatState): Promise<void>
  /** A change that can wait for the next slot, or for `close`. */
  note(update: (chat: ChatState) => ChatState): void
  /** One write, if something has not been written yet. */
  close(): Promise<void>
}

/** When the request may start and end, and whether it may start in a back-off (core/rate-limit/chat.ts). */
export interface SlotWish {
  /** Read again for each try: for a time long past, a cool-down that another invocation has just saved would look like that of a wrong clock. */
  clock: Pick<Clock, 'now'>
  startBefore: number
  endsBefore: number
  ignoresBackOff: boolean
}

export async function openRateLimit(name: string, store: Store, newToken: () => string): Promise<RateLimit> {
  let known: Versioned<ChatState> = (await readDocument(store.chats, name)) ?? unknownChat
  let freed: Freed[] = []
  // Changes that are not saved yet. If another invocation has saved the chat, they are applied to its state.
  let unwritten: ((chat: ChatState) => ChatState)[] = []
  const present = () => unwritten.reduce((chat, update) => update(chat), giveBack(known.value, freed))

  // Another invocation may write in between. Its slots count, too, so that no slot is taken twice.
  async function save<Plan extends { chat: ChatState } | object>(plan: (chat: ChatState) => Plan): Promise<Plan> {
    const { planned } = await updateWithRetry<Versioned<ChatState>, { planned: Plan }>(
      `chat ${name}`,
      known,
      async (current = unknownChat) => {
        known = current
        const planned = plan(present())
        const chat = chatIn(planned)
        if (!chat) return { planned }
        const written = await store.chats.save(name, chat, current.version)
        if ('current' in written) return written
        known = { version: written.version, value: chat }
        freed = []
        unwritten = []
        return { planned }
      },
    )
    return planned
  }

  return {
    chat: present,
    async take(urgency, { clock, ...wish }) {
      const token = newToken()
      const isPrivate = isPrivateChat(present().movedTo ?? name)
      const taken = await save<SlotDecision>((chat) =>
        reserveSlot(chat, { token, urgency, now: clock.now(), ...wish }, isPrivate),
      )
      return 'startAt' in taken ? { token, startAt: taken.startAt } : taken
    },
    answered: (token, startAt, at) => void freed.push({ token, startAt, freeAt: at + slotMilliseconds }),
    unused: (token) => void freed.push({ token, freeAt: 'unused' }),
    note: (update) => void unwritten.push(update),
    async change(update) {
      unwritten.push(update)
      await orOutage(() => save((chat) => ({ chat })))
    },
    close: async () => {
      if (freed.length > 0 || unwritten.length > 0) await save((chat) => ({ chat }))
    },
  }
}

/** The chat's new state; undefined if the plan changes nothing. */
function chatIn(plan: object): ChatState | undefined {
  return 'chat' in plan ? (plan.chat as ChatState) : undefined
}

const unknownChat: Versioned<ChatState> = { version: 0, value: freshChat }

/**
 * Remembers that `name` and `id` are one chat: from their next invocation on all processes use one rate limit and one name for it. The name
 * that was stored first stays. False if it could not be saved; then the next answer brings it up again.
 */
export async function linkChat(name: string, id: string, rateLimit: RateLimit, store: Store): Promise<boolean> {
  const linked = await orOutage(async () => {
    const { sameAs, acceptedAt } = (await readDocument(store.chats, id))?.value ?? freshChat
    const isFirst = sameAs === undefined && acceptedAt === undefined
    const first = isFirst ? name : (sameAs ?? id)
    if (isFirst) await changeChat(id, store, (chat) => ({ ...chat, sameAs: name }))
    await rateLimit.change((chat) => ({ ...chat, id, ...(first === name ? {} : { sameAs: first }) }))
  })
  return 'value' in linked
}

/** The other id or name of those chats that the store knows under one. Rejects with StateUnavailable. */
export async function readSameChats(chats: string[], store: Store): Promise<Map<string, string>> {
  return sameChatsOf(await store.chats.read(chats))
}

export function sameChatsOf(chats: ReadonlyMap<string, Versioned<ChatState>>): Map<string, string> {
  const pairs = [...chats].map(([name, { value }]) => [name, value.sameAs] as const)
  return new Map(pairs.flatMap(([name, sameAs]) => (sameAs === undefined ? [] : [[name, sameAs]])))
}

/** Changes a chat's state outside of a delivery. Rejects with StateUnavailable. */
export async function changeChat(name: string, store: Store, update: (chat: ChatState) => ChatState): Promise<void> {
  const rateLimit = await openRateLimit(name, store, () => '')
  rateLimit.note(update)
  await rateLimit.close()
}
