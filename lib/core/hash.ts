import { hash } from 'node:crypto'
import { createMemo } from './memo.ts'

/** The SHA-256 of a text as UTF-8, in lower-case hexadecimal digits. */
export function sha256(text: string): string {
  return hash('sha256', text)
}

/** The same hash, which computes each short text once: most texts are names of the same few workloads. */
export function memoizedHash(hash: (text: string) => string): (text: string) => string {
  const memo = createMemo<string, string>()
  return (text) => (text.length > longest ? hash(text) : memo(text, hash))
}

const longest = 500
