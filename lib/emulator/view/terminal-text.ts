import { stripVTControlCharacters } from 'node:util'
import wrapAnsi from 'wrap-ansi'

/** The text without control characters and without characters that change the direction of a line. */
export function terminalText(text: string): string {
  const control = /(?!\n)[\p{Cc}\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu
  return stripVTControlCharacters(text).replace(control, ' ')
}

/** Lines of at most `width` columns, broken at spaces or within long words. Broken lines keep their indentation. The text may have styles. */
export function wrapLines(text: string, width: number): string[] {
  return text.split('\n').flatMap((line) => {
    const words = line.trimStart()
    const indentation = line.slice(0, Math.min(line.length - words.length, Math.floor(width / 2)))
    return wrapAnsi(words, width - indentation.length, { hard: true })
      .split('\n')
      .map((part) => indentation + part)
  })
}
