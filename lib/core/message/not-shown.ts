import { minuteOf } from './watchdog.ts'
import type { Words } from './words/en.ts'

/** `Could not be shown since 2026-11-24 07:25 UTC+8, and are given up after 24 h.` */
export function notShownText(since: number, timeZone: string, { card }: Words): string {
  return card.notShown(minuteOf(since, timeZone))
}
