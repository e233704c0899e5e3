import { isoTime } from '../../core/event/time.ts'
import type { Clock, Log, LogFields, LogLevel } from '../../pipeline/ports.ts'

interface Options {
  level: LogLevel
  clock: Clock
  redact: (text: string) => string
  write?: (line: string) => unknown
}

const order: Record<LogLevel, number> = { debug: 0, info: 1, warn: 2, error: 3 }

/** One JSON object a line. Not by console.log: Lambda's puts text before the line, and CloudWatch then finds no metrics in it. */
export function createLog({ level, clock, redact, write = (line) => process.stdout.write(line) }: Options): Log {
  let written = { at: 0, time: isoTime(0) }
  const timeNow = () => {
    const at = clock.now()
    // A batch writes many lines in one millisecond.
    if (at !== written.at) written = { at, time: isoTime(at) }
    return written.time
  }
  const lineOf =
    (at: string) =>
    (message: string, fields: LogFields = {}) =>
      write(`${redact(JSON.stringify({ level: at, time: timeNow(), message, ...fields }))}\n`)
  const from = (at: LogLevel) => (order[at] >= order[level] ? lineOf(at) : () => {})
  return { debug: from('debug'), info: from('info'), warn: from('warn'), error: from('error'), always: lineOf('info') }
}

/** Writes all lines of one turn at once: a batch of 500 records is one write instead of 501. What is gathered goes out before the process ends. */
export function gather(write: (text: string) => unknown): (line: string) => void {
  let gathered = ''
  const flush = () => {
    const text = gathered
    gathered = ''
    if (text !== '') write(text)
  }
  process.on('exit', flush)
  return (line) => {
    if (gathered === '') queueMicrotask(flush)
    gathered += line
  }
}
