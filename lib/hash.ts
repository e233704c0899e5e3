import { hash } from 'node:crypto'

/** The SHA-256 of a text as UTF-8, in lower-case hexadecimal digits. */
export function sha256(text: string): string {
  return hash('sha256', text)
}

/** The same hash for who asks for the same short texts again and again: names of workloads, mostly. */
export function remembering(hash: (text: string) => string): (text: string) => string {
  const known = new Map<string, string>()
  return (text) => {
    const found = known.get(text)
    if (found !== undefined) return found
    const made = hash(text)
    if (text.length > longest) return made
    if (known.size >= most) known.clear()
    known.set(text, made)
    return made
  }
}

const longest = 500
const most = 10_000
