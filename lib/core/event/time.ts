import { memoized } from '../memo.ts'

/** Milliseconds since the Unix epoch of an RFC 3339 time; undefined for anything else, also for Go's zero time and the string "null". */
export function parseTime(text: string): number | undefined {
  // Date.parse also accepts "5" and "1/2".
  if (!/^\d{4}-\d\d-\d\dT/.test(text)) return undefined
  const milliseconds = Date.parse(text)
  return milliseconds > 0 ? milliseconds : undefined
}

/** The same of a time in an HTTP header: `Tue, 24 Nov 2026 07:26:34 GMT`. */
export function parseHttpDate(text: string): number | undefined {
  return /^\w{3}, \d\d \w{3} \d{4} [\d:]{8} GMT$/.test(text) ? Date.parse(text) || undefined : undefined
}

/** True if `zone` is an IANA time zone that this runtime knows. */
export function isTimeZone(zone: string): boolean {
  // The first use of Intl takes as long as loading the rest of the program, and most programs run in UTC.
  if (zone === 'UTC') return true
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone })
    return true
  } catch {
    return false
  }
}

export interface LocalTime {
  /** `2026-11-24` */
  date: string
  /** `07:26:34` */
  time: string
  /** `UTC`, `UTC+8`, `UTC−3:30`: the zone's offset at that moment, so a change to summer time shows. */
  offset: string
}

/** A moment as people in `zone` write it. `isTimeZone` must accept the zone. */
export function localTime(milliseconds: number, zone: string): LocalTime {
  const minutes = offsetMinutes(milliseconds, zone)
  const local = milliseconds + minutes * 60_000
  const day = Math.floor(local / dayLength)
  return { date: dateOf(day), time: timeOf(Math.floor((local - day * dayLength) / 1_000)), offset: offsetName(minutes) }
}

/**
 * The moments of a time of day, in minutes since midnight, on a day counted from 1970-01-01. If clocks are set back, there may be two: `first`
 * and `last` differ. If clocks are set forward, there may be none: both are the first moment after the gap.
 */
export function momentsOf(day: number, minute: number, zone: string): { first: number; last: number } {
  const wall = day * dayLength + minute * 60_000
  // No zone is a day away from UTC, and none changes its clocks twice in two days.
  const before = offsetMinutes(wall - dayLength, zone)
  const after = offsetMinutes(wall + dayLength, zone)
  const moments = [before, after].map((minutes) => wall - minutes * 60_000)
  const real = moments.filter((moment) => moment + offsetMinutes(moment, zone) * 60_000 === wall)
  if (real.length > 0) return { first: Math.min(...real), last: Math.max(...real) }
  const change = changeWithin(Math.min(...moments), Math.max(...moments), zone)
  return { first: change, last: change }
}

/** The last day with this time of day at or before `now`, and that moment; if the day has two such moments, the first. */
export function lastTimeOfDay(now: number, minute: number, zone: string): { day: number; at: number } {
  // If clocks are set back over midnight, the next day has already begun once.
  for (let day = dayOf(now, zone) + 1; ; day -= 1) {
    const { first } = momentsOf(day, minute, zone)
    if (first <= now) return { day, at: first }
  }
}

/** The moment between `before` and `after` at which the zone's offset changes. */
function changeWithin(before: number, after: number, zone: string): number {
  const old = offsetMinutes(before, zone)
  let [low, high] = [Math.floor(before / quarterHour), Math.ceil(after / quarterHour)]
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2)
    if (offsetMinutes(middle * quarterHour, zone) === old) low = middle
    else high = middle
  }
  return high * quarterHour
}

/** The day in a zone, counted from 1970-01-01. */
function dayOf(milliseconds: number, zone: string): number {
  return Math.floor((milliseconds + offsetMinutes(milliseconds, zone) * 60_000) / dayLength)
}

const dayLength = 24 * 60 * 60_000
const quarterHour = 15 * 60_000

/** `2026-11-24` of a day counted from 1970-01-01. */
export const dateOf = memoized((day: number) => isoTime(day * dayLength).replace(/T.*/, ''))

function timeOf(seconds: number): string {
  return `${twoDigits(Math.floor(seconds / 3_600))}:${twoDigits(Math.floor(seconds / 60) % 60)}:${twoDigits(seconds % 60)}`
}

function twoDigits(number: number): string {
  return number < 10 ? `0${number}` : `${number}`
}

const zones = memoized((zone: string) => {
  const format = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' })
  return memoized((quarter: number) => readOffset(quarter * quarterHour, format))
})

// Intl takes longer than the rest of a card. Zones change their offset only at whole quarter hours, so one result is valid for 15 minutes.
function offsetMinutes(milliseconds: number, zone: string): number {
  return zone === 'UTC' ? 0 : zones(zone)(Math.floor(milliseconds / quarterHour))
}

function readOffset(milliseconds: number, format: Intl.DateTimeFormat): number {
  const name = format.formatToParts(milliseconds).find(({ type }) => type === 'timeZoneName')?.value ?? ''
  const [, sign, hours = '0', minutes = '0'] = /GMT([+-])(\d{2}):(\d{2})/.exec(name) ?? []
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes))
}

const offsetName = memoized((minutes: number): string => {
  if (minutes === 0) return 'UTC'
  const hours = Math.floor(Math.abs(minutes) / 60)
  const rest = Math.abs(minutes) % 60
  return `UTC${minutes < 0 ? '−' : '+'}${hours}${rest ? `:${twoDigits(rest)}` : ''}`
})

/** `2026-11-24T07:26:34.123Z` */
export function isoTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString()
}
