import type { Clock } from '../adapters/clock.ts'
import { dateOf, lastTimeOfDay } from '../core/event/time.ts'
import { namespaceOf, workloadOf } from '../core/event/workload.ts'
import { counted, type Drop, type Suppressed, totalOf } from '../core/incident/suppressed.ts'
import { suppressedText } from '../core/message/own-event-texts.ts'
import type { Words } from '../core/message/words/en.ts'
import { isSuppressed, type Settled } from '../core/outcome.ts'
import type { Ruleset } from '../core/routing/compiled.ts'
import { minutesOf } from '../core/routing/quiet.ts'
import type { Item } from './deliver/deliver.ts'
import { type OwnEventDependencies, ownEvent, saveOwnEvents } from './own-events.ts'
import { orOutage, type Store, type Versioned } from './ports.ts'

/** When and where it is told; undefined: never. */
type Schedule = Ruleset['suppressed']

/** When its days begin and end. */
type TimeOfDay = Pick<NonNullable<Schedule>, 'at' | 'zone'>

const dayMilliseconds = 24 * 60 * 60_000
const keptMilliseconds = 3 * dayMilliseconds

interface CountDependencies {
  store: Store
  clock: Clock
  suppressed: Schedule
}

/**
 * Counts what rules held back of a batch: one write for each of its partitions that has something new. What comes again is counted once; what
 * the state can't take now is not counted.
 */
export async function countSuppressed(
  settled: readonly Settled[],
  deadline: number,
  dependencies: CountDependencies,
): Promise<void> {
  const { store, clock, suppressed } = dependencies
  if (!store.isDurable || !suppressed) return
  const partitions = Map.groupBy(settled.filter(isCounted), ({ record }) => record.mapKey)
  if (partitions.size === 0 || clock.now() >= deadline) return
  const period = periodOf(clock.now(), suppressed)
  await orOutage(async () => {
    const known = await store.counters.read([...partitions.keys()])
    for (const [name, items] of partitions)
      if (clock.now() < deadline) await count(name, items.map(toDrop), known.get(name), period, dependencies)
  })
}

// Somebody else writes in between only while a partition changes hands.
const mostConflicts = 5

async function count(
  name: string,
  drops: Drop[],
  read: Versioned<Suppressed> | undefined,
  period: string,
  { store, clock }: CountDependencies,
): Promise<void> {
  let known = read
  for (let tries = 0; tries < mostConflicts; tries += 1) {
    const next = counted(known?.value, drops, period)
    if (!next) return
    const written = await store.counters.save(name, next, known?.version ?? 0, clock.now() + keptMilliseconds)
    if ('version' in written) return
    known = written.current
  }
}

function isCounted({ rule, event, result }: Settled): boolean {
  return rule !== undefined && event !== undefined && result.outcome === 'skipped' && isSuppressed(result)
}

function toDrop({ record, rule = '', event }: Settled): Drop {
  const who = event ? [namespaceOf(event), workloadOf(event).name].filter(Boolean).join('/') : ''
  return { offset: record.offset, rule, who }
}

export interface SuppressedDependencies extends OwnEventDependencies {
  suppressed: Schedule
  words: Words
  /** Days that this process knows to be told. */
  toldDays: Set<string>
}

/** Once a day, what was held back in the day that has ended. */
export async function suppressedEvents(deadline: number, dependencies: SuppressedDependencies): Promise<Item[]> {
  const { store, clock, suppressed, words, toldDays } = dependencies
  if (!store.isDurable || !suppressed) return []
  const { day, endedAt } = lastEnded(clock.now(), suppressed)
  if (toldDays.has(day)) return []
  const counters = await orOutage(() => store.counters.list())
  if ('outage' in counters) return []
  const totals = totalOf(
    [...counters.value.values()].map(({ value }) => value),
    day,
  )
  if (totals.length === 0) {
    toldDays.add(day)
    return []
  }
  const message = suppressedText(totals, words)
  const event = ownEvent({ reason: 'SuppressedSummary', type: 'Normal', kind: 'Day', name: day, message, at: endedAt })
  const items = await saveOwnEvents([event], suppressed.target, deadline, dependencies)
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
