import { maskSecrets } from '../../core/message/text/mask.ts'

export interface Redactor {
  /** From now on this bot token is masked, too. */
  addToken(token: string): void
  /** From now on this other secret is masked, too. */
  addSecret(secret: string): void
  /** `text` without secrets. */
  redact(text: string): string
}

/** Takes the bot's token, and what has the form of a secret, out of everything that leaves the program other than to Telegram. */
export function createRedactor(): Redactor {
  // Each with what replaces it.
  const secrets = new Map<string, string>()
  const addAs = (shown: string, secret: string) => {
    secrets.set(secret, shown)
    secrets.set(encodeURIComponent(secret), shown)
  }
  return {
    addToken(token) {
      addAs('<bot token>', token)
      const half = token.slice(token.indexOf(':') + 1)
      // The secret half alone is enough to be masked, unless it is so short that it would mask ordinary words.
      if (half.length >= 16) addAs('<bot token>', half)
    },
    addSecret: (secret) => addAs('<secret>', secret),
    redact(text) {
      let masked = text
      for (const [secret, shown] of secrets) masked = masked.replaceAll(secret, shown)
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
