import { isoTime, localTime } from '../../core/event/time.ts'
import { tidyBeginning } from '../../core/message/text/tidy.ts'
import type { Threshold } from '../../core/routing/compiled.ts'
import { terminalText } from '../../emulator/view/terminal-text.ts'

/** The beginning of a text of an event, in one line, with nothing in it that a terminal obeys, and without secrets. */
export function oneLine(text: string, most = 100): string {
  const characters = [
    ...tidyBeginning(text, 20 * most)
      .replace(/\s+/g, ' ')
      .trim(),
  ]
  return characters.length > most ? `${characters.slice(0, most - 1).join('')}…` : characters.join('')
}

/** A text of the configuration, for a terminal. */
export function plainLine(text: string): string {
  return terminalText(text).replaceAll('\n', ' ')
}

export function localMoment(milliseconds: number, zone: string): string {
  // What a state or an event says may be beyond what a calendar has.
  if (Math.abs(milliseconds) > 8e15) return String(milliseconds)
  const { date, time, offset } = localTime(milliseconds, zone)
  return `${date} ${time} ${offset}`
}

export function isoOf(milliseconds: number | undefined): string | undefined {
  return milliseconds === undefined || Math.abs(milliseconds) > 8e15 ? undefined : isoTime(milliseconds)
}

const units = [
  [86_400_000, 'd'],
  [3_600_000, 'h'],
  [60_000, 'm'],
  [1_000, 's'],
] as const

/** `10m`, as a rule says it. */
export function durationOf(milliseconds: number): string {
  const [unit, letter] = units.find(([length]) => milliseconds % length === 0) ?? [1_000, 's']
  return `${Math.round(milliseconds / unit)}${letter}`
}

/** `3 times within 10m` */
export function thresholdOf(threshold: Threshold): string {
  return `${threshold.atLeast} times${spanOf(threshold)}`
}

/** ` within 10m, one event alone` */
export function spanOf({ withinMilliseconds, isPerEvent }: Omit<Threshold, 'atLeast'>): string {
  const within = withinMilliseconds === undefined ? '' : ` within ${durationOf(withinMilliseconds)}`
  return `${within}${isPerEvent ? ', one event alone' : ''}`
}

/** Long ages in their two largest units: `3 d 4 h`. */
export function ageOf(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1_000))
  const parts: [number, string][] = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3_600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'min'],
    [seconds % 60, 's'],
  ]
  const first = parts.findIndex(([count]) => count > 0)
  const shown = first < 0 ? parts.slice(-1) : parts.slice(first, first + 2).filter(([count]) => count > 0)
  return shown.map(([count, unit]) => `${count} ${unit}`).join(' ')
}

/** For a terminal that has colours. */
export function painter(hasColor: boolean): Paint {
  return (text, ...styles) => (hasColor ? `\x1b[${styles.join(';')}m${text}\x1b[0m` : text)
}

export type Paint = (text: string, ...styles: number[]) => string

export const styles = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, cyan: 36 } as const
