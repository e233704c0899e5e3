import { hash } from 'node:crypto'
import { remembering } from './event/remember.ts'

/** The SHA-256 of a text as UTF-8, in lower-case hexadecimal digits. */
export function sha256(text: string): string {
  return hash('sha256', text)
}

/** The same hash for who asks for the same short texts again and again: names of workloads, mostly. */
export function rememberedHash(hash: (text: string) => string): (text: string) => string {
  const remember = remembering<string, string>()
  return (text) => (text.length > longest ? hash(text) : remember(text, hash))
}

const longest = 500
