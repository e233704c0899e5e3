/** Replaces everything that has a bot token's form: people paste it into the wrong variable. */
export function maskTokens(text: string): string {
  return text.replace(/\d{5,}(?::|%3A)[\w-]{20,}/gi, '<bot token>')
}
