import type { Deliver, DeliveryReport } from './deliver/deliver.ts'
import type { IncidentToDeliver, RefusedTarget } from './deliver/run.ts'
import type { DueReader, DueTarget } from './due.ts'
import type { SweepFindings } from './log-and-metrics.ts'
import type { Clock, Store } from './ports.ts'
import { TokenRefused } from './respond.ts'

export interface SweepStages {
  store: Pick<Store, 'countPending'>
  clock: Clock
  due: DueReader
  /** Own events that sweeps raise, from each of their sources. */
  ownEvents: ((targets: DueTarget[], deadline: number) => Promise<IncidentToDeliver[]>)[]
  deliver: Deliver
  observe: (findings: SweepFindings) => void
}

export interface SweepResult {
  /** Incidents that still have something pending; if there was no time to count, of those that had their turn. */
  pending: number
  /** When something that could not be delivered may be tried again, in ms since the epoch; undefined if there is nothing. */
  retryAt: number | undefined
}

/**
 * Delivers what is pending and due, by the same step as a batch. Any number of sweeps may share a store, since a lease decides which one sends.
 * A sweep that does not run delays messages and loses nothing. Ends before `deadline` (ms since the epoch). Rejects if Telegram refuses the
 * token, or the store is not available.
 */
export async function sweep(deadline: number, stages: SweepStages): Promise<SweepResult> {
  const { store, clock, due, ownEvents, deliver, observe } = stages
  const startedAt = clock.now()
  const targets = await due.readTargets()
  const items: IncidentToDeliver[] = []
  for (const raise of ownEvents) items.push(...(await raise(targets, deadline)))
  items.push(...(await due.ofSweep(targets, deadline)))
  const limits = { deadline, patienceUntil: deadline, mostOfChat: Number.POSITIVE_INFINITY }
  const report = await deliver(once(items), limits)
  const left = clock.now() < deadline ? await store.countPending() : undefined
  observe({ report, left, startedAt, endedAt: clock.now() })
  if (report.refusedToken !== undefined) throw new TokenRefused(report.refusedToken)
  const pending = stillPending(report)
  return { pending: left?.count ?? pending.length, retryAt: retryAtOf(targets, pending, clock.now()) }
}

/** Each incident once, as it was read first. */
function once(items: IncidentToDeliver[]): IncidentToDeliver[] {
  return [...new Map(items.toReversed().map((item) => [item.incident.key, item])).values()].toReversed()
}

/** Chats that Telegram refuses, if the fallback target has not been told: the process that found out may have died. */
export function refusedTargets(targets: DueTarget[]): RefusedTarget[] {
  return targets.flatMap(({ target, chat: { broken } }) =>
    target && broken && !broken.isTold ? [{ target, detail: broken.why, since: broken.since }] : [],
  )
}

function stillPending({ delivered }: DeliveryReport) {
  return delivered.filter(({ end }) => end.result.outcome === 'pending')
}

function retryAtOf(targets: DueTarget[], pending: DeliveryReport['delivered'], now: number): number | undefined {
  const closed = targets.flatMap((target) => (target.closed && target.closed.until > now ? target.closed.until : []))
  const times = [...closed, ...pending.map(({ end: { retryAt = now } }) => retryAt)]
  return times.length === 0 ? undefined : Math.min(...times)
}
