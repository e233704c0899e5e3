/** A text, or as much of its two ends as there is room for. */
export interface Ends {
  head: string
  /** Empty if nothing is missing. */
  tail: string
  /** How many code points between head and tail were cut. */
  missing: number
}

/** Says how many characters are missing; begins with a separator. */
export type Note = (missing: number) => string

/** Length as Telegram counts it: in code points (TDLib utf8.h, utf8_length). */
export function codePoints(text: string): number {
  if (!pairs.test(text)) return text.length
  let count = text.length
  for (let index = 0; index < text.length - 1; index += 1) {
    if (isPair(text, index)) count -= 1
  }
  return count
}

/**
 * `text` in at most `maxCharacters` (≥ 30) code points. If it is cut, or if characters are `missing` already, it ends with `…` or with the note.
 */
export function clip(text: string, maxCharacters: number, missing = 0, note: Note = bare): string {
  if (missing === 0 && text.length <= maxCharacters) return text
  const length = codePoints(text)
  const whole = missing === 0 ? '' : note(missing)
  if (length + codePoints(whole) <= maxCharacters) return text + whole
  return fitting(maxCharacters, codePoints(note(length + missing)), (room) => {
    const head = text.slice(0, endAtOrBefore(text, afterFirst(text, room)))
    return head + note(length + missing - codePoints(head))
  })
}

/**
 * Both ends in at most `maxCharacters` (≥ 60) code points, with the number of missing characters between them, on its own line if the text has
 * several lines: `head … (+2,310 characters) … tail`.
 */
export function clipEnds(ends: Ends, maxCharacters: number, note: Note): string {
  const { head, tail, missing } = ends
  if (missing === 0 && head.length + tail.length <= maxCharacters) return head + tail
  if (missing > 0 && tail === '') return clip(head, maxCharacters, missing, note)
  const length = codePoints(head) + missing + codePoints(tail)
  const space = head.includes('\n') || tail.includes('\n') ? '\n' : ' '
  const joined = (cut: Ends) => `${cut.head}${space}${note(cut.missing)} …${space}${cut.tail}`
  const whole = missing === 0 ? head + tail : joined(ends)
  if (codePoints(whole) <= maxCharacters) return whole
  const [front, back] = missing === 0 ? [whole, whole] : [head, tail]
  return fitting(maxCharacters, 0, (room) => {
    const wanted = Math.floor(room * tailShare)
    const end = back.slice(startAtWord(back, beforeLast(back, Math.max(wanted, room - codePoints(front)))))
    const start = front.slice(0, endAtWord(front, afterFirst(front, room - codePoints(end))))
    return joined({ head: start, tail: end, missing: length - codePoints(start) - codePoints(end) })
  })
}

/** The beginning of an error says what failed, the end why, because errors are wrapped from the outside. */
export const tailShare = 0.4

/** A place at or before `index` where a text may end: between characters as a reader sees them, and at the end of a word if one is near. */
export function endAtWord(text: string, index: number): number {
  const end = endAtOrBefore(text, index)
  if (end === text.length || isBlank(text, end)) return end
  const line = text.lastIndexOf('\n', end - 1)
  if (line >= end - nearby(end, nearLine)) return endAtOrBefore(text, line)
  const word = text.lastIndexOf(' ', end - 1)
  return word >= end - nearby(end, nearWord) ? word : end
}

/** A place at or after `index` where a text may begin, likewise. */
export function startAtWord(text: string, index: number): number {
  const start = startAtOrAfter(text, index)
  if (start === 0 || start === text.length || isBlank(text, start - 1)) return start
  const left = text.length - start
  const line = text.slice(start, start + nearby(left, nearLine)).indexOf('\n')
  const blank = line < 0 ? text.slice(start, start + nearby(left, nearWord)).indexOf(' ') : line
  return blank < 0 ? start : startAtOrAfter(text, start + blank + 1)
}

/** The last place at or before `index` that is between characters as a reader sees them. */
export function endAtOrBefore(text: string, index: number): number {
  return clusterAt(text, index)?.start ?? index
}

function startAtOrAfter(text: string, index: number): number {
  return clusterAt(text, index)?.end ?? index
}

function bare(): string {
  return '…'
}

/** The result of `make` in the largest room that, of those tried, leaves enough for its note. The note's length is known only afterwards. */
function fitting(maxCharacters: number, reserved: number, make: (room: number) => string): string {
  let room = Math.max(0, maxCharacters - reserved)
  for (;;) {
    const made = make(room)
    const excess = codePoints(made) - maxCharacters
    if (excess <= 0 || room === 0) return made
    room = Math.max(0, room - excess)
  }
}

// A few characters less are better than half a word or half a line.
const nearWord = 24
const nearLine = 120

function nearby(length: number, most: number): number {
  return Math.min(most, Math.floor(length / 4))
}

function isBlank(text: string, index: number): boolean {
  return text[index] === ' ' || text[index] === '\n'
}

let segmenter: Intl.Segmenter | undefined

// Nobody writes longer characters, so a longer one may be cut anywhere between code points.
const longestCluster = 128

/** The user-perceived character (UAX #29) that has `index` inside; undefined if there is none. */
function clusterAt(text: string, index: number): { start: number; end: number } | undefined {
  if (index <= 0 || index >= text.length || isPlain(text.charCodeAt(index - 1), text.charCodeAt(index)))
    return undefined
  const from = afterPair(text, Math.max(0, index - longestCluster))
  const to = afterPair(text, Math.min(text.length, index + longestCluster))
  // Created when needed, because the first one takes milliseconds.
  segmenter ??= new Intl.Segmenter('en', { granularity: 'grapheme' })
  const found = segmenter.segment(text.slice(from, to)).containing(index - from)
  const start = from + (found?.index ?? 0)
  const end = start + (found?.segment.length ?? 0)
  if (start === index) return undefined
  const isTooLong = (start === from && from > 0) || (end === to && to < text.length)
  if (!isTooLong) return { start, end }
  return isPair(text, index - 1) ? { start: index - 1, end: index + 1 } : undefined
}

/** True if two UTF-16 units are never parts of one character: both are ASCII, and not CR LF. */
function isPlain(before: number, after: number): boolean {
  return before < 0x80 && after < 0x80 && !(before === 0x0d && after === 0x0a)
}

function afterFirst(text: string, count: number): number {
  if (!pairs.test(text)) return Math.min(count, text.length)
  let end = 0
  for (let taken = 0; taken < count && end < text.length; taken += 1) end += isPair(text, end) ? 2 : 1
  return end
}

function beforeLast(text: string, count: number): number {
  if (!pairs.test(text)) return Math.max(0, text.length - count)
  let start = text.length
  for (let taken = 0; taken < count && start > 0; taken += 1) start -= isPair(text, start - 2) ? 2 : 1
  return start
}

function afterPair(text: string, index: number): number {
  return isPair(text, index - 1) ? index + 1 : index
}

// Nearly no text has any, and this test is ten times as fast as a loop.
const pairs = /[\uD800-\uDBFF]/

/** True of a surrogate pair at `index`. Half a pair makes Telegram refuse the message. */
function isPair(text: string, index: number): boolean {
  return (text.charCodeAt(index) & 0xfc00) === 0xd800 && (text.charCodeAt(index + 1) & 0xfc00) === 0xdc00
}
