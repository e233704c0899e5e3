import type { Button } from '../incident/incident.ts'
import { clip } from './clip.ts'
import { type Html, plainText } from './html.ts'

// Telegram's message_text_length_max (TDLib OptionManager.cpp).
const maxCharacters = 4_096

/** A message without markup and buttons, which says all that they said. */
export function plainMessage(markup: string, buttons: Button[]): string {
  const below = buttons.map((button) => ('url' in button ? button.url : button.copy))
  return clip([plainText({ markup } as Html), ...below].join('\n'), maxCharacters)
}
