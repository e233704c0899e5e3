import { mostPutOffMilliseconds } from '../core/incident/decide.ts'
import { type ChatState, type Closed, closedUntil, freshChat } from '../core/rate-limit/chat.ts'
import { asKnown } from '../core/routing/same-chats.ts'
import type { Target } from '../core/routing/target.ts'
import { sameChatsOf } from './deliver/rate-limit.ts'
import type { IncidentToDeliver } from './deliver/run.ts'
import { type Clock, orOutage, type Span, type Store, type Versioned } from './ports.ts'

/** A target that may have something due, and its chat's state. */
export interface DueTarget {
  /** The target's stable name. */
  name: string
  /** Undefined if the configuration does not have the name any more, and it is no chat id. */
  target: Target | undefined
  isConfigured: boolean
  chat: ChatState
  /** Set if the chat accepts no request now. */
  closed: Closed | undefined
}

interface DueTools {
  store: Store
  clock: Clock
  /** The target of this stable name, and whether the configuration still has it. */
  targetNamed: (name: string) => { target: Target | undefined; isConfigured: boolean }
}

// Telegram takes 20 a minute in a chat.
const mostOfSweep = 100
// As many as a batch sends, and some that prove not to be due.
const mostOfBatch = 10
const mostTargetsOfBatch = { own: 6, all: 8 }

// Only a wrong clock puts an incident off for longer. Looking for these costs as much as looking for what is due.
const farSearchApartMilliseconds = 10 * 60_000
const endOfTime = Number.MAX_SAFE_INTEGER

// A request needs ten seconds, and what becomes due meanwhile is delivered first.
const leastMilliseconds = 15_000

export type DueReader = ReturnType<typeof createDue>

/** Reads what is due: target by target, the worst first, and nothing of chats that take no request now. */
export function createDue({ store, clock, targetNamed }: DueTools) {
  // Whose turn is next, among a batch's own targets and among the others, from one batch to the next.
  const turns = { own: 0, others: 0 }
  // When this process last looked for what a wrong clock has put off, in ms since the epoch.
  let searchedFarAt = Number.NEGATIVE_INFINITY

  /** Every target that may have something due, with its chat's state. Rejects with StateUnavailable. */
  async function readTargets(): Promise<DueTarget[]> {
    const named = (await store.listDueTargets()).map((name) => ({ name, ...targetNamed(name) }))
    const chats = await readChats(named.flatMap(({ target }) => target?.chat ?? []))
    const sameChats = sameChatsOf(chats)
    const others = await readChats([...sameChats.values()].filter((name) => !chats.has(name)))
    return named.map(({ target, ...rest }) => {
      const known = target && asKnown(target, sameChats)
      const name = known?.chat ?? ''
      const chat = (chats.get(name) ?? others.get(name))?.value ?? freshChat
      return { ...rest, target: known, chat, closed: closedUntil(chat, clock.now()) }
    })
  }

  async function readChats(names: string[]) {
    return names.length === 0 ? new Map<string, Versioned<ChatState>>() : store.chats.read([...new Set(names)])
  }

  async function readIncidents(one: DueTarget, span: Span, most: number): Promise<IncidentToDeliver[]> {
    const due = await store.readDue(one.name, span, most)
    const incidents = await store.readIncidents(due.map(({ key }) => key))
    return due.flatMap(({ key }) => {
      const incident = incidents.get(key)
      const target = one.target ?? whereShown(one.name, incident?.delivery.shown?.chat)
      return incident && target ? [{ target, incident, records: [] }] : []
    })
  }

  return {
    readTargets,

    /** What a sweep delivers: of each chat that takes requests before the sweep ends, the worst and then the longest due. */
    async ofSweep(targets: DueTarget[], deadline: number): Promise<IncidentToDeliver[]> {
      const now = clock.now()
      const spans = [{ from: 0, until: now }]
      if (Math.abs(now - searchedFarAt) >= farSearchApartMilliseconds) {
        spans.push({ from: now + mostPutOffMilliseconds + 1, until: endOfTime })
        searchedFarAt = now
      }
      const open = targets.filter(
        ({ closed }) => !closed || (closed.why !== 'target broken' && closed.until <= deadline - leastMilliseconds),
      )
      const found = await Promise.all(
        spans.flatMap((span) => open.map((target) => readIncidents(target, span, mostOfSweep))),
      )
      return found.flat()
    },

    /**
     * What a batch delivers besides its own incidents, so that nothing waits for a sweep alone: of the batch's own targets, then of some others
     * in turn. Empty during an outage of the store.
     */
    async ofBatch(own: Set<string>, deadline: number): Promise<IncidentToDeliver[]> {
      const now = clock.now()
      if (!store.isDurable || now >= deadline) return []
      const found = await orOutage(async () => {
        const open = (await readTargets()).filter(({ closed }) => !closed)
        const mine = open.filter(({ name }) => own.has(name))
        const others = open.filter(({ name }) => !own.has(name))
        const chosen = fromTurn(mine, turns.own).slice(0, mostTargetsOfBatch.own)
        const alsoChosen = fromTurn(others, turns.others).slice(0, mostTargetsOfBatch.all - chosen.length)
        turns.own += chosen.length
        turns.others += alsoChosen.length
        const span = { from: 0, until: now }
        return Promise.all([...chosen, ...alsoChosen].map((target) => readIncidents(target, span, mostOfBatch)))
      })
      return 'value' in found ? found.value.flat() : []
    },

    /** The earliest time after `after` at which something is due in a chat that takes requests then; undefined if nothing is. */
    async next(after: number): Promise<number | undefined> {
      const times = await Promise.all(
        (await readTargets()).map(async ({ name, closed }) => {
          const due = await store.nextDue(name, after)
          return due === undefined ? Number.POSITIVE_INFINITY : Math.max(due, closed?.until ?? 0)
        }),
      )
      const first = Math.min(...times)
      return Number.isFinite(first) ? first : undefined
    },
  }
}

function fromTurn(targets: DueTarget[], turn: number): DueTarget[] {
  const first = targets.length === 0 ? 0 : turn % targets.length
  return [...targets.slice(first), ...targets.slice(0, first)]
}

/** The messages of a target that the configuration does not have any more stay in their chat. */
function whereShown(name: string, chat: string | undefined): Target | undefined {
  return chat === undefined ? undefined : { name, chat, threadId: undefined }
}
