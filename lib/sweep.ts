import { compareSeverity } from './event/severity.ts'
import { type HeldBackDependencies, heldBackNews } from './held-back.ts'
import type { Incident } from './incident/incident.ts'
import { orOutage, type Store } from './incident/store.ts'
import { deliverAll } from './news.ts'
import { observeSweep } from './observe/batch.ts'
import type { Log } from './observe/log.ts'
import type { Meter } from './observe/meter.ts'
import type { Target } from './route/target.ts'
import { type SilenceDependencies, silenceNews } from './silence.ts'
import { type Deliver, type Item, type Report, TokenRefused } from './telegram/deliver.ts'

export interface SweepDependencies extends HeldBackDependencies, SilenceDependencies {
  deliver: Deliver
  log: Log
  functionName: string
  meter: Meter
  /** The target of this stable name, as it is configured now. */
  targetOf: TargetOf
}

type TargetOf = (name: string, incident: Incident) => Target

export interface SweepReport {
  /** Incidents that still owe something; where there was no time to count, of those whose turn it was. */
  owed: number
  /** The earliest time at which something is due, in ms since the epoch; undefined if nothing is. */
  nextAt: number | undefined
}

/**
 * Pays what is owed and due, through the same step as a batch; any number may sweep one store, since only a claim decides who sends.
 * A sweep that is missing delays and loses nothing. Ends before `deadline`; rejects if Telegram refuses the token or the state is not there.
 */
export async function sweep(deadline: number, dependencies: SweepDependencies): Promise<SweepReport> {
  const { store, clock } = dependencies
  const startedAt = clock.now()
  const news = [...(await heldBackNews(deadline, dependencies)), ...(await silenceNews(deadline, dependencies))]
  const items = [...news, ...(await findDue(store, startedAt, mostOfSweep, dependencies, keysOf(news)))]
  const report = await deliverAll(items, { deadline, patienceUntil: deadline }, dependencies)
  const left = clock.now() < deadline ? await store.countOwed() : undefined
  const [next] = left ? await store.readDue(Number.MAX_SAFE_INTEGER, 1) : []
  observeSweep({ ...report, items, left, startedAt, now: clock.now() }, dependencies)
  if (report.refusedToken !== undefined) throw new TokenRefused(report.refusedToken)
  return { owed: left?.count ?? stillOwed(report), nextAt: next?.due }
}

function keysOf(items: readonly Item[]): Set<string> {
  return new Set(items.map(({ incident }) => incident.key))
}

function stillOwed({ ends }: Report): number {
  return [...ends.values()].filter(({ result }) => result.outcome === 'owed').length
}

/** What is due besides what a batch has touched, as far as the state can be read. A batch pays it too, so that nothing waits for a sweep. */
export async function dueItems(
  store: Store,
  now: number,
  deadline: number,
  touched: Set<string>,
  names: { targetOf: TargetOf },
): Promise<Item[]> {
  if (!store.isDurable || now >= deadline) return []
  const found = await orOutage(() => findDue(store, now, mostOfBatch, names, touched))
  return 'value' in found ? found.value : []
}

interface Most {
  /** Of all targets together. */
  found: number
  /** Of each target, the worst of those found. */
  read: number
}

// Telegram takes 20 a minute in a chat. A sweep finds all there is in any but the worst hour, so that a chat that takes nothing hides no other.
const mostOfSweep: Most = { found: 10_000, read: 100 }
const mostOfBatch: Most = { found: 100, read: 20 }

async function findDue(
  store: Store,
  now: number,
  most: Most,
  { targetOf }: { targetOf: TargetOf },
  touched = new Set<string>(),
): Promise<Item[]> {
  const due = (await store.readDue(now, most.found)).filter(({ key }) => !touched.has(key))
  const chosen = [...Map.groupBy(due, ({ target }) => target).values()].flatMap((list) =>
    list.toSorted((a, b) => compareSeverity(b.severity, a.severity) || a.due - b.due).slice(0, most.read),
  )
  const incidents = await store.readIncidents(chosen.map(({ key }) => key))
  return chosen.flatMap(({ key, target: name }) => {
    const incident = incidents.get(key)
    return incident ? [{ target: targetOf(name, incident), incident, records: [] }] : []
  })
}
