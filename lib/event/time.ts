/** Milliseconds since the Unix epoch of an RFC 3339 time; undefined for anything else, also for Go's zero time and the string "null". */
export function parseTime(text: string): number | undefined {
  if (text === '') return undefined
  const milliseconds = Date.parse(text)
  return milliseconds > 0 ? milliseconds : undefined
}

/** True if `zone` is an IANA time zone that this runtime knows. */
export function isTimeZone(zone: string): boolean {
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
  const shifted = new Date(milliseconds + minutes * 60_000).toISOString()
  const end = shifted.indexOf('T')
  return { date: shifted.slice(0, end), time: shifted.slice(end + 1, end + 9), offset: offsetName(minutes) }
}

const quarterHour = 15 * 60_000
const formats = new Map<string, Intl.DateTimeFormat>()
const offsets = new Map<string, number>()

// Intl takes 20 times as long as the rest of a card. Zones change their offset only at whole quarter hours, so one answer serves 15 minutes.
function offsetMinutes(milliseconds: number, zone: string): number {
  const quarter = Math.floor(milliseconds / quarterHour)
  const key = `${zone} ${quarter}`
  const known = offsets.get(key)
  if (known !== undefined) return known
  if (offsets.size >= 10_000) offsets.clear()
  const minutes = readOffset(quarter * quarterHour, zone)
  offsets.set(key, minutes)
  return minutes
}

function readOffset(milliseconds: number, zone: string): number {
  let format = formats.get(zone)
  if (!format) {
    format = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' })
    formats.set(zone, format)
  }
  const name = format.formatToParts(milliseconds).find(({ type }) => type === 'timeZoneName')?.value ?? ''
  const [, sign, hours = '0', minutes = '0'] = /GMT([+-])(\d{2}):(\d{2})/.exec(name) ?? []
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes))
}

function offsetName(minutes: number): string {
  if (minutes === 0) return 'UTC'
  const hours = Math.floor(Math.abs(minutes) / 60)
  const rest = Math.abs(minutes) % 60
  return `UTC${minutes < 0 ? '−' : '+'}${hours}${rest ? `:${String(rest).padStart(2, '0')}` : ''}`
}

/** `2026-11-24T07:26:34.123Z` */
export function isoTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString()
}
