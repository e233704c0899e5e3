import { createHash } from 'node:crypto'

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
  const given = typeof value === 'string' ? value : (JSON.stringify(value) ?? '')
  const decoded = Buffer.from(given, 'base64')
  const isBase64 = decoded.toString('base64').replace(/=+$/, '') === given.replace(/=+$/, '')
  // Bytes as latin1 keep their identity, and a token in them is found all the same.
  const text = redact(isBase64 ? decoded.toString('latin1') : given)
  const bytes = Buffer.from(text, isBase64 ? 'latin1' : 'utf8')
  // Loaded here, since most processes never reject a record.
  const gzip = process.getBuiltinModule('node:zlib').gzipSync(bytes)
  const kept =
    gzip.length <= maxBytes
      ? { gzip: gzip.toString('base64') }
      : { head: bytes.toString('utf8').slice(0, headCharacters) }
  return { sha256: sha256(given), bytes: given.length, ...kept }
}

export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
