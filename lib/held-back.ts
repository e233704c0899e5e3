import type { Clock } from './clock.ts'
import { namespaceOf, workloadOf } from './event/subject.ts'
import { dateOf, lastTimeOfDay } from './event/time.ts'
import { heldBackText } from './format/held-back.ts'
import type { Words } from './format/words/en.ts'
import { counted, type Drop, totalOf } from './incident/held-back.ts'
import { orOutage, type Store, type Versioned } from './incident/store.ts'
import { keepNews, type NewsDependencies, ownEvent } from './news.ts'
import { isHeldBack, type Settled } from './outcome.ts'
import type { Ruleset } from './route/compiled.ts'
import { minutesOf } from './route/quiet.ts'
import type { Item } from './telegram/deliver.ts'

/** When and where it is told; undefined: never. */
type Schedule = Ruleset['heldBack']

/** When its days begin and end. */
type TimeOfDay = Pick<NonNullable<Schedule>, 'at' | 'zone'>

const dayMilliseconds = 24 * 60 * 60_000
const keptMilliseconds = 3 * dayMilliseconds

interface CountDependencies {
  store: Store
  clock: Clock
  heldBack: Schedule
}

/**
 * Counts what rules held back of a batch: one write for each of its partitions that has something new. What comes again is counted once; what
 * the state can't take now is not counted.
 */
export async function countHeldBack(
  settled: readonly Settled[],
  deadline: number,
  dependencies: CountDependencies,
): Promise<void> {
  const { store, clock, heldBack } = dependencies
  if (!store.isDurable || !heldBack) return
  const partitions = Map.groupBy(settled.filter(isCounted), ({ record }) => record.mapKey)
  if (partitions.size === 0 || clock.now() >= deadline) return
  const period = periodOf(clock.now(), heldBack)
  await orOutage(async () => {
    const known = await store.readCounters([...partitions.keys()])
    for (const [name, items] of partitions)
      if (clock.now() < deadline) await count(name, items.map(toDrop), known.get(name), period, dependencies)
  })
}

// Somebody else writes in between only while a partition changes hands.
const mostConflicts = 5

async function count(
  name: string,
  drops: Drop[],
  read: Versioned<Parameters<Store['saveCounter']>[1]> | undefined,
  period: string,
  { store, clock }: CountDependencies,
): Promise<void> {
  let known = read
  for (let tries = 0; tries < mostConflicts; tries += 1) {
    const next = counted(known?.value, drops, period)
    if (!next) return
    const written = await store.saveCounter(name, next, known?.version ?? 0, clock.now() + keptMilliseconds)
    if ('version' in written) return
    known = written.current
  }
}

function isCounted({ rule, event, result }: Settled): boolean {
  return rule !== undefined && event !== undefined && result.outcome === 'skipped' && isHeldBack(result)
}

function toDrop({ record, rule = '', event }: Settled): Drop {
  const who = event ? [namespaceOf(event), workloadOf(event).name].filter(Boolean).join('/') : ''
  return { offset: record.offset, rule, who }
}

export interface HeldBackDependencies extends NewsDependencies {
  heldBack: Schedule
  words: Words
  /** Days that this process knows to be told. */
  toldDays: Set<string>
}

/** Once a day, what was held back in the day that has ended. */
export async function heldBackNews(deadline: number, dependencies: HeldBackDependencies): Promise<Item[]> {
  const { store, clock, heldBack, words, toldDays } = dependencies
  if (!store.isDurable || !heldBack) return []
  const { day, endedAt } = lastEnded(clock.now(), heldBack)
  if (toldDays.has(day)) return []
  const counters = await orOutage(() => store.listCounters())
  if ('outage' in counters) return []
  const totals = totalOf(counters.value, day)
  if (totals.length === 0) {
    toldDays.add(day)
    return []
  }
  const message = heldBackText(totals, words)
  const event = ownEvent({ reason: 'HeldBack', type: 'Normal', kind: 'Day', name: day, message, at: endedAt })
  const items = await keepNews([event], heldBack.target, deadline, dependencies)
  // What could not be kept is tried again by the next sweep.
  if (items.length > 0) toldDays.add(day)
  return items
}

/**
 * The day that something at this moment counts for: that in which it began, which may be after midnight. It ends when its time of day is there
 * for the first time: what has ended does not go on where clocks are put back.
 */
export function periodOf(now: number, { at, zone }: TimeOfDay): string {
  return dateOf(lastTimeOfDay(now, minutesOf(at), zone).day)
}

/** The last day that has ended, and when. */
export function lastEnded(now: number, schedule: TimeOfDay): { day: string; endedAt: number } {
  const endedAt = lastTimeOfDay(now, minutesOf(schedule.at), schedule.zone).at
  return { day: periodOf(endedAt - 1, schedule), endedAt }
}
