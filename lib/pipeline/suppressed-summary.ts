import { dateOf, lastTimeOfDay } from '../core/event/time.ts'
import { namespaceOf, workloadOf } from '../core/event/workload.ts'
import { type SuppressedRecord, totalOf, withSuppressed } from '../core/incident/suppressed-counts.ts'
import { suppressedText } from '../core/message/own-event-texts.ts'
import type { Words } from '../core/message/words/en.ts'
import { isSuppressed, type RecordOutcome } from '../core/outcome.ts'
import { minutesOf } from '../core/routing/quiet.ts'
import type { Ruleset } from '../core/routing/ruleset.ts'
import type { IncidentToDeliver } from './deliver/run.ts'
import { ownEvent, type RaiseOwnEvents } from './own-events.ts'
import { type Clock, orOutage, type Store, type Versioned } from './ports.ts'
import { updateAll, updateWithRetry } from './update-with-retry.ts'

/** When and where the daily summary is sent; undefined: never. */
type Schedule = Ruleset['suppressed']

/** When its days begin and end. */
type TimeOfDay = Pick<NonNullable<Schedule>, 'at' | 'zone'>

type Counter = Parameters<Store['counters']['save']>[1]

const dayMilliseconds = 24 * 60 * 60_000
const storedMilliseconds = 3 * dayMilliseconds

interface SuppressedTools {
  store: Store
  clock: Clock
  raise: RaiseOwnEvents
  schedule: Schedule
  words: Words
}

/** Counts the events that rules suppress, and tells their number once a day. */
export function createSuppressed({ store, clock, raise, schedule, words }: SuppressedTools) {
  // The days that this process knows to be told.
  const toldDays = new Set<string>()

  return {
    /**
     * One write for each partition that has something new. Records that come again are counted once; during an outage of the store nothing is
     * counted.
     */
    async count(outcomes: readonly RecordOutcome[], deadline: number): Promise<void> {
      if (!store.isDurable || !schedule) return
      const partitions = Map.groupBy(outcomes.filter(isCounted), ({ record }) => record.mapKey)
      if (partitions.size === 0 || clock.now() >= deadline) return
      const period = periodOf(clock.now(), schedule)
      const read = await orOutage(() => store.counters.read([...partitions.keys()]))
      if ('outage' in read) return
      await updateAll(partitions, { deadline, clock }, ([name, group]) =>
        updateWithRetry<Versioned<Counter>, object>(`counter ${name}`, read.value.get(name), async (known) => {
          const next = withSuppressed(known?.value, group.map(toSuppressed), period)
          if (!next) return {}
          return store.counters.save(name, next, known?.version ?? 0, clock.now() + storedMilliseconds)
        }),
      )
    },

    /** Once a day, an own event that tells what was suppressed in the day that has ended. */
    async dailySummary(deadline: number): Promise<IncidentToDeliver[]> {
      if (!store.isDurable || !schedule) return []
      const { day, endedAt } = lastEnded(clock.now(), schedule)
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
      const event = ownEvent({
        reason: 'SuppressedSummary',
        type: 'Normal',
        kind: 'Day',
        name: day,
        message,
        at: endedAt,
      })
      const raised = await raise([event], schedule.target, deadline)
      // If saving fails, the next sweep tries again.
      if (raised.length > 0) toldDays.add(day)
      return raised
    },
  }
}

function isCounted(one: RecordOutcome): boolean {
  return one.rule !== undefined && one.event !== undefined && one.outcome === 'skipped' && isSuppressed(one)
}

function toSuppressed({ record, rule = '', event }: RecordOutcome): SuppressedRecord {
  const who = event ? [namespaceOf(event), workloadOf(event).name].filter(Boolean).join('/') : ''
  return { offset: record.offset, rule, who }
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
