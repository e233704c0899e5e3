import { compareSeverity, type Severity } from '../event/severity.ts'
import { lastTimeOfDay, momentsOf } from '../event/time.ts'
import type { Quiet } from './schema.ts'
import type { Target } from './target.ts'

/** Hours in which targets get less severe messages silently or later. Times of day are in minutes. */
export interface QuietHours {
  /** By name; undefined: all targets. */
  targets: Set<string> | undefined
  /** The days on which they begin; 0 is Sunday. */
  days: Set<number> | undefined
  from: number
  to: number
  zone: string
  below: Severity
  action: 'silent' | 'delay'
}

/** How to send a new message: with sound, silently, or not before a time in milliseconds since the epoch. */
export type Loudness = 'as it is' | 'silent' | { delayUntil: number }

export function quietHoursOf(
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

/** Applies a target's quiet hours to a message of this severity at `now`. A delay wins over silence. */
export function loudnessOf(hours: readonly QuietHours[], target: string, severity: Severity, now: number): Loudness {
  let loudness: Loudness = 'as it is'
  for (const one of hours) {
    if (one.targets && !one.targets.has(target)) continue
    if (compareSeverity(severity, one.below) >= 0) continue
    const end = endOf(one, now)
    if (end === undefined) continue
    if (one.action === 'silent') loudness = typeof loudness === 'string' ? 'silent' : loudness
    else loudness = { delayUntil: Math.max(end, typeof loudness === 'string' ? 0 : loudness.delayUntil) }
  }
  return loudness
}

/** True if one delay follows another all week, so that this target would never get the delayed messages. */
export function delaysForever(hours: readonly QuietHours[], target: string): boolean {
  for (let at = aMonday; at < aMonday + 8 * dayLength; ) {
    const loudness = loudnessOf(hours, target, 'good', at)
    if (typeof loudness === 'string') return false
    at = loudness.delayUntil
  }
  return true
}

const dayLength = 24 * 60 * 60_000
const aMonday = 4 * dayLength
const weekdays = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const

/**
 * The end of the quiet hours that `now` lies in; undefined outside of them. Where clocks are put back they begin at the first `from` and end at
 * the last `to`, so that the repeated hour is quiet as well.
 */
function endOf({ days, from, to, zone }: QuietHours, now: number): number | undefined {
  const { day } = lastTimeOfDay(now, from, zone)
  // Only where clocks are put back do the hours of the day before end after these begin.
  for (const began of [day, day - 1]) {
    if (days && !days.has(weekdayOf(began))) continue
    const end = momentsOf(to <= from ? began + 1 : began, to, zone).last
    if (now < end) return end
  }
  return undefined
}

/** Minutes since midnight of a time such as `22:00`. */
export function minutesOf(time: string): number {
  const [hours = 0, minutes = 0] = time.split(':').map(Number)
  return hours * 60 + minutes
}

/** 1970-01-01 was a Thursday. */
function weekdayOf(day: number): number {
  return (day + 4) % 7
}
