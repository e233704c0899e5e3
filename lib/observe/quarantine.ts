import { createHash } from 'node:crypto'
import { fromBase64 } from '../event/base64.ts'

const maxBytes = 100_000
const headCharacters = 1_000

export interface Quarantined {
  sha256: string
  /** Of the value as Lambda gave it. */
  bytes: number
  /** The value without secrets, gzipped, in base64: `base64 -d | gunzip`. */
  gzip?: string
  /** Its beginning, where even gzipped it is larger than 100 KB. */
  head?: string
}

/** A rejected record's value for the log, which is the quarantine where state is memory. */
export function quarantined(value: unknown, redact: (text: string) => string): Quarantined {
  const given = typeof value === 'string' ? value : textOf(value)
  const decoded = fromBase64(given)
  // Bytes as latin1 keep their identity, and a token in them is found all the same.
  const bytes = decoded ? Buffer.from(redact(decoded.toString('latin1')), 'latin1') : Buffer.from(redact(given))
  // Loaded here, since most processes never reject a record.
  const gzip = process.getBuiltinModule('node:zlib').gzipSync(bytes)
  const kept =
    gzip.length <= maxBytes
      ? { gzip: gzip.toString('base64') }
      : { head: bytes.toString('utf8').slice(0, headCharacters) }
  return { sha256: sha256(given), bytes: given.length, ...kept }
}

/** Total: JSON.stringify throws for what is nested too deep. */
function textOf(value: unknown): string {
  try {
    return JSON.stringify(value) ?? ''
  } catch {
    return `a value of type ${typeof value} that is no JSON`
  }
}

export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
