const shortest = 26

/** Replaces everything that has a bot token's form: people paste it into the wrong variable. */
export function maskTokens(text: string): string {
  // Nearly no text has what a token is joined by, or is as long as the shortest.
  if (text.length < shortest || !(text.includes(':') || text.includes('%3'))) return text
  // Bounded, since a forged record may be a megabyte of digits: an open end would be tried from every one of them.
  return text.replace(/\d{5,20}(?::|%3A)[\w-]{20,}/gi, '<bot token>')
}
