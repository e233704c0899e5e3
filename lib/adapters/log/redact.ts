import { maskSecrets } from '../../core/message/text/mask.ts'

export interface Redactor {
  /** From now on this secret is masked, too. */
  add(secret: string): void
  /** `text` without secrets. */
  redact(text: string): string
}

/** Takes the bot's token, and what has the form of a secret, out of everything that leaves the program other than to Telegram. */
export function createRedactor(): Redactor {
  const secrets = new Set<string>()
  return {
    add(token) {
      secrets.add(token)
      secrets.add(encodeURIComponent(token))
      const half = token.slice(token.indexOf(':') + 1)
      // The secret half alone is enough to be masked, unless it is so short that it would mask ordinary words.
      if (half.length >= 16) secrets.add(half)
    },
    redact(text) {
      let masked = text
      for (const secret of secrets) masked = masked.replaceAll(secret, '<bot token>')
      return maskSecrets(masked)
    },
  }
}

/** The same error without secrets: Lambda's runtime prints what is thrown, past our log. */
export function redactError(error: unknown, redact: Redactor['redact']): unknown {
  if (!(error instanceof Error)) return error
  error.message = redact(error.message)
  error.stack = redact(error.stack ?? '')
  return error
}
