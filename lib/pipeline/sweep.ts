import type { Log } from '../adapters/log/log.ts'
import { type Deliver, once, type Report, TokenRefused } from './deliver/deliver.ts'
import type { RefusedTarget } from './deliver/run.ts'
import { type DueDependencies, dueOfSweep, type Lane, type Look, readLanes } from './due.ts'
import { type GiveUpDependencies, giveUp } from './give-up.ts'
import type { Meter } from './meter.ts'
import { observeSweep } from './observe.ts'
import { deliverAll, tellRefused } from './own-events.ts'
import { type SuppressedDependencies, suppressedEvents } from './suppressed.ts'
import { type WatchdogDependencies, watchdogEvents } from './watchdog.ts'

export interface SweepDependencies
  extends SuppressedDependencies,
    WatchdogDependencies,
    DueDependencies,
    GiveUpDependencies {
  look: Look
  deliver: Deliver
  log: Log
  functionName: string | undefined
  meter: Meter
}

export interface SweepReport {
  /** Incidents that still owe something; where there was no time to count, of those whose turn it was. */
  pending: number
  /** When something of what it could not deliver may be tried again, in ms since the epoch; undefined if there is nothing. */
  retryAt: number | undefined
}

/**
 * Pays what is pending and due, through the same step as a batch; any number may sweep one store, since only a lease decides who sends.
 * A sweep that is missing delays and loses nothing. Ends before `deadline`; rejects if Telegram refuses the token or the state is not there.
 */
export async function sweep(deadline: number, dependencies: SweepDependencies): Promise<SweepReport> {
  const { store, clock } = dependencies
  const startedAt = clock.now()
  const lanes = await readLanes(dependencies)
  const news = [
    ...(await suppressedEvents(deadline, dependencies)),
    ...(await watchdogEvents(deadline, dependencies)),
    ...(await tellRefused(lanes.flatMap(refusedOf), deadline, dependencies)),
    ...(await giveUp(lanes, deadline, dependencies)),
  ]
  const items = once([...news, ...(await dueOfSweep(lanes, dependencies.look, deadline, dependencies))])
  const limits = { deadline, patienceUntil: deadline, mostOfChat: Number.POSITIVE_INFINITY }
  const report = await deliverAll(items, limits, dependencies)
  const left = clock.now() < deadline ? await store.countPending() : undefined
  observeSweep({ ...report, items, left, startedAt, now: clock.now() }, dependencies)
  if (report.refusedToken !== undefined) throw new TokenRefused(report.refusedToken)
  return { pending: left?.count ?? pendingOf(report).length, retryAt: retryAtOf(lanes, report, clock.now()) }
}

/** A chat that Telegram refuses, and of which the fallback target has not been told: who found out may have died before. */
function refusedOf({ target, chat: { broken } }: Lane): RefusedTarget[] {
  return target && broken && !broken.isTold ? [{ target, detail: broken.why, since: broken.since }] : []
}

function pendingOf({ ends }: Report) {
  return [...ends.values()].filter(({ result }) => result.outcome === 'pending')
}

function retryAtOf(lanes: Lane[], report: Report, now: number): number | undefined {
  const closed = lanes.flatMap((lane) => (lane.closed && lane.closed.until > now ? lane.closed.until : []))
  const pending = pendingOf(report).map(({ retryAt = now }) => retryAt)
  const times = [...closed, ...pending]
  return times.length === 0 ? undefined : Math.min(...times)
}
