import { stripVTControlCharacters } from 'node:util'

/** A text that can go to a terminal: without control characters, and without those that turn the direction of a line. */
export function plainText(text: string): string {
  const control = /(?!\n)[\p{Cc}\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu
  return stripVTControlCharacters(text).replace(control, ' ')
}
