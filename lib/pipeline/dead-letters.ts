import { fromBase64 } from '../core/event/decode.ts'
import { sha256 } from '../core/hash.ts'
import type { RecordOutcome } from '../core/outcome.ts'
import { type Clock, type DeadLetter, orOutage, type Store } from './ports.ts'

const maxBytes = 100_000
const headCharacters = 1_000

export interface DeadLetterValue {
  sha256: string
  /** The size of the value as Lambda passed it. */
  bytes: number
  /** The value without secrets, gzipped, in base64: `base64 -d | gunzip`. */
  gzip?: string
  /** Its beginning, if it is larger than 100 KB even when gzipped. */
  head?: string
}

const storedMilliseconds = 14 * 24 * 3_600_000

interface DeadLetterTools {
  store: Store
  clock: Clock
  redact: (text: string) => string
}

/**
 * Saves every rejected record as a dead letter, once per target. Resolves with those that were saved. The values of the others go to the log,
 * which replaces dead letters with STATE=memory.
 */
export function createSaveDeadLetters({ store, clock, redact }: DeadLetterTools) {
  return async (outcomes: RecordOutcome[], deadline: number): Promise<Set<RecordOutcome>> => {
    const stored = new Set<RecordOutcome>()
    if (!store.isDurable) return stored
    for (const one of outcomes) {
      if (one.outcome !== 'rejected') continue
      // The log takes the rest: the invocation must answer in time.
      if (clock.now() >= deadline) return stored
      const put = await orOutage(() => store.deadLetters.put(toDeadLetter(one, clock.now(), redact)))
      if ('outage' in put) return stored
      stored.add(one)
    }
    return stored
  }
}

function toDeadLetter(
  { record, target, why, detail = '' }: RecordOutcome,
  at: number,
  redact: (text: string) => string,
): DeadLetter {
  const { topic, partition, offset } = record
  const value = maskedValue(record.value, redact)
  return {
    id: sha256(`${topic} ${value.sha256} ${target?.name ?? ''}`).slice(0, 16),
    topic,
    partition,
    offset,
    target: target?.name ?? null,
    why,
    detail: redact(detail),
    at,
    expiresAt: at + storedMilliseconds,
    ...value,
  }
}

/** A rejected record's value without secrets. */
export function maskedValue(value: unknown, redact: (text: string) => string): DeadLetterValue {
  const given = typeof value === 'string' ? value : textOf(value)
  const decoded = fromBase64(given)
  // As latin1, bytes stay the same, and a token in them is found.
  const bytes = decoded ? Buffer.from(redact(decoded.toString('latin1')), 'latin1') : Buffer.from(redact(given))
  // Loaded on demand, since most processes never reject a record.
  const gzip = process.getBuiltinModule('node:zlib').gzipSync(bytes)
  const content =
    gzip.length <= maxBytes
      ? { gzip: gzip.toString('base64') }
      : { head: bytes.toString('utf8').slice(0, headCharacters) }
  return { sha256: sha256(given), bytes: given.length, ...content }
}

/** Never throws, unlike JSON.stringify, which does for values that are nested too deep. */
function textOf(value: unknown): string {
  try {
    return JSON.stringify(value) ?? ''
  } catch {
    return `a value of type ${typeof value} that is not JSON`
  }
}
