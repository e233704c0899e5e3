import { remembering } from './remember.ts'

/** Milliseconds since the Unix epoch of an RFC 3339 time; undefined for anything else, also for Go's zero time and the string "null". */
export function parseTime(text: string): number | undefined {
  // Date.parse takes "5" and "1/2" for dates, too.
  if (!/^\d{4}-\d\d-\d\dT/.test(text)) return undefined
  const milliseconds = Date.parse(text)
  return milliseconds > 0 ? milliseconds : undefined
}

/** True if `zone` is an IANA time zone that this runtime knows. */
export function isTimeZone(zone: string): boolean {
  // Intl's first use takes as long as loading all the rest of the program; most run in UTC.
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

/** A moment as people in `zone` write it. `zone` must be one that `isTimeZone` accepts. */
export function localTime(milliseconds: number, zone: string): LocalTime {
  const minutes = zone === 'UTC' ? 0 : offsetMinutes(milliseconds, zone)
  const local = milliseconds + minutes * 60_000
  const day = Math.floor(local / dayLength)
  return { date: dateOf(day), time: timeOf(Math.floor((local - day * dayLength) / 1_000)), offset: offsetName(minutes) }
}

const dayLength = 24 * 60 * 60_000
const quarterHour = 15 * 60_000

const dateOf = remembered((day: number) => isoTime(day * dayLength).replace(/T.*/, ''))

function timeOf(seconds: number): string {
  return `${twoDigits(Math.floor(seconds / 3_600))}:${twoDigits(Math.floor(seconds / 60) % 60)}:${twoDigits(seconds % 60)}`
}

function twoDigits(number: number): string {
  return number < 10 ? `0${number}` : `${number}`
}

const zones = remembered((zone: string) => {
  const format = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' })
  return remembered((quarter: number) => readOffset(quarter * quarterHour, format))
})

// Intl takes longer than all the rest of a card. Zones change their offset only at whole quarter hours, so one answer serves 15 minutes.
function offsetMinutes(milliseconds: number, zone: string): number {
  return zones(zone)(Math.floor(milliseconds / quarterHour))
}

function remembered<Key, Value>(make: (key: Key) => Value): (key: Key) => Value {
  const remember = remembering<Key, Value>()
  return (key) => remember(key, make)
}

function readOffset(milliseconds: number, format: Intl.DateTimeFormat): number {
  const name = format.formatToParts(milliseconds).find(({ type }) => type === 'timeZoneName')?.value ?? ''
  const [, sign, hours = '0', minutes = '0'] = /GMT([+-])(\d{2}):(\d{2})/.exec(name) ?? []
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes))
}

const offsetName = remembered((minutes: number): string => {
  if (minutes === 0) return 'UTC'
  const hours = Math.floor(Math.abs(minutes) / 60)
  const rest = Math.abs(minutes) % 60
  return `UTC${minutes < 0 ? '−' : '+'}${hours}${rest ? `:${twoDigits(rest)}` : ''}`
})

/** `2026-11-24T07:26:34.123Z` */
export function isoTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString()
}
