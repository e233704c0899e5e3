import { localTime } from '../event/time.ts'
import type { Total } from '../incident/suppressed.ts'
import { formatNumber } from './counts.ts'
import { duration } from './when.ts'
import type { Words } from './words/en.ts'

/** `No record from cluster prod for 30 min; the last came at 2026-11-24 07:25 UTC+8.` */
export function noRecordsText(
  { cluster, since, afterMilliseconds }: { cluster: string; since: number; afterMilliseconds: number },
  timeZone: string,
  { card, silence }: Words,
): string {
  return silence.since(cluster, duration(afterMilliseconds / 1_000, card), minuteOf(since, timeZone))
}

/** `Records again since 2026-11-24 08:17 UTC+8, after 52 min of silence.` */
export function overText(
  { since, until }: { since: number; until: number },
  timeZone: string,
  { card, silence }: Words,
): string {
  return silence.over(minuteOf(until, timeZone), duration(Math.floor((until - since) / 1_000), card))
}

/** `2026-11-24 07:25 UTC+8` */
export function minuteOf(at: number, timeZone: string): string {
  const { date, time, offset } = localTime(at, timeZone)
  return `${date} ${time.slice(0, 'hh:mm'.length)} ${offset}`
}

/** `Could not be shown since 2026-11-24 07:25 UTC+8, and are given up after 24 h.` */
export function notShownText(since: number, timeZone: string, { card }: Words): string {
  return card.notShown(minuteOf(since, timeZone))
}

const mostRules = 12

/** `432 in 24 h: probes 312 (mostly shop/web), rollouts 120`, greatest first. */
export function suppressedText(totals: readonly Total[], { card: words }: Words): string {
  const sum = totals.reduce((all, { count }) => all + count, 0)
  const rules = totals
    .slice(0, mostRules)
    .map(
      ({ rule, count, top }) =>
        `${rule} ${formatNumber(count, words)}${top === undefined ? '' : ` (${words.mostly} ${top})`}`,
    )
  const rest = totals.length > mostRules ? [`… (+${totals.length - mostRules})`] : []
  return `${words.inADay(formatNumber(sum, words))}: ${[...rules, ...rest].join(', ')}`
}
