import { clean } from './clean.ts'
import { hasKnownPrefix, maskSecrets } from './mask.ts'

/** A text of an event as it may be kept and shown. Cleaned first: what cannot be seen must not hide a secret. */
export function tidy(text: string): string {
  return isPlainWord(text) ? text : maskSecrets(clean(text))
}

// Most names, kinds and reasons. Nothing in them can be cleaned, and all secrets but those that tell themselves by their beginning have other
// characters (lib/text/mask.ts).
function isPlainWord(text: string): boolean {
  return text.length <= 253 && /^[A-Za-z0-9.-]*$/.test(text) && !hasKnownPrefix(text)
}
