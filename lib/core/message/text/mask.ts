const shortest = 26

/** Replaces everything in the form of a bot token, because people paste it into the wrong variable. */
export function maskTokens(text: string): string {
  // Nearly no text is as long as the shortest token and has its separator.
  if (text.length < shortest || !(text.includes(':') || text.includes('%3'))) return text
  // Bounded, because a forged record may be a megabyte of digits, and an unbounded repetition would start at each of them.
  return text.replace(/\d{5,20}(?::|%3A)[\w-]{20,}/gi, '<bot token>')
}

/**
 * Replaces everything in the form of a secret; its name stays. Also inside JSON that is encoded once or twice: quotes and backslashes stay.
 * Takes time linear in the length of any text.
 */
export function maskSecrets(text: string): string {
  const masked = maskTokens(text)
  return isSuspicious(masked)
    ? secrets.reduce((rest, { pattern, shown }) => rest.replace(pattern, shown), masked)
    : masked
}

const key =
  '(?:passw(?:or)?d|passphrase|pwd|(?<!pull)secret|token|api[_-]?key|access[_-]?key|account[_-]?key|private[_-]?key|credentials?)'

// A quick test for the rows below, at characters that few texts have.
const named =
  /authorization["'\\]{0,8}\s{0,3}[:=]|bearer\s|[:=](?<=(?:passw(?:or)?d|passphrase|pwd|secret|token|key|credentials?|signature|sig)(?:\\{0,7}["'])?\s{0,2}[:=])/i
const prefixed =
  /[_J](?<=\b(?:gh[pousr]|github|[rs]k|npm|dckr|ey)[_J])|A[KSI](?:IA|za)|xox[abeoprs]-|glpat-|hvs\.|-----BEGIN/
const userInfo = /:\/\/[^\s/@"'\\<>]{1,2101}@/

/** True of a text that may contain a secret with a known prefix. */
export function hasKnownPrefix(text: string): boolean {
  return prefixed.test(text)
}

function isSuspicious(text: string): boolean {
  return named.test(text) || hasKnownPrefix(text) || text.includes('--') || (text.includes('@') && userInfo.test(text))
}

const quote = `\\\\{0,7}["']`
const value = `[^\\s"'\\\\,;&()\\[\\]{}<>]`

/**
 * Every quantifier is bounded, because a forged record may be a megabyte of one character. The longest tokens of AWS and Google fit.
 */
export const secrets: { name: string; pattern: RegExp; shown: string }[] = [
  {
    name: 'private key (PEM)',
    pattern:
      /(-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----)(?:[\w+/=\s:,]|-(?!-)|\\{1,4}[nr]){1,20000}(?:-----END [A-Z ]{0,30}PRIVATE KEY-----)?/g,
    shown: '$1<secret>',
  },
  {
    name: 'password in a URL',
    // Up to the last @ before the path, because a password may contain one.
    pattern: /(:\/\/[^\s/:@"'\\<>]{0,100}:)[^\s/"'\\<>]{1,2000}@/g,
    shown: '$1<secret>@',
  },
  { name: 'token as user in a URL', pattern: /(:\/\/)[^\s/:@"'\\<>]{16,2000}@/g, shown: '$1<secret>@' },
  {
    name: 'Authorization header',
    pattern: new RegExp(
      `(authorization(?:${quote})?\\s{0,3}[:=]\\s{0,3}\\[?(?:${quote})?(?:(?:basic|bearer|digest|token|negotiate|ntlm|api-?key|aws4-hmac-sha256)\\s{1,3}|(?=[^\\s"'\\\\]{0,200}\\d)(?=[^\\s"'\\\\]{8})))${value}{3,2000}`,
      'gi',
    ),
    shown: '$1<secret>',
  },
  // With a digit, since "bearer" is also a word of prose.
  {
    name: 'bearer token',
    pattern: /\b(bearer\s{1,3})(?=[a-z.~+/_-]{0,200}\d)[\w.~+/-]{16,2000}={0,2}/gi,
    shown: '$1<secret>',
  },
  {
    name: 'JSON Web Token',
    pattern: /(?<![\w-])eyJ[\w-]{8,2000}\.[\w-]{4,4000}(?:\.[\w-]{0,1000})?/g,
    shown: '<secret>',
  },
  { name: 'AWS access key id', pattern: /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g, shown: '<secret>' },
  {
    name: 'token by its prefix (GitHub, GitLab, Slack, Google, Stripe, npm, Docker, Vault)',
    pattern:
      /\b(?:gh[pousr]_[A-Za-z0-9]{30,255}|github_pat_\w{22,255}|glpat-[\w-]{20,64}|xox[abeoprs]-[\w-]{10,200}|AIza[\w-]{35}|[rs]k_live_\w{16,99}|npm_[A-Za-z0-9]{36}|dckr_pat_[\w-]{20,64}|hvs\.[\w-]{20,200})/g,
    shown: '<secret>',
  },
  {
    name: 'signature or key in a URL',
    pattern:
      /([?&]|\\u0026)(x-amz-(?:signature|credential|security-token)|x-goog-(?:signature|credential)|sig|signature|key)=[^\s&"'\\<>]{8,3000}/gi,
    shown: '$1$2=<secret>',
  },
  {
    name: 'key=value',
    // Neither a path nor what names a Secret: `pwd=/home/app`, `secret="shop/tls" not found`.
    pattern: new RegExp(
      `(${key}\\s{0,2}=\\s{0,2}(?:${quote})?)(?!/|[a-z0-9-]{1,63}/[a-z0-9.-]{1,253}(?:${quote}|\\s|$))(?:[^\\s"'\\\\<>;&,]|[&,](?![\\w.-]{0,40}=)){1,4000}`,
      'gi',
    ),
    shown: '$1<secret>',
  },
  {
    name: '"key": "value"',
    pattern: new RegExp(`(${key}"\\s{0,2}:\\s{0,2}")(?:[^"\\\\]|\\\\.){1,1000}(?=")`, 'gi'),
    shown: '$1<secret>',
  },
  {
    name: '"key": "value" in JSON or single quotes',
    pattern: new RegExp(`(${key}${quote}\\s{0,2}:\\s{0,2}${quote})[^"'\\\\<>]{1,4000}`, 'gi'),
    shown: '$1<secret>',
  },
  // In prose the next word has no digit or capital letter.
  {
    name: '--flag value',
    pattern:
      /(--[\w-]{0,40}(?:password|passwd|token|secret|key)\s{1,2})(?=[a-z._/+-]{0,100}[\dA-Z])[^\s"'\\,;<>-][^\s"'\\,;<>]{2,4000}/g,
    shown: '$1<secret>',
  },
  {
    name: 'key: value',
    // In prose neither quotes nor digits follow.
    pattern: new RegExp(
      `((?<![a-z])(?:passw(?:or)?d|passphrase|token|client_secret|api[_-]?key|(?:access|auth)[_-]?token|secret[_-]?access[_-]?key|account[_-]?key):\\s{0,3}(?:${quote}(?=[^\\s"'\\\\]{3})|(?=[^\\s"'\\\\<>]{0,100}[\\d!@#$%^&*+/=~])(?=[^\\s"'\\\\<>]{6})))[^\\s"'\\\\,;<>]{3,4000}`,
      'gi',
    ),
    shown: '$1<secret>',
  },
]
