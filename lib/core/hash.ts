import { hash } from 'node:crypto'
import { createMemo } from './memo.ts'

// The same names of workloads come again and again.
const remembered = createMemo<string, string>()
const longestRemembered = 500

/** The SHA-256 of a text as UTF-8, in lower-case hexadecimal digits. */
export function sha256(text: string): string {
  return text.length > longestRemembered ? hash('sha256', text) : remembered(text, (short) => hash('sha256', short))
}
