import { compareSeverity } from '../../core/event/severity.ts'
import type { Presentation } from '../../core/incident/decide.ts'
import { urgencyOf } from '../../core/incident/decide.ts'
import type { Body, Incident, Renderer } from '../../core/incident/incident.ts'
import type { UndeliveredWhy } from '../../core/outcome.ts'
import { closedUntil, type Urgency } from '../../core/rate-limit/chat.ts'
import { type Clock, orOutage, type Store, type TelegramClient } from '../ports.ts'
import type { ChatTurns } from './chat-lock.ts'
import { deliverIncident, type TurnEnd, undelivered } from './deliver-incident.ts'
import { openRateLimit } from './rate-limit.ts'
import {
  type DeliverContext,
  type DeliveryEnd,
  type IncidentToDeliver,
  type Limits,
  type RefusedTarget,
  type Run,
  startRun,
} from './run.ts'
import { isWorthWaiting } from './slot.ts'

export interface Delivered<Item extends IncidentToDeliver> {
  item: Item
  end: DeliveryEnd
}

export interface DeliveryReport<Item extends IncidentToDeliver = IncidentToDeliver> {
  /** One for each item. */
  delivered: Delivered<Item>[]
  /** The same for the own events that told the fallback target about refusals. */
  told: Delivered<IncidentToDeliver>[]
  requests: number
  edits: number
  rateLimited: number
  possibleRepeats: number
  /** What an operator should mend, each said once: a chat that refuses, a group that has a new id. */
  notices: string[]
  /** Two ids or names turned out to be one chat. */
  hasLinked: boolean
  /** What Telegram said when it refused the token: the invocation has to fail. */
  refusedToken: string | undefined
}

export type Deliver = <Item extends IncidentToDeliver>(items: Item[], limits: Limits) => Promise<DeliveryReport<Item>>

interface DeliverTools {
  store: Store
  client: TelegramClient
  clock: Clock
  renderer: Renderer
  present: (body: Body, now: number) => Presentation
  turns: ChatTurns
  /** A different text each time, in all processes. */
  newToken: () => string
  /** Saves own events about these targets for the fallback target, and resolves with their incidents. */
  reportRefusals: (targets: RefusedTarget[], deadline: number) => Promise<IncidentToDeliver[]>
}

/**
 * Delivers incidents, chat by chat, the worst first (without incidents: in the given order), one request at a time. Then tells the fallback
 * target which targets Telegram refuses. Ends before the deadline. Rejects for bugs only, after every chat has ended.
 */
export function createDeliver(tools: DeliverTools): Deliver {
  return async (items, limits) => {
    const run = startRun(limits)
    const ended = await deliverRun(items, run).finally(() => tools.client.close())
    const { requests, edits, rateLimited, possibleRepeats, notices, refusedToken, hasLinked } = run
    return { ...ended, requests, edits, rateLimited, possibleRepeats, notices: [...notices], refusedToken, hasLinked }
  }

  async function deliverRun<Item extends IncidentToDeliver>(items: Item[], run: Run) {
    const delivered = await deliverAll(items, run)
    const refusals = run.refusedToken === undefined ? await tools.reportRefusals(run.refusedTargets, run.deadline) : []
    return { delivered, told: await deliverAll(refusals, run) }
  }

  async function deliverAll<Item extends IncidentToDeliver>(items: Item[], run: Run): Promise<Delivered<Item>[]> {
    const isPending = ({ incident }: Item) => incident.delivery.pendingSince !== undefined
    const shown = items
      .filter((item) => !isPending(item))
      .map((item) => ({ item, end: { result: nothingPending(item.incident, tools), milliseconds: 0 } }))
    const chats = Map.groupBy(items.filter(isPending), ({ target }) => target.chat)
    const ended = await Promise.allSettled([...chats].map(([chat, group]) => deliverToChat(chat, group, run, tools)))
    for (const end of ended) if (end.status === 'rejected') throw end.reason
    return [...shown, ...ended.flatMap((end) => (end.status === 'fulfilled' ? end.value : []))]
  }
}

async function deliverToChat<Item extends IncidentToDeliver>(
  chat: string,
  items: Item[],
  run: Run,
  tools: DeliverTools,
): Promise<Delivered<Item>[]> {
  const { clock, store, turns, newToken } = tools
  const endTurn = await turns.take(chat, run.deadline)
  const isInTime = endTurn !== undefined && clock.now() < run.deadline
  try {
    const opened = isInTime ? await orOutage(() => openRateLimit(chat, store, newToken)) : undefined
    if (!opened || 'outage' in opened) {
      const result = undelivered(tools, opened ? 'state unavailable' : 'deadline')
      return items.map((item) => ({ item, end: { result, milliseconds: 0 } }))
    }
    const rateLimit = opened.value
    // Another process has found that this chat has a second name. The next invocation uses it, too.
    if (rateLimit.chat().sameAs !== undefined) run.hasLinked = true
    const chatRun = { halted: undefined, failures: 0 }
    const delivered = await takeTurns(items, { ...tools, rateLimit, run, chatRun })
    const closed = closedUntil(rateLimit.chat(), clock.now())
    const [first] = items
    const { broken } = rateLimit.chat()
    if (first && broken && !broken.isTold)
      run.refusedTargets.push({ target: first.target, detail: broken.why, since: broken.since })
    // A slot that is not given back expires by itself.
    if (clock.now() < run.deadline) await orOutage(rateLimit.close)
    return closed ? delivered.map((one) => notBefore(one, closed.until)) : delivered
  } finally {
    endTurn?.()
  }
}

function notBefore<Item extends IncidentToDeliver>({ item, end }: Delivered<Item>, until: number): Delivered<Item> {
  return { item, end: { ...end, retryAt: Math.max(end.retryAt ?? 0, until) } }
}

/** An incident that has not had its turn, and what it waits for. */
interface Waiting<Item extends IncidentToDeliver> {
  item: Item
  urgency: Urgency
  until: number
  why: UndeliveredWhy
  detail: string
}

/**
 * Each incident's turn. An incident that waits for a slot lets others go first that need fewer free ones. After a failure the next turn is
 * that of the incident with the fewest failures: if it succeeds, the failure was the message's own; else it is the chat's, which then backs
 * off.
 */
async function takeTurns<Item extends IncidentToDeliver>(
  items: Item[],
  context: DeliverContext,
): Promise<Delivered<Item>[]> {
  const { clock, run, chatRun } = context
  const queue = new Set(
    worstFirst(items).map((item): Waiting<Item> => {
      return { item, urgency: urgencyOf(item.incident), until: 0, why: 'next sweep', detail: '' }
    }),
  )
  const delivered: Delivered<Item>[] = []
  const end = (waiting: Waiting<Item>, ended: DeliveryEnd) => {
    queue.delete(waiting)
    delivered.push({ item: waiting.item, end: ended })
    if (ended.result.outcome === 'returned')
      for (const { mapKey } of waiting.item.records) run.returnedPartitions.add(mapKey)
  }
  let asked = 0
  while (queue.size > 0 && asked < run.mostOfChat) {
    const startedAt = clock.now()
    const ready = [...queue].filter(({ until }) => until <= startedAt)
    const next = chatRun.failures > 0 ? fewestFailures(ready) : ready[0]
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
        // A lease is the incident's, slots depend on the urgency, and everything else is the chat's.
        const waitsToo = why === 'leased' ? one === next : why !== 'rate limit' || one.urgency === next.urgency
        if (waitsToo) Object.assign(one, { why, detail, until })
      }
      continue
    }
    if (turn.hasAsked) asked += 1
    // The chat takes messages again, so messages with an unknown result need not wait any longer.
    if (turn.hasAsked && chatRun.failures === 0) for (const one of queue) if (one.why === 'leased') one.until = 0
    const { result, retryAt } = turn
    const milliseconds = clock.now() - startedAt
    end(next, { result, milliseconds, hasAsked: turn.hasAsked, ...(retryAt === undefined ? {} : { retryAt }) })
  }
  for (const waiting of queue) {
    const { item, why, detail, until } = waiting
    const result = isBehind(item, context) ? undelivered(context, 'behind') : undelivered(context, why, detail)
    end(waiting, { result, milliseconds: 0, retryAt: until })
  }
  return delivered
}

async function takeTurn(item: IncidentToDeliver, context: DeliverContext): Promise<TurnEnd> {
  const { run, chatRun } = context
  if (isBehind(item, context)) return { result: undelivered(context, 'behind'), hasAsked: false }
  if (run.refusedToken !== undefined)
    return { result: undelivered(context, 'token refused', run.refusedToken), hasAsked: false }
  if (chatRun.halted) {
    const { why, detail } = chatRun.halted
    return { result: undelivered(context, why, detail), hasAsked: false }
  }
  const turn = await deliverIncident(item.incident, item.target, context)
  if ('waits' in turn || turn.result.outcome !== 'returned' || item.records.length > 0) return turn
  // No record waits for it, so nothing can go back to Kafka.
  return { ...turn, result: undelivered(context, turn.result.why, turn.result.detail) }
}

/** With STATE=memory a record waits for the earlier ones of its partition. */
function isBehind({ records }: IncidentToDeliver, { store, run }: DeliverContext): boolean {
  return !store.isDurable && records.length > 0 && records.every(({ mapKey }) => run.returnedPartitions.has(mapKey))
}

function fewestFailures<Item extends IncidentToDeliver>(ready: Waiting<Item>[]): Waiting<Item> | undefined {
  const failuresOf = ({ item: { incident } }: Waiting<Item>) => {
    const { retry, unknowns = 0, lease } = incident.delivery
    return (retry?.tries ?? 0) + unknowns + (lease?.unknowns ?? 0)
  }
  return ready.reduce<Waiting<Item> | undefined>(
    (a, b) => (a === undefined || failuresOf(b) < failuresOf(a) ? b : a),
    undefined,
  )
}

function nothingPending(
  { body, delivery: { refused } }: Incident,
  { renderer }: Pick<DeliverTools, 'renderer'>,
): DeliveryEnd['result'] {
  if (body.isBelow) return { outcome: 'nothing', why: 'below atLeast' }
  const isRefused = refused !== undefined && (body.merged.events.length === 0 || renderer.text(body).hash === refused)
  return { outcome: 'nothing', why: isRefused ? 'text refused' : 'shown' }
}

/** Without incidents records stay in order: what is pending by when it came, then a batch's by partition and offset. */
function worstFirst<Item extends IncidentToDeliver>(items: Item[]): Item[] {
  const pendingSince = ({ incident }: Item) => incident.delivery.pendingSince ?? 0
  if (items.some(({ incident }) => incident.body.identity.record !== undefined)) {
    const happenedAt = ({ incident }: Item) => incident.body.merged.lastAt
    const due = items.filter(({ records }) => records.length === 0)
    const own = items.filter(({ records }) => records.length > 0)
    return [...due.toSorted((a, b) => pendingSince(a) - pendingSince(b) || happenedAt(a) - happenedAt(b)), ...own]
  }
  const isNew = ({ incident }: Item) => (incident.delivery.shown ? 0 : 1)
  return items.toSorted(
    (a, b) =>
      compareSeverity(b.incident.body.merged.severity, a.incident.body.merged.severity) ||
      isNew(b) - isNew(a) ||
      pendingSince(a) - pendingSince(b),
  )
}
