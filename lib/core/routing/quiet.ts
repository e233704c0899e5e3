import { compareSeverity, type Severity } from '../event/severity.ts'
import { lastTimeOfDay, momentsOf } from '../event/time.ts'
import type { Quiet } from './schema.ts'
import type { Target } from './target.ts'

/** Hours in which targets hear less; times of day in minutes. */
export interface QuietHours {
  /** By name; undefined: all. */
  targets: Set<string> | undefined
  /** 0 is Sunday: the days on which it begins. */
  days: Set<number> | undefined
  from: number
  to: number
  zone: string
  below: Severity
  action: 'silent' | 'hold'
}

/** How loud a new message may be: `hold` until then, in milliseconds since the epoch. */
export type Loudness = 'as it is' | 'silent' | { holdUntil: number }

export function hoursOf(
  { days, from, to, below, action }: Quiet,
  { zone, targets }: { zone: string; targets: Target[] | undefined },
): QuietHours {
  return {
    targets: targets && new Set(targets.map(({ name }) => name)),
    days: days && new Set(days.map((day) => weekdays.indexOf(day))),
    from: minutesOf(from),
    to: minutesOf(to),
    zone,
    below,
    action,
  }
}

/** What a target's quiet hours make of a message of this severity at `now`: to hold it is more than to send it without sound. */
export function loudnessOf(hours: readonly QuietHours[], target: string, severity: Severity, now: number): Loudness {
  let loudness: Loudness = 'as it is'
  for (const one of hours) {
    if (one.targets && !one.targets.has(target)) continue
    if (compareSeverity(severity, one.below) >= 0) continue
    const end = endOf(one, now)
    if (end === undefined) continue
    if (one.action === 'silent') loudness = typeof loudness === 'string' ? 'silent' : loudness
    else loudness = { holdUntil: Math.max(end, typeof loudness === 'string' ? 0 : loudness.holdUntil) }
  }
  return loudness
}

/** True if one hold follows on another all week, so that this target would never hear of what they hold. */
export function holdForEver(hours: readonly QuietHours[], target: string): boolean {
  for (let at = aMonday; at < aMonday + 8 * dayLength; ) {
    const loudness = loudnessOf(hours, target, 'good', at)
    if (typeof loudness === 'string') return false
    at = loudness.holdUntil
  }
  return true
}

const dayLength = 24 * 60 * 60_000
const aMonday = 4 * dayLength
const weekdays = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const

/**
 * When the hours that `now` lies in end; undefined if it lies in none. They begin when it is `from` for the first time and end when it is `to`
 * for the last time, so that nobody is woken in the hour that there is twice.
 */
function endOf({ days, from, to, zone }: QuietHours, now: number): number | undefined {
  const { day } = lastTimeOfDay(now, from, zone)
  // Those of the day before end later than these begin only where clocks are put back.
  for (const began of [day, day - 1]) {
    if (days && !days.has(weekdayOf(began))) continue
    const end = momentsOf(to <= from ? began + 1 : began, to, zone).last
    if (now < end) return end
  }
  return undefined
}

/** Of a time of day as `22:00`, since midnight. */
export function minutesOf(time: string): number {
  const [hours = 0, minutes = 0] = time.split(':').map(Number)
  return hours * 60 + minutes
}

/** 1970-01-01 was a Thursday. */
function weekdayOf(day: number): number {
  return (day + 4) % 7
}
