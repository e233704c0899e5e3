import { localTime } from '../event/time.ts'
import type { View } from '../incident/view.ts'
import { formatNumber } from './counts.ts'
import { date, type Html, html, joined } from './html.ts'
import type { Words } from './words/en.ts'

/**
 * How often, in how long, and when: `×47 in 32 min · 07:25 – 07:57 UTC+8`. Without the date if all is of one day: the chat shows on which day
 * it got the message, and `dayMark` adds the date to a message that was sent on another day.
 */
export function times(view: View, timeZone: string, words: Words): Html | undefined {
  const { firstAt, lastAt, latest, total } = view
  const { eventTime } = latest
  const isOwn = eventTime !== undefined && (second(eventTime) < second(firstAt) || second(eventTime) > second(lastAt))
  return joined([
    total > 1 ? html`${rate(view, words)}` : undefined,
    firstAt === 0 || lastAt === 0 ? undefined : span(firstAt, lastAt, timeZone),
    isOwn
      ? html`${words.card.eventTime} ${moment(eventTime, timeZone, isOneDay(eventTime, lastAt, timeZone))}`
      : undefined,
  ])
}

/** The date of a card that shows times alone, for a message that was sent on another day; undefined otherwise. */
export function dayMark(
  { firstAt, lastAt, sentAt }: { firstAt: number; lastAt: number; sentAt: number },
  timeZone: string,
): string | undefined {
  if (firstAt === 0 || lastAt === 0 || !isOneDay(firstAt, lastAt, timeZone)) return undefined
  return isOneDay(lastAt, sentAt, timeZone) ? undefined : localTime(lastAt, timeZone).date
}

/** `×47 in 32 min`; `294+ times in 32 min` if not all events could be counted. */
export function rate({ total, isAtLeast, firstAt, lastAt }: View, { card: words }: Words): string {
  const count = formatNumber(total, words)
  const howOften = isAtLeast ? words.timesAtLeast(count) : words.times(count)
  const seconds = firstAt > 0 ? Math.floor((lastAt - firstAt) / 1_000) : 0
  return seconds > 0 ? words.timesWithin(howOften, duration(seconds, words)) : howOften
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
  if (second(firstAt) === second(lastAt)) return moment(lastAt, timeZone, true)
  const offset = first.offset === last.offset ? '' : ` ${first.offset}`
  const time = lastAt - firstAt < secondsBelow ? 'T' : 't'
  const begun = `${first.time.slice(0, timeLength[time])}${offset}`
  const ended = `${last.time.slice(0, timeLength[time])} ${last.offset}`
  if (first.date === last.date) return html`${date(firstAt, time, begun)} – ${date(lastAt, time, ended)}`
  return html`${date(firstAt, `d${time}`, `${first.date} ${begun}`)} – ${date(lastAt, `d${time}`, `${last.date} ${ended}`)}`
}

// Then the duration is in minutes, too.
const secondsBelow = 100_000
const timeLength = { T: '07:25:54'.length, t: '07:25'.length }

/** `07:25:54 UTC+8`, or with the date. The time has passed: Telegram refuses a date far ahead (tdlib/telegram-bot-api issue 852). */
function moment(at: number, timeZone: string, isWithoutDate: boolean): Html {
  const { time, offset } = localTime(at, timeZone)
  return isWithoutDate ? date(at, 'T', `${time} ${offset}`) : date(at, 'dT', secondText(at, timeZone))
}

function isOneDay(one: number, other: number, timeZone: string): boolean {
  return localTime(one, timeZone).date === localTime(other, timeZone).date
}

/** `2026-11-24 07:25:54 UTC+8` */
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
