import { createHash, randomBytes } from 'node:crypto'
import { gunzipSync } from 'node:zlib'
import { expect, it, test } from 'vitest'
import { createRedactor } from '../../lib/adapters/log/redact.ts'
import { maskedValue } from '../../lib/pipeline/dead-letters.ts'

const { redact } = createRedactor()
const saved = (value: unknown) => gunzipSync(Buffer.from(maskedValue(value, redact).gzip ?? '', 'base64'))

test.each([
  ['text', Buffer.from('not JSON, 节点')],
  ['any bytes', Buffer.from([0, 255, 128, 10])],
])('saves %s to the byte', (_, bytes) => {
  expect(saved(bytes.toString('base64'))).toEqual(bytes)
})

test.each([
  ['a value that is not base64', 'not base64!', 'not base64!'],
  ['a value that is not text', { a: 1 }, '{"a":1}'],
  ['a missing value', undefined, ''],
])('saves %s', (_, value, expected) => {
  expect(saved(value).toString()).toBe(expected)
})

it('saves only the head and the hash of a value that is larger than 100 KB gzipped', () => {
  const value = randomBytes(200_000).toString('base64')
  const { gzip, head, sha256, bytes } = maskedValue(value, redact)
  expect({ gzip, bytes, sha256 }).toEqual({
    gzip: undefined,
    bytes: value.length,
    sha256: createHash('sha256').update(value).digest('hex'),
  })
  expect(head).toHaveLength(1_000)
})

it('masks a bot token in the value', () => {
  const leak = 'token 123456789:AAEhBOweik6ad9r_QXMENQjcrGbqCr4K-bc!'
  expect(saved(Buffer.from(leak).toString('base64')).toString()).toBe('token <bot token>!')
})

// Each of these takes minutes with a pattern that tries every start with every length.
test.each([
  ['digits', '1'.repeat(1_000_000)],
  ['equals signs', `${'='.repeat(1_000_000)}x`],
  ['half tokens', '12345:'.repeat(160_000)],
])('takes 1 MB of %s', (_, text) => {
  for (const value of [text, Buffer.from(text).toString('base64')])
    expect(maskedValue(value, redact).sha256).toHaveLength(64)
})

it('accepts a value that JSON.stringify refuses', () => {
  let nested: unknown = 1
  for (let depth = 0; depth < 100_000; depth += 1) nested = [nested]
  expect(maskedValue(nested, redact).sha256).toHaveLength(64)
})

it('masks a secret before it cuts the value', () => {
  const key = `-----BEGIN PRIVATE KEY-----\n${'MIIE'.repeat(500)}\n-----END PRIVATE KEY-----`
  const value = Buffer.from(`${'x'.repeat(980)}${key}${randomBytes(200_000).toString('base64')}`).toString('base64')
  const { head } = maskedValue(value, redact)
  expect(head).toMatch(/^x{980}-----BEGIN PRIVATE/)
  expect(head).not.toContain('MIIE')
})
