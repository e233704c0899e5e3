import { isCombined, withoutCombinedPrefix } from '../event/event.ts'
import type { Latest } from '../incident/latest.ts'
import { formatNumber } from './counts.ts'
import { type Html, html, lines, plainText } from './html.ts'
import { clipEnds, codePoints } from './text/clip.ts'
import type { Words } from './words/en.ts'

// Telegram takes 4,096 (TDLib OptionManager.cpp, message_text_length_max). The rest is for what a delivery adds: marks, and in plain text the
// command and the address of the buttons.
const maxCard = 3_500

// Of 5,788 real events only those of OpenShift's operators are longer, and four others. The log has the whole message.
const maxMessage = 800

// Longer ones are collapsed until the reader taps them.
const longMessage = 280

/** The event message; a long one is cut in its middle, to the room that the `others` of the card leave. */
export function quote(
  { message, tail, missing }: Pick<Latest, 'message' | 'tail' | 'missing'>,
  others: Html[],
  { card: words }: Words,
): Html | undefined {
  const head = withoutCombinedPrefix(message)
  if (head === '' && tail === '') return undefined
  const text = clipEnds({ head, tail, missing }, roomBeside(others), (count) => words.cut(formatNumber(count, words)))
  const shown = html`<code>${text}</code>`
  const quoted =
    text.length > longMessage
      ? html`<blockquote expandable>${shown}</blockquote>`
      : html`<blockquote>${shown}</blockquote>`
  return isCombined(message) ? lines([html`<i>${words.combined}</i>`, quoted]) : quoted
}

function roomBeside(others: Html[]): number {
  const lengthOf = (count: (html: Html) => number) => others.reduce((sum, part) => sum + count(part) + 1, maxNotes)
  // Markup is never shorter than what a reader sees of it, so most cards need no counting.
  if (maxMessage + lengthOf(({ markup }) => markup.length) <= maxCard) return maxMessage
  const room = maxCard - lengthOf((part) => codePoints(plainText(part)))
  return Math.min(maxMessage, Math.max(leastRoom, room))
}

// `… (+1,234,567 characters) …`, and that it is one of many.
const maxNotes = 100
const leastRoom = 100
