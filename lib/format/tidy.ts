import { clean } from './clean.ts'
import { maskSecrets } from './mask.ts'

/** A text of an event as it may be kept and shown. Cleaned first: what cannot be seen must not hide a secret. */
export function tidy(text: string): string {
  return isShortWord(text) ? text : maskSecrets(clean(text))
}

// Shorter than any secret that has no sign of its own (lib/format/mask.ts), as most reasons, kinds and namespaces are.
function isShortWord(text: string): boolean {
  return text.length <= 14 && /^[\w.-]*$/.test(text)
}
