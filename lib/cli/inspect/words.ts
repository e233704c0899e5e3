import { isoTime, localTime } from '../../core/event/time.ts'
import { tidyBeginning } from '../../core/message/text/tidy.ts'
import type { CompiledRule, Threshold } from '../../core/routing/ruleset.ts'
import { terminalText } from '../../emulator/view/terminal-text.ts'

/** The beginning of an event's text in one line, without control characters and secrets. */
export function oneLine(text: string, most = 100): string {
  const characters = [
    ...tidyBeginning(text, 20 * most)
      .replace(/\s+/g, ' ')
      .trim(),
  ]
  return characters.length > most ? `${characters.slice(0, most - 1).join('')}…` : characters.join('')
}

/** A text of the configuration in one line, without control characters. */
export function plainLine(text: string): string {
  return terminalText(text).replaceAll('\n', ' ')
}

// An event or a stored incident can name a time that JavaScript's Date can't represent.
const isDate = (milliseconds: number) => Math.abs(milliseconds) <= 8e15

/** `2026-11-24 10:00:30 UTC` */
export function localMoment(milliseconds: number, zone: string): string {
  if (!isDate(milliseconds)) return String(milliseconds)
  const { date, time, offset } = localTime(milliseconds, zone)
  return `${date} ${time} ${offset}`
}

export function isoOf(milliseconds: number | undefined): string | undefined {
  return milliseconds !== undefined && isDate(milliseconds) ? isoTime(milliseconds) : undefined
}

const units = [
  [86_400_000, 'd'],
  [3_600_000, 'h'],
  [60_000, 'm'],
  [1_000, 's'],
] as const

/** `90m`, as a rule says it. */
export function durationText(milliseconds: number): string {
  const [length, letter] = units.find(([length]) => milliseconds % length === 0) ?? units[3]
  return `${Math.round(milliseconds / length)}${letter}`
}

/** The two largest units: `3d 4h`. */
export function ageText(milliseconds: number): string {
  const age = Math.max(0, milliseconds)
  const first = units.findIndex(([length]) => age >= length)
  const [large = units[3], small] = first < 0 ? [] : units.slice(first)
  const rest = small ? Math.floor((age % large[0]) / small[0]) : 0
  return `${Math.floor(age / large[0])}${large[1]}${small && rest > 0 ? ` ${rest}${small[1]}` : ''}`
}

/** `3 times within 10m` */
function thresholdText(threshold: Threshold): string {
  return `${threshold.atLeast} times${spanText(threshold)}`
}

/** ` within 10m, per event` */
export function spanText({ withinMilliseconds, isPerEvent }: Omit<Threshold, 'atLeast'>): string {
  const within = withinMilliseconds === undefined ? '' : ` within ${durationText(withinMilliseconds)}`
  return `${within}${isPerEvent ? ', per event' : ''}`
}

/** `show after 3 times within 10m, as critical` */
export function actionText({ action, threshold, severity, isSilent, hint, link }: CompiledRule): string {
  if (action === 'drop') return 'drop'
  const parts = [
    `show${threshold ? ` after ${thresholdText(threshold)}` : ''}`,
    ...(severity ? [`as ${severity}`] : []),
    ...(isSilent ? ['silently'] : []),
    ...(hint === undefined ? [] : ['with a hint']),
    ...(link === undefined ? [] : ['with a link']),
  ]
  return parts.join(', ')
}
