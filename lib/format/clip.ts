/** Length as Telegram counts it: in code points (TDLib utf8.h, utf8_length). */
export function codePoints(text: string): number {
  let count = text.length
  for (let index = 0; index < text.length - 1; index += 1) {
    if (isLeading(text.charCodeAt(index)) && isTrailing(text.charCodeAt(index + 1))) count -= 1
  }
  return count
}

/**
 * `text` in at most `maxCharacters` (≥ 30) code points; what is cut off is counted at the end, with what is `missing` from it already:
 * `… (+2,310 characters)`.
 */
export function clip(text: string, maxCharacters: number, missing = 0): string {
  if (missing === 0 && text.length <= maxCharacters) return text
  const length = codePoints(text)
  const whole = missing === 0 ? '' : note(missing)
  if (length + whole.length <= maxCharacters) return text + whole
  const kept = Math.max(0, maxCharacters - note(length + missing).length)
  return head(text, kept) + note(length - kept + missing)
}

/** `1,234,567`. Not by toLocaleString, which alone takes as long as the rest of a card. */
export function grouped(number: number): string {
  return String(number).replace(/\B(?=(\d{3})+$)/g, ',')
}

function note(missing: number): string {
  return `… (+${grouped(missing)} characters)`
}

// Never through a surrogate pair: half of one makes Telegram refuse the message.
function head(text: string, count: number): string {
  let end = 0
  for (let taken = 0; taken < count && end < text.length; taken += 1) {
    end += isLeading(text.charCodeAt(end)) && isTrailing(text.charCodeAt(end + 1)) ? 2 : 1
  }
  return text.slice(0, end)
}

function isLeading(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff
}

function isTrailing(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff
}
