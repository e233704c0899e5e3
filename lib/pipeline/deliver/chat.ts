import {
  type ChatState,
  type Freed,
  freshChat,
  giveBack,
  isPrivateChat,
  slotMilliseconds,
  takeSlot,
  type Urgency,
} from '../../core/rate-limit/chat.ts'
import { orOutage, readDocument, StateUnavailable, type Store, type Versioned } from '../ports.ts'

export type Ticket =
  | { token: string; startAt: number }
  | { waitUntil: number; why: 'cool-down' | 'rate limit' | 'target broken' | 'retry later' }

/** One lane's hold on what all invocations know of a chat. */
export interface RateLimit {
  chat: () => ChatState
  /** A slot for one request, or until when there is none for one so urgent. Rejects with StateUnavailable. */
  take(urgency: Urgency, wish: SlotWish): Promise<Ticket>
  /** When the slot's request started, and when it was answered; it is written down with the next slot, or at the end. */
  answered(token: string, startedAt: number, at: number): void
  /** The slot's request has not started. */
  unused(token: string): void
  /** Never rejects for an outage: the change then holds for this lane, and is written with the next slot. */
  change(update: (chat: ChatState) => ChatState): Promise<void>
  /** A change that can wait for the next slot, or for the end of the lane. */
  note(update: (chat: ChatState) => ChatState): void
  /** One write at the end of the lane, if there is something to give back. */
  close(): Promise<void>
}

/** When the request may start and end, and whether it may start in a back-off (budget/chat.ts). */
export interface SlotWish {
  now: number
  startBefore: number
  endsBefore: number
  ignoresBackOff: boolean
}

export async function openRateLimit(name: string, store: Store, newToken: () => string): Promise<RateLimit> {
  let known: Versioned<ChatState> = (await readDocument(store.chats, name)) ?? { version: 0, value: freshChat }
  let freed: Freed[] = []
  // What could not be written yet, so that nobody else's write in between makes it forgotten.
  let unwritten: ((chat: ChatState) => ChatState)[] = []
  const present = () => unwritten.reduce((chat, update) => update(chat), giveBack(known.value, freed))

  // Whoever else writes in between is looked at again, so that no slot is taken twice.
  async function save<Result>(plan: (chat: ChatState) => { chat: ChatState } & Result): Promise<Result>
  async function save<Result>(plan: (chat: ChatState) => Result): Promise<Result>
  async function save(plan: (chat: ChatState) => { chat?: ChatState }): Promise<unknown> {
    for (let tries = 0; tries < mostConflicts; tries += 1) {
      const planned = plan(present())
      if (!planned.chat) return planned
      const written = await store.chats.save(name, planned.chat, known.version)
      if ('version' in written) {
        known = { version: written.version, value: planned.chat }
        freed = []
        unwritten = []
        return planned
      }
      known = written.current ?? { version: 0, value: freshChat }
    }
    throw new StateUnavailable(`chat ${name} changes too often`)
  }

  return {
    chat: present,
    async take(urgency, wish) {
      const token = newToken()
      const isPrivate = isPrivateChat(present().movedTo ?? name)
      const taken = await save((chat) => takeSlot(chat, { token, urgency, ...wish }, isPrivate))
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

const mostConflicts = 50

/**
 * Remembers that `name` and `id` are one chat: from their next invocation on all processes use one rateLimit and one name for it. Whichever
 * was there first stays. False where the state could not take it; then the next answer brings it up again.
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

/** Which of these chats the state knows by another id or name. Rejects with StateUnavailable. */
export async function readSameChats(chats: string[], store: Store): Promise<Map<string, string>> {
  return sameChatsOf(await store.chats.read(chats))
}

export function sameChatsOf(chats: ReadonlyMap<string, Versioned<ChatState>>): Map<string, string> {
  const pairs = [...chats].map(([name, { value }]) => [name, value.sameAs] as const)
  return new Map(pairs.flatMap(([name, sameAs]) => (sameAs === undefined ? [] : [[name, sameAs]])))
}

/** Changes what is known of a chat outside of a lane. Rejects with StateUnavailable. */
export async function changeChat(name: string, store: Store, update: (chat: ChatState) => ChatState): Promise<void> {
  const rateLimit = await openRateLimit(name, store, () => '')
  rateLimit.note(update)
  await rateLimit.close()
}
