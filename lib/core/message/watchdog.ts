import { localTime } from '../event/time.ts'
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
