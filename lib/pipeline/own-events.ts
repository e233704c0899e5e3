import { causeOf } from '../core/event/cause-of.ts'
import { type KubeEvent, toEvent } from '../core/event/event.ts'
import { isoTime } from '../core/event/time.ts'
import { fold, toTargetedEvent, withoutRules } from '../core/incident/fold.ts'
import { workloadGroup } from '../core/incident/key.ts'
import { markTold } from '../core/rate-limit/chat.ts'
import type { Target } from '../core/routing/target.ts'
import { changeChat } from './deliver/rate-limit.ts'
import type { IncidentToDeliver, RefusedTarget } from './deliver/run.ts'
import { orOutage, type Store } from './ports.ts'
import type { Save } from './save.ts'

/** Saves own events for a target. Resolves with their incidents; with none during an outage of the store. */
export type RaiseOwnEvents = (
  events: KubeEvent[],
  target: Target,
  deadline: number,
  /** The incident that they belong to, where that is not the object's name. */
  incident?: string,
) => Promise<IncidentToDeliver[]>

/** Own events are saved and delivered like all others: each incident is one message. */
export function createRaiseOwnEvents({ save, hasIncidents }: { save: Save; hasIncidents: boolean }): RaiseOwnEvents {
  return async (events, target, deadline, incident) => {
    const targeted = events.map((event) => {
      const record = { mapKey: '', topic: '', partition: -1, offset: -1, value: event.uid }
      const workload = { kind: event.involvedObject.kind, name: incident ?? event.involvedObject.name }
      const facts = { event, cluster: '', cause: causeOf(event), workload }
      return toTargetedEvent({ record, target, ...withoutRules(facts) }, hasIncidents)
    })
    const updates = fold(targeted).map((change) => ({ key: change.key, target, change, annotations: [] }))
    const saved = await save(updates, deadline)
    return saved.flatMap((one) =>
      'incident' in one && one.incident ? [{ target, incident: one.incident, records: [] }] : [],
    )
  }
}

/**
 * Saves for the fallback target that Telegram refuses others. Only then are their chats marked as told, so that if a process dies in between,
 * the next one tells it; the same event again changes nothing.
 */
export function createReportRefusals({
  raise,
  store,
  fallback,
}: {
  raise: RaiseOwnEvents
  store: Store
  fallback: Target | undefined
}) {
  return async (targets: readonly RefusedTarget[], deadline: number): Promise<IncidentToDeliver[]> => {
    const refused = targets.filter(({ target }) => target.chat !== fallback?.chat)
    if (!fallback || refused.length === 0) return []
    const raised = await raise(refused.map(refusalEvent), fallback, deadline)
    if (!store.isDurable) return raised
    const saved = new Set(raised.map(({ incident }) => incident.body.identity.workload.name))
    for (const { target } of refused)
      if (saved.has(workloadGroup({ kind: 'Target', name: target.name }).name))
        await orOutage(() => changeChat(target.chat, store, markTold))
    return raised
  }
}

function refusalEvent({ target, detail, since }: RefusedTarget): KubeEvent {
  return ownEvent({
    reason: 'TargetRefused',
    type: 'Warning',
    kind: 'Target',
    name: target.name,
    message: `${detail}. Its messages stay pending for 24 hours. The target is tried again every five minutes.`,
    at: since,
  })
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
  /** What makes two events the same one, where that is not name and reason. */
  id?: string
  /** Of two events of the same moment, the one with the greater version is the later one. */
  version?: number
  /** How many it stands for. */
  count?: number
}

/** An event that the program itself raises. Raised again with the same name and reason, it is the same event. */
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
    reason,
    type,
    message,
    count,
  })
  if (!event) throw new Error('not an event')
  return event
}
