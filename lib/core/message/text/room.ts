import { codePoints, type Ends, endAtOrBefore, endAtWord, startAtWord, tailShare } from './clip.ts'

/** The beginning of a text that takes at most `maxBytes` as UTF-8 in JSON, cut between characters. */
export function headWithin(given: string, maxBytes: number): string {
  const text = given.toWellFormed()
  return fitsAtOnce(text, maxBytes) ? text : text.slice(0, endAtOrBefore(text, lastEndWithin(text, maxBytes)))
}

/**
 * Both ends of a text, which together take at most `maxBytes` as UTF-8 in JSON: the beginning of an error says what failed, its end says why.
 * If there is room, the head is the whole text.
 */
export function endsWithin(given: string, maxBytes: number): Ends {
  const text = given.toWellFormed()
  if (fitsAtOnce(text, maxBytes) || lastEndWithin(text, maxBytes) === text.length) {
    return { head: text, tail: '', missing: 0 }
  }
  const tail = text.slice(startAtWord(text, firstStartWithin(text, Math.floor(maxBytes * tailShare))))
  const head = text.slice(0, endAtWord(text, lastEndWithin(text, maxBytes - bytes(tail))))
  return { head, tail, missing: codePoints(text) - codePoints(head) - codePoints(tail) }
}

// The most bytes in JSON of one UTF-16 unit, for any text and for simpler ones.
const anyUnit = 6
const ascii = { bytes: 2, pattern: /^[\n -~]*$/ }
const plain = { bytes: 1, pattern: /^[ !#-[\]-~]*$/ }

function fitsAtOnce(text: string, maxBytes: number): boolean {
  if (text.length * anyUnit <= maxBytes) return true
  return [ascii, plain].some(({ bytes, pattern }) => text.length * bytes <= maxBytes && pattern.test(text))
}

function lastEndWithin(text: string, maxBytes: number): number {
  let left = maxBytes
  let end = 0
  while (end < text.length) {
    const code = text.codePointAt(end) ?? 0
    left -= bytesInJson(code)
    if (left < 0) return end
    end += code > 0xffff ? 2 : 1
  }
  return end
}

function firstStartWithin(text: string, maxBytes: number): number {
  let left = maxBytes
  let start = text.length
  while (start > 0) {
    const unit = text.charCodeAt(start - 1)
    // The text is well-formed, so a low surrogate is the end of a pair.
    const length = unit >= 0xdc00 && unit <= 0xdfff ? 2 : 1
    left -= length === 2 ? 4 : bytesInJson(unit)
    if (left < 0) return start
    start -= length
  }
  return start
}

function bytes(text: string): number {
  let sum = 0
  for (const character of text) sum += bytesInJson(character.codePointAt(0) ?? 0)
  return sum
}

/** The bytes of a code point as JSON.stringify writes it (ECMA-262, QuoteJSONString). */
function bytesInJson(code: number): number {
  if (code < 0x20) return hasShortEscape(code) ? 2 : 6
  if (code === 0x22 || code === 0x5c) return 2
  if (code < 0x80) return 1
  if (code < 0x800) return 2
  return code < 0x10000 ? 3 : 4
}

/** Backspace, tab, line feed, form feed, carriage return. */
function hasShortEscape(code: number): boolean {
  return code >= 0x08 && code <= 0x0d && code !== 0x0b
}
