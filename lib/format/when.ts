import { type LocalTime, localTime } from '../event/time.ts'
import type { View } from '../incident/view.ts'
import { grouped } from './clip.ts'
import { type Html, html } from './html.ts'
import { joined } from './parts.ts'

/** How often, in how long, and when: `×47 in 32 min · 2026-11-24 07:25:54 – 07:57:34 UTC+8`. */
export function times(view: View, timeZone: string): Html | undefined {
  const { firstAt, lastAt, latest, total } = view
  const { eventTime } = latest
  const second = (milliseconds: number) => Math.floor(milliseconds / 1_000)
  const isOwn = eventTime !== undefined && (second(eventTime) < second(firstAt) || second(eventTime) > second(lastAt))
  return joined([
    total > 1 ? html`${rate(view)}` : undefined,
    firstAt === 0 || lastAt === 0 ? undefined : span(localTime(firstAt, timeZone), localTime(lastAt, timeZone)),
    isOwn ? html`event time ${moment(localTime(eventTime, timeZone))}` : undefined,
  ])
}

/** `×47 in 32 min`; `≥` where not all events could be counted. */
export function rate({ total, isAtLeast, firstAt, lastAt }: View): string {
  const count = `${isAtLeast ? '≥ ' : ''}×${grouped(total)}`
  const seconds = firstAt > 0 ? Math.floor((lastAt - firstAt) / 1_000) : 0
  return seconds > 0 ? `${count} in ${duration(seconds)}` : count
}

/** `40 s`, `32 min`, `5 h 20 min`, `3 d 4 h`. */
export function duration(seconds: number): string {
  if (seconds < 100) return `${seconds} s`
  const minutes = Math.round(seconds / 60)
  if (minutes < 100) return `${minutes} min`
  const hours = Math.floor(minutes / 60)
  if (hours < 48) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`
  return hours % 24 === 0 ? `${hours / 24} d` : `${Math.floor(hours / 24)} d ${hours % 24} h`
}

function span(first: LocalTime, last: LocalTime): Html {
  if (first.date === last.date && first.time === last.time && first.offset === last.offset) return moment(last)
  const end = first.date === last.date ? last.time : `${last.date} ${last.time}`
  const offset = first.offset === last.offset ? '' : ` ${first.offset}`
  return html`${first.date} ${first.time}${offset} – ${end} ${last.offset}`
}

function moment({ date, time, offset }: LocalTime): Html {
  return html`${date} ${time} ${offset}`
}
