import fc from 'fast-check'

/** Time zones with and without summer time, with whole and half hours, with changes at midnight and in Ramadan, and one that skipped a day. */
export const zones = [
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'America/Havana',
  'America/St_Johns',
  'Atlantic/Azores',
  'Africa/Casablanca',
  'Asia/Kathmandu',
  'Asia/Beirut',
  'Australia/Lord_Howe',
  'Pacific/Apia',
] as const

export const minuteLength = 60_000
export const hourLength = 60 * minuteLength
export const dayLength = 24 * hourLength

const formats = new Map<string, Intl.DateTimeFormat>()

/** The local time according to Intl: days since 1970-01-01, and minutes since midnight. */
export function wallClock(moment: number, timeZone: string): { day: number; minute: number } {
  const format =
    formats.get(timeZone) ?? new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium' })
  formats.set(timeZone, format)
  const shown = Date.parse(`${format.format(moment).replace(' ', 'T')}Z`)
  const day = Math.floor(shown / dayLength)
  return { day, minute: Math.floor((shown - day * dayLength) / minuteLength) }
}

/** The offset of local time from UTC, in minutes. */
export function aheadOf(moment: number, zone: string): number {
  const { day, minute } = wallClock(moment, zone)
  return day * 24 * 60 + minute - Math.floor(moment / minuteLength)
}

/** True if clocks change less than this many hours before or after. */
export function isNearChange(moment: number, zone: string, hours: number): boolean {
  return aheadOf(moment - hours * hourLength, zone) !== aheadOf(moment + hours * hourLength, zone)
}

/** True if a time zone skips a whole day, so that the days around it end within minutes of each other. */
export function isWithoutADay(change: number, zone: string): boolean {
  return aheadOf(change + hourLength, zone) - aheadOf(change - hourLength, zone) > 12 * 60
}

/** The first moments after each change of clocks in these years, to the minute. */
function changesOf(zone: string, fromYear: number, toYear: number): number[] {
  const changes: number[] = []
  for (let at = Date.UTC(fromYear, 0); at < Date.UTC(toYear, 0); at += dayLength) {
    if (aheadOf(at, zone) === aheadOf(at + dayLength, zone)) continue
    let [before, after] = [at, at + dayLength]
    while (after - before > minuteLength) {
      const middle = before + Math.floor((after - before) / minuteLength / 2) * minuteLength
      if (aheadOf(middle, zone) === aheadOf(at, zone)) before = middle
      else after = middle
    }
    changes.push(after)
  }
  return changes
}

const changes = new Map(zones.map((zone) => [zone, changesOf(zone, 2026, 2029)]))
// 2011-12-30 was not in Samoa.
changes.set('Pacific/Apia', changesOf('Pacific/Apia', 2011, 2013))

/** A moment within two days of a change of clocks, where the zone has one. */
export const anyMoment = fc.constantFrom(...zones).chain((zone) => {
  const known = changes.get(zone) ?? []
  const middle = known.length > 0 ? fc.constantFrom(...known) : fc.constant(Date.UTC(2027, 2, 28))
  const minutes = fc.integer({ min: -48 * 60, max: 48 * 60 })
  return fc.record({ zone: fc.constant(zone), change: middle, minutes }).map(({ change, minutes, ...rest }) => ({
    ...rest,
    change,
    now: change + minutes * minuteLength,
  }))
})

/** Minutes since midnight; often when clocks are changed. */
export const anyMinute = fc.oneof(fc.integer({ min: 0, max: 24 * 60 - 1 }), fc.integer({ min: 0, max: 4 * 60 }))

/** `02:30` */
export function timeOfDay(minute: number): string {
  return [Math.floor(minute / 60), minute % 60].map((part) => String(part).padStart(2, '0')).join(':')
}
