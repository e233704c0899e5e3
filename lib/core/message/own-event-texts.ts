import type { Total } from '../incident/suppressed-counts.ts'
import { firstProblems } from '../routing/problem.ts'
import { formatNumber } from './counts.ts'
import { duration, minuteText } from './times.ts'
import type { Words } from './words/en.ts'

/** `No events received from cluster prod since 2026-11-24 07:25 UTC+8 (30 min).` */
export function noEventsText(
  { cluster, since, afterMilliseconds }: { cluster: string; since: number; afterMilliseconds: number },
  timeZone: string,
  { card, ownEvents }: Words,
): string {
  return ownEvents.noEvents(cluster, minuteText(since, timeZone), duration(afterMilliseconds / 1_000, card))
}

/** `Events received again since 2026-11-24 08:17 UTC+8, after 52 min without any.` */
export function eventsAgainText(
  { since, until }: { since: number; until: number },
  timeZone: string,
  { card, ownEvents }: Words,
): string {
  return ownEvents.eventsAgain(minuteText(until, timeZone), duration(Math.floor((until - since) / 1_000), card))
}

/** `Not delivered since 2026-11-24 07:25 UTC+8. Delivery was given up after 24 h.` */
export function notDeliveredText(since: number, timeZone: string, { ownEvents }: Words): string {
  return ownEvents.notDelivered(minuteText(since, timeZone))
}

const mostProblems = 3

/** `Version 8 has mistakes. The last good version stays in use.`, and the first mistakes, each in a line. */
export function rulesRefusedText(
  { version, problems }: { version: string; problems: readonly string[] },
  { ownEvents }: Words,
): string {
  return [ownEvents.rulesRefused(version), ...firstProblems(problems, mostProblems)].join('\n')
}

/** `Version 9 is in use.` */
export function rulesFixedText(version: string, { ownEvents }: Words): string {
  return ownEvents.rulesFixed(version)
}

const mostRules = 12

/** `432 suppressed in 24 h: probes 312 (mostly shop/web), rollouts 120`, the largest first. */
export function suppressedText(totals: readonly Total[], { card, ownEvents }: Words): string {
  const sum = totals.reduce((all, { count }) => all + count, 0)
  const rules = totals.slice(0, mostRules).map(({ rule, count, top }) => {
    const number = `${rule} ${formatNumber(count, card)}`
    return top === undefined ? number : `${number} (${ownEvents.mostly} ${top})`
  })
  const rest = totals.length > mostRules ? [`… (+${totals.length - mostRules})`] : []
  return `${ownEvents.suppressed(formatNumber(sum, card))}: ${[...rules, ...rest].join(', ')}`
}
