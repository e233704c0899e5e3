import type { Button } from '../incident/incident.ts'
import { plainText } from './html.ts'
import { clip, codePoints } from './text/clip.ts'

// Telegram's message_text_length_max (TDLib OptionManager.cpp).
const maxCharacters = 4_096

/** A message without markup and buttons, which says all that they said. */
export function plainMessage(markup: string, buttons: Button[]): string {
  const below = buttons.map((button) => `\n${'url' in button ? button.url : button.copy}`).join('')
  // Half an address would be a link to somewhere else.
  return clip(plainText({ markup }), maxCharacters - codePoints(below)) + below
}
