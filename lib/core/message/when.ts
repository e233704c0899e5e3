import { localTime } from '../event/time.ts'
import type { View } from '../incident/view.ts'
import { formatNumber } from './counts.ts'
import { date, type Html, html, joined } from './html.ts'
import type { Words } from './words/en.ts'

/** How often, in how long, and when: `×47 in 32 min · 2026-11-24 07:25 – 07:57 UTC+8`. */
export function times(view: View, timeZone: string, words: Words): Html | undefined {
  const { firstAt, lastAt, latest, total } = view
  const { eventTime } = latest
  const isOwn = eventTime !== undefined && (second(eventTime) < second(firstAt) || second(eventTime) > second(lastAt))
  return joined([
    total > 1 ? html`${rate(view, words)}` : undefined,
    firstAt === 0 || lastAt === 0 ? undefined : span(firstAt, lastAt, timeZone),
    isOwn ? html`${words.card.eventTime} ${moment(eventTime, timeZone)}` : undefined,
  ])
}

/** `×47 in 32 min`; `294+ times in 32 min` if not all events could be counted. */
export function rate({ total, isAtLeast, firstAt, lastAt }: View, { card: words }: Words): string {
  const count = formatNumber(total, words)
  const times = isAtLeast ? words.timesAtLeast(count) : words.times(count)
  const seconds = firstAt > 0 ? Math.floor((lastAt - firstAt) / 1_000) : 0
  return seconds > 0 ? words.timesWithin(times, duration(seconds, words)) : times
}

/** `40 s`, `32 min`, `5 h 20 min`, `3 d 4 h`. */
export function duration(seconds: number, { units }: Pick<Words['card'], 'units'>): string {
  if (seconds < 100) return `${seconds} ${units.seconds}`
  const minutes = Math.round(seconds / 60)
  if (minutes < 100) return `${minutes} ${units.minutes}`
  const hours = Math.floor(minutes / 60)
  const wholeHours = `${hours} ${units.hours}`
  if (hours < 48) return minutes % 60 === 0 ? wholeHours : `${wholeHours} ${minutes % 60} ${units.minutes}`
  const days = `${Math.floor(hours / 24)} ${units.days}`
  return hours % 24 === 0 || hours >= 240 ? days : `${days} ${hours % 24} ${units.hours}`
}

function span(firstAt: number, lastAt: number, timeZone: string): Html {
  const first = localTime(firstAt, timeZone)
  const last = localTime(lastAt, timeZone)
  if (second(firstAt) === second(lastAt)) return moment(lastAt, timeZone)
  const isOneDay = first.date === last.date
  const offset = first.offset === last.offset ? '' : ` ${first.offset}`
  const time = lastAt - firstAt < secondsBelow ? 'T' : 't'
  const begin = date(firstAt, `d${time}`, `${first.date} ${first.time.slice(0, timeLength[time])}${offset}`)
  const ended = `${last.time.slice(0, timeLength[time])} ${last.offset}`
  const end = isOneDay ? date(lastAt, time, ended) : date(lastAt, `d${time}`, `${last.date} ${ended}`)
  return html`${begin} – ${end}`
}

// Then the duration is in minutes, too.
const secondsBelow = 100_000
const timeLength = { T: '07:25:54'.length, t: '07:25'.length }

/** `2026-11-24 07:25:54 UTC+8`, of a time that has passed: Telegram refuses a message with a date far ahead (tdlib/telegram-bot-api issue 852). */
function moment(at: number, timeZone: string): Html {
  return date(at, 'dT', secondText(at, timeZone))
}

export function secondText(at: number, timeZone: string): string {
  const { date: day, time, offset } = localTime(at, timeZone)
  return `${day} ${time} ${offset}`
}

/** `2026-11-24 07:25 UTC+8` */
export function minuteText(at: number, timeZone: string): string {
  const { date: day, time, offset } = localTime(at, timeZone)
  return `${day} ${time.slice(0, timeLength.t)} ${offset}`
}

function second(milliseconds: number): number {
  return Math.floor(milliseconds / 1_000)
}
