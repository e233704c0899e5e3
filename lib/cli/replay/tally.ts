import { isObject, parseJson } from '../../core/json.ts'

/** Counts from the program's log. */
export interface Counts {
  /** By outcome and reason (`sent: shown`). Counts the last outcome of each record and target. */
  outcomes: Record<string, number>
  incidents: number
  requests: number
  edits: number
  /** Warnings and errors in the log. */
  warnings: string[]
}

export interface Tally {
  /** Takes one line of the log. */
  write(line: string): void
  counts(): Counts
  /** The outcomes of one record, one per target (`sent: shown`). */
  outcomesOf(topic: string, partition: number, offset: number): string[]
}

/** Reads the program's log. Its level must be info or lower. */
export function startTally(): Tally {
  const outcomes = new Map<string, string>()
  const incidents = new Set<string>()
  const warnings = new Set<string>()
  let requests = 0
  let edits = 0
  return {
    write(line) {
      const fields = parseJson(line)
      if (!isObject(fields)) return
      const { level, message, topic, partition, offset, chat, incident } = fields
      if (message === 'record') {
        outcomes.set(JSON.stringify([topic, partition, offset, chat]), `${fields.outcome}: ${fields.why}`)
        if (typeof incident === 'string') incidents.add(incident)
      } else if (message === 'batch' || message === 'sweep') {
        requests += Number(fields.Requests ?? 0)
        edits += Number(fields.Edits ?? 0)
      } else if (message !== 'incident' && (level === 'warn' || level === 'error')) warnings.add(String(message))
    },
    outcomesOf(...place) {
      const own = JSON.stringify(place).replace(/\]$/, ',')
      return [...outcomes].filter(([record]) => record.startsWith(own)).map(([, outcome]) => outcome)
    },
    counts() {
      const counted: Record<string, number> = {}
      for (const outcome of [...outcomes.values()].sort()) counted[outcome] = (counted[outcome] ?? 0) + 1
      return { outcomes: counted, incidents: incidents.size, requests, edits, warnings: [...warnings] }
    },
  }
}
