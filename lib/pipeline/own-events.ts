import type { Clock } from '../adapters/clock.ts'
import { causeOf } from '../core/event/cause.ts'
import { type KubeEvent, toEvent } from '../core/event/event.ts'
import { isoTime } from '../core/event/time.ts'
import { fold, toDelivery, withoutRules } from '../core/incident/fold.ts'
import type { Renderer } from '../core/incident/incident.ts'
import { type Hash, workloadGroup } from '../core/incident/key.ts'
import { markTold } from '../core/rate-limit/chat.ts'
import type { Target } from '../core/routing/target.ts'
import { changeChat } from './deliver/chat.ts'
import type { Deliver, Item, Report } from './deliver/deliver.ts'
import type { Limits, RefusedTarget } from './deliver/run.ts'
import { orOutage, type Store } from './ports.ts'
import { keep } from './save.ts'

export interface OwnEventDependencies {
  store: Store
  renderer: Renderer
  clock: Clock
  hash: Hash
  hasIncidents: boolean
  /** Is told what other targets refuse. */
  fallback: Target | undefined
}

/**
 * What the program itself has to say, as events of its own: so it is one message, kept, pending and paid like all others. `incident` is what
 * they belong to, where that is not the object's name. Empty where the state is away: the log has it, too.
 */
export async function saveOwnEvents(
  events: KubeEvent[],
  target: Target,
  deadline: number,
  dependencies: OwnEventDependencies,
  incident?: string,
): Promise<Item[]> {
  const { hash, hasIncidents } = dependencies
  const deliveries = events.map((event) => {
    const record = { mapKey: '', topic: '', partition: -1, offset: -1, value: event.uid }
    const workload = { kind: event.involvedObject.kind, name: incident ?? event.involvedObject.name }
    const facts = { event, cluster: '', cause: causeOf(event), workload }
    return toDelivery({ record, target, ...withoutRules(facts) }, hasIncidents, hash)
  })
  const kept = await keep(fold(deliveries, hash), deadline, dependencies)
  return kept.flatMap((one) => ('failure' in one ? [] : [{ target, incident: one.incident, records: [] }]))
}

/** Delivers, and tells the fallback target, once, what Telegram refuses of the others. */
export async function deliverAll(
  items: Item[],
  limits: Limits,
  dependencies: OwnEventDependencies & { deliver: Deliver },
): Promise<Report> {
  const { deliver } = dependencies
  const report = await deliver(items, limits)
  if (report.refusedToken !== undefined) return report
  const news = await tellRefused(report.refusedTargets, limits.deadline, dependencies)
  if (news.length === 0) return report
  const told = await deliver(news, limits)
  return {
    ...report,
    requests: report.requests + told.requests,
    edits: report.edits + told.edits,
    rateLimited: report.rateLimited + told.rateLimited,
    reclaimed: report.reclaimed + told.reclaimed,
    notices: [...report.notices, ...told.notices],
  }
}

/**
 * Keeps for the fallback target that Telegram refuses others. Only once that is saved are their chats marked as told, so that a process that
 * dies in between leaves it to the next one; the same event again changes nothing.
 */
export async function tellRefused(
  targets: readonly RefusedTarget[],
  deadline: number,
  dependencies: OwnEventDependencies,
): Promise<Item[]> {
  const { fallback, store } = dependencies
  const refused = targets.filter(({ target }) => target.chat !== fallback?.chat)
  if (!fallback || refused.length === 0) return []
  const events = refused.map(({ target, detail, since }) =>
    ownEvent({
      reason: 'TargetRefused',
      type: 'Warning',
      kind: 'Target',
      name: target.name,
      message: `${detail}. What is pending there is kept for 24 hours, and shown as soon as Telegram takes it: tried again every five minutes.`,
      at: since,
    }),
  )
  const news = await saveOwnEvents(events, fallback, deadline, dependencies)
  if (!store.isDurable) return news
  const saved = new Set(news.map(({ incident }) => incident.identity.workload.name))
  for (const { target } of refused)
    if (saved.has(workloadGroup({ kind: 'Target', name: target.name }).name))
      await orOutage(() => changeChat(target.chat, store, markTold))
  return news
}

interface OwnEvent {
  reason: string
  type: 'Normal' | 'Warning'
  kind: string
  name: string
  message: string
  /** Milliseconds since the epoch. */
  at: number
  /** When it began, where that is not `at`. */
  since?: number
  /** What the same again has, too, where that is not name and reason. */
  id?: string
  /** The greater is the later one of the same moment. */
  version?: number
  /** How many it stands for. */
  count?: number
}

/** An event that the program writes; its name says what it is about, so that the same again is the same. */
export function ownEvent({
  reason,
  type,
  kind,
  name,
  message,
  at,
  since = at,
  id,
  version = 1,
  count = 1,
}: OwnEvent): KubeEvent {
  const event = toEvent({
    metadata: {
      name: id ?? `${name}.${reason}`,
      uid: `${reason}/${id ?? name}`,
      resourceVersion: String(version),
    },
    involvedObject: { kind, name },
    firstTimestamp: isoTime(since),
    lastTimestamp: isoTime(at),
    ...{ reason, type, message, count },
  })
  if (!event) throw new Error('not an event')
  return event
}
