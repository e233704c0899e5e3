import type { Clock } from '../adapters/clock.ts'
import { mostPutOffMilliseconds } from '../core/incident/decide.ts'
import { type ChatState, type Closed, closedUntil, freshChat } from '../core/rate-limit/chat.ts'
import { asKnown } from '../core/routing/same-chats.ts'
import type { Target } from '../core/routing/target.ts'
import { sameChatsOf } from './deliver/chat.ts'
import type { Item } from './deliver/deliver.ts'
import { type Due, orOutage, type Span, type Store, type Versioned } from './ports.ts'

/** A target that may have something due, and what is known of its chat. */
export interface Lane {
  /** The target's stable name. */
  name: string
  /** Undefined where the name stands in the configuration no more and is no chat id. */
  target: Target | undefined
  isConfigured: boolean
  chat: ChatState
  /** The chat takes no request before then. */
  closed: Closed | undefined
}

export interface DueDependencies {
  store: Store
  clock: Clock
  /** The target of this stable name, and whether the configuration still has it. */
  targetNamed: (name: string) => { target: Target | undefined; isConfigured: boolean }
}

/** Every target that may have something due, with what is known of its chat. Rejects with StateUnavailable. */
export async function readLanes(dependencies: DueDependencies): Promise<Lane[]> {
  const { store, clock, targetNamed } = dependencies
  const named = (await store.listLanes()).map((name) => ({ name, ...targetNamed(name) }))
  const chats = await readChats(named.flatMap(({ target }) => target?.chat ?? []))
  const sameChats = sameChatsOf(chats)
  const others = await readChats([...sameChats.values()].filter((name) => !chats.has(name)))
  return named.map(({ target, ...lane }) => {
    const known = target && asKnown(target, sameChats)
    const name = known?.chat ?? ''
    const chat = (chats.get(name) ?? others.get(name))?.value ?? freshChat
    return { ...lane, target: known, chat, closed: closedUntil(chat, clock.now()) }
  })

  async function readChats(names: string[]) {
    return names.length === 0 ? new Map<string, Versioned<ChatState>>() : store.chats.read([...new Set(names)])
  }
}

// Telegram takes 20 a minute in a chat.
const mostOfSweep = 100
// As many as a batch sends, and some that prove not to be due.
const mostOfBatch = 10
const mostLanesOfBatch = { own: 6, all: 8 }

// Only a wrong clock puts off for longer. Each look takes as much as one for what is due.
const looksApartMilliseconds = 10 * 60_000

/** When a process last looked for what a wrong clock has put off, in ms since the epoch. */
export interface Look {
  at: number
}

// A request needs ten seconds, and what becomes due meanwhile is delivered first.
const leastMilliseconds = 15_000

/** Reads what a sweep delivers: of each chat that takes requests before it ends, the worst and then the longest due. Rejects with StateUnavailable. */
export async function dueOfSweep(
  lanes: Lane[],
  look: Look,
  deadline: number,
  dependencies: DueDependencies,
): Promise<Item[]> {
  const now = dependencies.clock.now()
  const spans = [{ from: 0, until: now }]
  if (Math.abs(now - look.at) >= looksApartMilliseconds) {
    spans.push({ from: now + mostPutOffMilliseconds + 1, until: endOfTime })
    look.at = now
  }
  const open = lanes.filter(
    ({ closed }) => !closed || (closed.why !== 'target broken' && closed.until <= deadline - leastMilliseconds),
  )
  const items = await Promise.all(
    spans.flatMap((span) => open.map((lane) => readItems(lane, span, mostOfSweep, dependencies))),
  )
  return items.flat()
}

const endOfTime = Number.MAX_SAFE_INTEGER

/** The chats whose turn is next, among a batch's own and among the others. It is kept from one batch of a process to the next. */
export interface Turns {
  own: number
  others: number
}

/**
 * Reads what a batch delivers besides its own incidents, so that nothing waits for a sweep alone: of the batch's own chats, then of some others in
 * turn. Empty where the state can't be read.
 */
export async function dueOfBatch(
  own: Set<string>,
  turns: Turns,
  deadline: number,
  dependencies: DueDependencies,
): Promise<Item[]> {
  const { store, clock } = dependencies
  const now = clock.now()
  if (!store.isDurable || now >= deadline) return []
  const found = await orOutage(async () => {
    const open = (await readLanes(dependencies)).filter(({ closed }) => !closed)
    const mine = fromTurn(
      open.filter(({ name }) => own.has(name)),
      turns.own,
    ).slice(0, mostLanesOfBatch.own)
    const others = fromTurn(
      open.filter(({ name }) => !own.has(name)),
      turns.others,
    )
    const chosen = [...mine, ...others.slice(0, mostLanesOfBatch.all - mine.length)]
    turns.own += mine.length
    turns.others += chosen.length - mine.length
    const span = { from: 0, until: now }
    return Promise.all(chosen.map((lane) => readItems(lane, span, mostOfBatch, dependencies)))
  })
  return 'value' in found ? found.value.flat() : []
}

function fromTurn(lanes: Lane[], turn: number): Lane[] {
  const first = lanes.length === 0 ? 0 : turn % lanes.length
  return [...lanes.slice(first), ...lanes.slice(0, first)]
}

async function readItems(lane: Lane, span: Span, most: number, { store }: DueDependencies): Promise<Item[]> {
  const due = await store.readDue(lane.name, span, most)
  const incidents = await store.readIncidents(due.map(({ key }) => key))
  return due.flatMap(({ key }: Due) => {
    const incident = incidents.get(key)
    const target = lane.target ?? whereShown(lane, incident?.shown?.chat)
    return incident && target ? [{ target, incident, records: [] }] : []
  })
}

/** A name that stands in the configuration no more: its messages stay in the chat that they are in. */
function whereShown({ name }: Lane, chat: string | undefined): Target | undefined {
  return chat === undefined ? undefined : { name, chat, threadId: undefined }
}

/** The earliest time after `after` at which something is due in a chat that takes requests then; undefined if nothing is. */
export async function nextDue(after: number, dependencies: DueDependencies): Promise<number | undefined> {
  const { store } = dependencies
  const times = await Promise.all(
    (await readLanes(dependencies)).map(async ({ name, closed }) => {
      const due = await store.nextDue(name, after)
      return due === undefined ? Number.POSITIVE_INFINITY : Math.max(due, closed?.until ?? 0)
    }),
  )
  const first = Math.min(...times)
  return Number.isFinite(first) ? first : undefined
}
