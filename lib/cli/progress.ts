import { systemClock } from '../adapters/clock.ts'

export interface Progress {
  at(count: number): void
  /** Leaves nothing of the bar. */
  end(): void
}

interface Task {
  /** `recording topic kube-events` */
  what: string
  /** Of records; undefined where nobody knows. */
  total: number | undefined
  isQuiet: boolean
}

const redrawMilliseconds = 100
const lineMilliseconds = 10_000
const barWidth = 20

/** How far a command is, on stderr: one line that is redrawn on a terminal, else a line now and then. */
export function startProgress({ what, total, isQuiet }: Task): Progress {
  if (isQuiet) return { at: () => {}, end: () => {} }
  const { stderr } = process
  const every = stderr.isTTY ? redrawMilliseconds : lineMilliseconds
  let shownAt = stderr.isTTY ? 0 : systemClock.now()
  if (!stderr.isTTY) stderr.write(`${what}${total === undefined ? '' : `, ${numberOf(total)} records`} …\n`)
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
  return total === undefined ? plural(count, 'record') : `${numberOf(count)} of ${numberOf(total)}`
}

export function numberOf(count: number): string {
  return count.toLocaleString('en')
}

export function plural(count: number, word: string): string {
  return `${numberOf(count)} ${word}${count === 1 ? '' : 's'}`
}
