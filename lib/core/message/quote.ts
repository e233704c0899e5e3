import { isCombined, withoutCombinedPrefix } from '../event/event.ts'
import type { Latest } from '../incident/latest.ts'
import { formatNumber } from './counts.ts'
import { type Html, html, lines, plainText } from './html.ts'
import { clipEnds, codePoints } from './text/clip.ts'
import type { Words } from './words/en.ts'

// Telegram's message_text_length_max is 4,096 (TDLib OptionManager.cpp). The rest is for what a delivery adds: marks, and in plain text
// the buttons' command and address.
const maxCharacters = 3_500

// Long ones are collapsed until the reader taps them.
const longMessage = 280

/** The event message, cut in its middle to the room that the `others` of the card leave. */
export function quote(
  { message, tail, missing }: Pick<Latest, 'message' | 'tail' | 'missing'>,
  others: Html[],
  { card: words }: Words,
): Html | undefined {
  const head = withoutCombinedPrefix(message)
  if (head === '' && tail === '') return undefined
  const text = clipEnds({ head, tail, missing }, roomBeside(head + tail, others), (count) =>
    words.cut(formatNumber(count, words)),
  )
  const shown = html`<code>${text}</code>`
  const quoted =
    text.length > longMessage
      ? html`<blockquote expandable>${shown}</blockquote>`
      : html`<blockquote>${shown}</blockquote>`
  return isCombined(message) ? lines([html`<i>${words.combined}</i>`, quoted]) : quoted
}

// Markup is never shorter than what a reader sees of it, so most cards need no counting.
function roomBeside(text: string, others: Html[]): number {
  const lengthOf = (count: (html: Html) => number) => others.reduce((sum, part) => sum + count(part) + 1, maxNotes)
  if (text.length + lengthOf(({ markup }) => markup.length) <= maxCharacters) return maxCharacters
  return Math.max(leastRoom, maxCharacters - lengthOf((part) => codePoints(plainText(part))))
}

// `… (+1,234,567 characters) …`, and that it is one of many.
const maxNotes = 100
const leastRoom = 100
