import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { styleText } from 'node:util'
import { systemClock } from '../adapters/clock.ts'

export interface Terminal {
  input: NodeJS.ReadableStream & { isTTY?: boolean }
  output: NodeJS.WritableStream & { isTTY?: boolean }
}

/** Asks the user. Only `y` or `yes` means yes. Undefined if there is no terminal. */
export async function confirm(
  question: string,
  { input, output }: Terminal = { input: process.stdin, output: process.stderr },
): Promise<boolean | undefined> {
  if (!input.isTTY || !output.isTTY) return undefined
  const lines = createInterface({ input, output })
  lines.setPrompt(`${question} [y/N] `)
  lines.prompt()
  // Ctrl-C and Ctrl-D close the input without a line.
  const answer = await Promise.race([
    once(lines, 'line').then(([line]) => String(line)),
    once(lines, 'close').then(() => ''),
  ])
  lines.close()
  return /^y(?:es)?$/i.test(answer.trim())
}

/** Aborts at the first SIGINT or SIGTERM, so that work in progress can finish. The second one ends the program at once. */
export function stopOnSignal(): AbortController {
  const stop = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stop.abort())
  return stop
}

export interface ProgressBar {
  at(count: number): void
  /** Removes the bar. */
  end(): void
}

interface Task {
  /** `recording topic kube-events` */
  what: string
  /** The number of records; undefined if unknown. */
  total: number | undefined
  isQuiet: boolean
}

const redrawMilliseconds = 100
const lineMilliseconds = 10_000
const barWidth = 20

/** Shows progress on stderr: a bar on a terminal, otherwise a line every ten seconds. */
export function startProgress({ what, total, isQuiet }: Task): ProgressBar {
  if (isQuiet) return { at: () => {}, end: () => {} }
  const { stderr } = process
  const every = stderr.isTTY ? redrawMilliseconds : lineMilliseconds
  let shownAt = stderr.isTTY ? 0 : systemClock.now()
  if (!stderr.isTTY) stderr.write(`${what}${total === undefined ? '' : `, ${formatCount(total)} records`} …\n`)
  return {
    at(count) {
      const now = systemClock.now()
      if (now - shownAt < every) return
      shownAt = now
      const line = `${what}  ${stderr.isTTY ? barOf(count, total) : countOf(count, total)}`
      stderr.write(stderr.isTTY ? `\r${line.slice(0, (stderr.columns ?? 80) - 1)}\x1b[K` : `${line}\n`)
    },
    end: () => void (stderr.isTTY && stderr.write('\r\x1b[K')),
  }
}

/** `██████░░░░  60 %  6 of 10` */
export function barOf(count: number, total: number | undefined, width = barWidth): string {
  if (total === undefined) return countOf(count, total)
  const share = total === 0 ? 1 : Math.min(1, count / total)
  const full = Math.floor(share * width)
  const percent = String(Math.floor(share * 100)).padStart(3)
  return `${'█'.repeat(full)}${'░'.repeat(width - full)} ${percent} %  ${countOf(count, total)}`
}

function countOf(count: number, total: number | undefined): string {
  return total === undefined ? plural(count, 'record') : `${formatCount(count)} of ${formatCount(total)}`
}

export function formatCount(count: number): string {
  return count.toLocaleString('en')
}

/** `1 batch`, `2 batches` */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`
}

/** How standard output shows text. */
export interface Look {
  hasColor: boolean
  /** Columns. */
  width: number
}

export function stdoutLook(): Look {
  return { hasColor: process.stdout.hasColors?.() ?? false, width: Math.min(process.stdout.columns ?? 100, 120) }
}

export type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan'

export function paint(text: string, style: Style, hasColor: boolean): string {
  return hasColor ? styleText(style, text, { validateStream: false }) : text
}
