import type { Clock } from '../../adapters/clock.ts'
import type { TelegramClient } from '../../adapters/telegram/client.ts'
import type { KafkaRecord } from '../../core/event/record.ts'
import { compareSeverity } from '../../core/event/severity.ts'
import { urgencyOf } from '../../core/incident/decide.ts'
import type { Incident, Renderer } from '../../core/incident/incident.ts'
import type { UnshownWhy } from '../../core/outcome.ts'
import { closedUntil, type Urgency } from '../../core/rate-limit/chat.ts'
import type { Target } from '../../core/routing/target.ts'
import { orOutage, type Store } from '../ports.ts'
import { openRateLimit } from './chat.ts'
import type { Lanes } from './chat-turns.ts'
import { pay, type Turn, unshown } from './deliver-incident.ts'
import { type DeliverContext, type End, type Limits, type RefusedTarget, type Run, startRun } from './run.ts'
import { isWorthWaiting } from './slot.ts'

/** An incident that may owe something. */
export interface Item {
  target: Target
  /** As it was read or saved last. */
  incident: Incident
  /** The records of this batch that wait for it. */
  records: KafkaRecord[]
}

/** Each incident once, as it was read first. */
export function once(items: Item[]): Item[] {
  return [...new Map(items.toReversed().map((item) => [item.incident.key, item])).values()].toReversed()
}

export interface Report {
  /** One for each item, by its incident's key. */
  ends: Map<string, End>
  requests: number
  edits: number
  rateLimited: number
  reclaimed: number
  /** What an operator should mend: a chat that refuses, a group that has a new id. Each said once. */
  notices: string[]
  refusedTargets: RefusedTarget[]
  /** Two ids or names were found to be one chat. */
  hasLinked: boolean
  /** What Telegram said when it refused the token: the invocation has to fail. */
  refusedToken: string | undefined
}

export type Deliver = (items: Item[], limits: Limits) => Promise<Report>
/** The same, with what this invocation works with. */
export type DeliverIn = (items: Item[], limits: Limits, place: Place) => Promise<Report>

interface Place {
  store: Store
  renderer: Renderer
}

export interface DeliverDependencies {
  client: TelegramClient
  clock: Clock
  /** Another text each time, in all processes. */
  newToken: () => string
}

/**
 * Pays what incidents owe: one lane per chat, worst first (each record its own incident: in the given order), one request at a time.
 * Ends before `deadline`. Rejects for bugs only, after every lane has ended.
 */
export function createDeliver(lanes: Lanes, { client, ...tools }: DeliverDependencies): DeliverIn {
  return async (items, limits, place) => {
    const run = startRun(limits)
    const dependencies = { ...tools, client, ...place }
    const ends = new Map<string, End>()
    const [pending, settled] = parted(items, ({ incident }) => incident.pendingSince !== undefined)
    for (const { incident } of settled)
      ends.set(incident.key, { result: nothing(incident, dependencies), milliseconds: 0 })
    const ended = await Promise.allSettled(
      [...Map.groupBy(pending, ({ target }) => target.chat)].map(([chat, lane]) =>
        runLane(chat, lane, { lanes, run, ends, dependencies }),
      ),
    )
    client.close()
    for (const end of ended) if (end.status === 'rejected') throw end.reason
    const { requests, edits, rateLimited, reclaimed, notices, refusedTargets, refusedToken, hasLinked } = run
    const counts = { requests, edits, rateLimited, reclaimed }
    return { ends, ...counts, notices: [...notices], refusedTargets, refusedToken, hasLinked }
  }
}

interface LaneRun {
  lanes: Lanes
  run: Run
  ends: Map<string, End>
  dependencies: DeliverDependencies & Place
}

async function runLane(chat: string, items: Item[], { lanes, run, ends, dependencies }: LaneRun): Promise<void> {
  const { clock, store, newToken } = dependencies
  const giveBack = await lanes.take(chat, run.deadline)
  const isInTime = giveBack !== undefined && clock.now() < run.deadline
  try {
    const opened = isInTime ? await orOutage(() => openRateLimit(chat, store, newToken)) : undefined
    if (!opened || 'outage' in opened) {
      const result = unshown(dependencies, opened ? 'state unavailable' : 'deadline')
      for (const { incident } of items) ends.set(incident.key, { result, milliseconds: 0 })
      return
    }
    const rateLimit = opened.value
    // Another process has found that this chat is known by another name: from the next invocation on this one uses that, too.
    if (rateLimit.chat().sameAs !== undefined) run.hasLinked = true
    await takeTurns(items, ends, { ...dependencies, rateLimit, run, lane: { halted: undefined, failures: 0 } })
    const [first] = items
    const closed = closedUntil(rateLimit.chat(), clock.now())
    for (const { incident } of closed ? items : []) {
      const end = ends.get(incident.key)
      if (closed && end) ends.set(incident.key, { ...end, retryAt: Math.max(end.retryAt ?? 0, closed.until) })
    }
    const { broken } = rateLimit.chat()
    if (first && broken && !broken.isTold)
      run.refusedTargets.push({ target: first.target, detail: broken.why, since: broken.since })
    // A slot that is not given back frees itself.
    if (clock.now() < run.deadline) await orOutage(rateLimit.close)
  } finally {
    giveBack?.()
  }
}

/** An incident that has not had its turn, and what it waits for. */
interface Waiting {
  item: Item
  urgency: Urgency
  until: number
  why: UnshownWhy
  detail: string
}

/**
 * Each incident's turn. What has to wait for a slot lets others go first that need fewer free ones. After a failure the next turn is that of
 * the incident with the fewest failures: if it succeeds the failure was the message's own, else it is the chat's, which then backs off.
 */
async function takeTurns(items: Item[], ends: Map<string, End>, context: DeliverContext): Promise<void> {
  const { clock, run, lane } = context
  const queue = new Set(
    worstFirst(items).map((item): Waiting => {
      return { item, urgency: urgencyOf(item.incident), until: 0, why: 'next sweep', detail: '' }
    }),
  )
  const end = (waiting: Waiting, ended: End) => {
    queue.delete(waiting)
    ends.set(waiting.item.incident.key, ended)
  }
  let asked = 0
  while (queue.size > 0 && asked < run.mostOfChat) {
    const startedAt = clock.now()
    const ready = [...queue].filter(({ until }) => until <= startedAt)
    const next = lane.failures > 0 ? fewestFailures(ready) : ready[0]
    if (!next) {
      const times = [...queue].flatMap(({ why, until }) => (isWorthWaiting(why, until, context) ? until : []))
      if (times.length === 0) break
      await clock.sleep(Math.min(...times) - startedAt)
      continue
    }
    const turn = await takeTurn(next.item, context)
    if ('waits' in turn) {
      const { waits: why, detail, until } = turn
      for (const one of queue) {
        // A lease is the incident's, slots are a matter of urgency, and all else is the chat's.
        const waitsToo = why === 'leased' ? one === next : why !== 'rate limit' || one.urgency === next.urgency
        if (waitsToo) Object.assign(one, { why, detail, until })
      }
      continue
    }
    if (turn.hasAsked) asked += 1
    // Now that the chat takes messages, those whose end nobody knew need not wait any longer.
    if (turn.hasAsked && lane.failures === 0) for (const one of queue) if (one.why === 'leased') one.until = 0
    const { result, retryAt } = turn
    if (result.outcome === 'returned') for (const { mapKey } of next.item.records) run.returnedPartitions.add(mapKey)
    const milliseconds = clock.now() - startedAt
    end(next, { result, milliseconds, ...(retryAt === undefined ? {} : { retryAt }) })
  }
  for (const waiting of queue) {
    const { item, why, detail, until } = waiting
    const result = isBehind(item, context) ? unshown(context, 'behind') : unshown(context, why, detail)
    if (result.outcome === 'returned') for (const { mapKey } of item.records) run.returnedPartitions.add(mapKey)
    end(waiting, { result, milliseconds: 0, retryAt: until })
  }
}

async function takeTurn({ incident, target, records }: Item, context: DeliverContext): Promise<Turn> {
  const { run, lane } = context
  if (isBehind({ incident, target, records }, context)) return { result: unshown(context, 'behind'), hasAsked: false }
  if (run.refusedToken !== undefined)
    return { result: unshown(context, 'token refused', run.refusedToken), hasAsked: false }
  if (lane.halted) return { result: unshown(context, lane.halted.why, lane.halted.detail), hasAsked: false }
  const turn = await pay(incident, target, context)
  if ('waits' in turn) return turn
  const { result } = turn
  // Where no record waits there is nothing to give back to Kafka.
  const isKept = result.outcome === 'returned' && records.length === 0
  return isKept ? { ...turn, result: unshown(context, result.why, result.detail) } : turn
}

/** With STATE=memory a record waits for the ones before it in its partition. */
function isBehind({ records }: Item, { store, run }: DeliverContext): boolean {
  return !store.isDurable && records.length > 0 && records.every(({ mapKey }) => run.returnedPartitions.has(mapKey))
}

function fewestFailures(ready: Waiting[]): Waiting | undefined {
  const failuresOf = ({ item: { incident } }: Waiting) =>
    (incident.retry?.tries ?? 0) + (incident.unknowns ?? 0) + (incident.lease?.unknowns ?? 0)
  return ready.reduce<Waiting | undefined>(
    (a, b) => (a === undefined || failuresOf(b) < failuresOf(a) ? b : a),
    undefined,
  )
}

function nothing({ refused, merged, identity, isBelow, held }: Incident, { renderer }: Place): End['result'] {
  if (isBelow) return { outcome: 'nothing', why: 'below atLeast' }
  const isRefused =
    refused !== undefined &&
    (merged.events.length === 0 || renderer.text({ identity, merged, ...(held ? { held } : {}) }).hash === refused)
  return { outcome: 'nothing', why: isRefused ? 'text refused' : 'shown' }
}

/** Records that are incidents of their own stay in order: what is pending by when it came, and a batch's by partition and offset. */
function worstFirst(items: Item[]): Item[] {
  if (items.some(({ incident }) => incident.identity.record !== undefined)) {
    const [due, own] = parted(items, ({ records }) => records.length === 0)
    const cameAt = ({ incident: { pendingSince = 0 } }: Item) => pendingSince
    const happenedAt = ({ incident: { merged } }: Item) => merged.lastAt
    return [...due.toSorted((a, b) => cameAt(a) - cameAt(b) || happenedAt(a) - happenedAt(b)), ...own]
  }
  const isNew = ({ incident }: Item) => (incident.shown ? 0 : 1)
  const pendingSince = ({ incident }: Item) => incident.pendingSince ?? 0
  return items.toSorted(
    (a, b) =>
      compareSeverity(b.incident.merged.severity, a.incident.merged.severity) ||
      isNew(b) - isNew(a) ||
      pendingSince(a) - pendingSince(b),
  )
}

function parted<Value>(values: Value[], isFirst: (value: Value) => boolean): [Value[], Value[]] {
  return [values.filter(isFirst), values.filter((value) => !isFirst(value))]
}

/** Telegram does not know the token, or nothing of the Bot API answers at the API root. */
export class TokenRefused extends Error {
  constructor(said: string) {
    super(
      `Telegram refuses the bot token (${said}): check TELEGRAM_BOT_TOKEN, or the parameter or secret that holds it, and TELEGRAM_API_ROOT`,
    )
    this.name = 'TokenRefused'
  }
}
