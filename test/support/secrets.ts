import fc from 'fast-check'

/** Secrets consist of these characters, and nothing else contains them. */
const value = 'Z7Q'
export const leaked = /Z7|7Q|QZ/

const long = (length: number) => value.repeat(Math.ceil(length / value.length)).slice(0, length)
const lines = (length: number) => (long(length).match(/.{1,64}/g) ?? []).join('\n')

/** Texts with a secret of a given length. */
const forms: Record<string, [write: (length: number) => string, least: number, most: number]> = {
  'a private key': [
    (length) => `-----BEGIN RSA PRIVATE KEY-----\n${lines(length)}\n-----END RSA PRIVATE KEY-----`,
    700,
    12_000,
  ],
  'a private key in JSON': [
    (length) => `-----BEGIN PRIVATE KEY-----\\n${lines(length).replaceAll('\n', '\\n')}\\n-----END PRIVATE KEY-----\\n`,
    700,
    12_000,
  ],
  'key=value': [(length) => `password=${long(length)}`, 8, 3_900],
  '"key": "value"': [(length) => `"password": "${long(length)}"`, 8, 900],
  '"key": "value" with quotes in it': [(length) => `"password": "${long(length)}\\"${long(length)}"`, 8, 450],
  'key: value': [(length) => `token: ${long(length)}`, 8, 3_900],
  'a flag': [(length) => `--auth-token ${long(length)}`, 8, 3_900],
  'a URL': [(length) => `https://app:${long(length)}@db`, 8, 1_900],
  'a header': [(length) => `Authorization: Basic ${long(length)}`, 8, 1_900],
  'a JSON Web Token': [(length) => `eyJ${long(60)}.${long(length)}.${long(40)}`, 60, 3_900],
  'a signature': [(length) => `https://s3/x?X-Amz-Signature=${long(length)}`, 10, 2_900],
  "GitHub's": [() => `ghp_${long(36)}`, 36, 36],
  "a bot's": [() => `1234567890:${long(35)}`, 35, 35],
}

/** A text with a secret anywhere in it, even behind invisible characters. */
export function anySecretText(mostAround: number): fc.Arbitrary<string> {
  const filler = fc
    .tuple(fc.constantFrom('word ', 'ein Wört ', '\u200B', 'x'), fc.nat({ max: mostAround }))
    .map(([unit, length]) => unit.repeat(Math.ceil(length / unit.length)))
  const secret = fc
    .constantFrom(...Object.values(forms))
    .chain(([write, min, max]) => fc.integer({ min, max }).map(write))
  return fc.tuple(filler, secret, filler).map(([before, secret, after]) => `${before} ${secret} ${after}`)
}
