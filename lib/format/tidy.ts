import { clean } from './clean.ts'
import { maskSecrets } from './mask.ts'

/** A text of an event as it may be kept and shown. Cleaned first: what cannot be seen must not hide a secret. */
export function tidy(text: string): string {
  return maskSecrets(clean(text))
}
