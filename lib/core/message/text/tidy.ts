import { clean } from './clean.ts'
import { hasKnownPrefix, maskSecrets } from './mask.ts'

/** A text of an event as it may be saved and shown. It is cleaned first, so that invisible characters cannot hide a secret. */
export function tidy(text: string): string {
  if (isPlainWord(text)) return text
  if (text.length < longText) return maskSecrets(clean(text))
  if (text !== latest.text) latest = { text, tidied: maskSecrets(clean(text)) }
  return latest.tidied
}

// Each target and the log need the same text, and a megabyte takes up to a tenth of a second.
const longText = 10_000
let latest = { text: '', tidied: '' }

/**
 * The beginning of a text, tidied. Only slightly more than `characters` are read. Half a secret does not look like one, so the last part of
 * what was read is left out.
 */
export function tidyBeginning(text: string, characters: number): string {
  const mostRead = characters + mostTorn
  return text.length <= mostRead ? tidy(text) : tidy(text.slice(0, mostRead)).slice(0, -mostTorn)
}

// The longest secret that is masked as a whole or not at all: a password in a URL, a value in JSON, the head of a JSON Web Token (lib/core/message/text/mask.ts).
const mostTorn = 2_200

/** A name unchanged; of a name longer than any in Kubernetes the beginning, tidied before it is cut. */
export function atMost(name: string, characters: number): string {
  return (name.length > characters ? tidyBeginning(name, mostOfName).slice(0, characters) : name).toWellFormed()
}

const mostOfName = 2_000

// True of most names, kinds and reasons. They need no cleaning, and every secret without a known prefix has other characters
// (lib/core/message/text/mask.ts).
function isPlainWord(text: string): boolean {
  return text.length <= 253 && /^[A-Za-z0-9.-]*$/.test(text) && !hasKnownPrefix(text)
}
