import {
  type ChatState,
  type Freed,
  freshChat,
  giveBack,
  isPrivateChat,
  slotMilliseconds,
  takeSlot,
  type Urgency,
} from '../budget/chat.ts'
import { orOutage, StateUnavailable, type Store, type Versioned } from '../incident/store.ts'

export type Ticket =
  | { token: string; startAt: number }
  | { waitUntil: number; why: 'cool-down' | 'budget' | 'target broken' }

/** One lane's hold on what all invocations know of a chat. */
export interface Budget {
  chat: () => ChatState
  /** A slot for one request, or until when there is none for one so urgent. Rejects with StateUnavailable. */
  take(urgency: Urgency, times: { now: number; startBefore: number; endsBefore: number }): Promise<Ticket>
  /** When the slot's request started, and when it was answered; it is written down with the next slot, or at the end. */
  answered(token: string, startedAt: number, at: number): void
  /** The slot's request has not started. */
  unused(token: string): void
  /** Never rejects for an outage: the change then holds for this lane, and is written with the next slot. */
  change(update: (chat: ChatState) => ChatState): Promise<void>
  /** One write at the end of the lane, if there is something to give back. */
  close(): Promise<void>
}

export async function openBudget(name: string, store: Store, newToken: () => string): Promise<Budget> {
  let known: Versioned<ChatState> = (await store.readChat(name)) ?? { version: 0, value: freshChat }
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
      const written = await store.saveChat(name, planned.chat, known.version)
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
    async take(urgency, times) {
      const token = newToken()
      const isPrivate = isPrivateChat(present().movedTo ?? name)
      const taken = await save((chat) => takeSlot(chat, { token, urgency, ...times }, isPrivate))
      return 'startAt' in taken ? { token, startAt: taken.startAt } : taken
    },
    answered: (token, startAt, at) => void freed.push({ token, startAt, freeAt: at + slotMilliseconds }),
    unused: (token) => void freed.push({ token, freeAt: 'unused' }),
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
