import { createHash, randomBytes } from 'node:crypto'
import { gunzipSync } from 'node:zlib'
import { expect, it, test } from 'vitest'
import { createRedactor } from '../../lib/adapters/log/redact.ts'
import { deadLetter } from '../../lib/pipeline/dead-letters.ts'

const { redact } = createRedactor()
const kept = (value: unknown) => gunzipSync(Buffer.from(deadLetter(value, redact).gzip ?? '', 'base64'))

test.each([
  ['text', Buffer.from('not JSON, 节点')],
  ['any bytes', Buffer.from([0, 255, 128, 10])],
])('keeps %s to the byte', (_, bytes) => {
  expect(kept(bytes.toString('base64'))).toEqual(bytes)
})

test.each([
  ['what is not base64', 'not base64!', 'not base64!'],
  ['what is not text', { a: 1 }, '{"a":1}'],
  ['nothing', undefined, ''],
])('keeps %s', (_, value, expected) => {
  expect(kept(value).toString()).toBe(expected)
})

it('keeps the head and the hash of what is larger than 100 KB even gzipped', () => {
  const value = randomBytes(200_000).toString('base64')
  const { gzip, head, sha256, bytes } = deadLetter(value, redact)
  expect({ gzip, bytes, sha256 }).toEqual({
    gzip: undefined,
    bytes: value.length,
    sha256: createHash('sha256').update(value).digest('hex'),
  })
  expect(head).toHaveLength(1_000)
})

it('masks a bot token in it', () => {
  const leak = 'token 123456789:AAEhBOweik6ad9r_QXMENQjcrGbqCr4K-bc!'
  expect(kept(Buffer.from(leak).toString('base64')).toString()).toBe('token <bot token>!')
})

// Each of these takes minutes where a pattern tries every start against every length.
test.each([
  ['digits', '1'.repeat(1_000_000)],
  ['equals signs', `${'='.repeat(1_000_000)}x`],
  ['half tokens', '12345:'.repeat(160_000)],
])('takes 1 MB of %s', (_, text) => {
  for (const value of [text, Buffer.from(text).toString('base64')])
    expect(deadLetter(value, redact).sha256).toHaveLength(64)
})

it('takes what JSON.stringify cannot', () => {
  let nested: unknown = 1
  for (let depth = 0; depth < 100_000; depth += 1) nested = [nested]
  expect(deadLetter(nested, redact).sha256).toHaveLength(64)
})

it('masks a secret before it cuts the head', () => {
  const key = `-----BEGIN PRIVATE KEY-----\n${'MIIE'.repeat(500)}\n-----END PRIVATE KEY-----`
  const value = Buffer.from(`${'x'.repeat(980)}${key}${randomBytes(200_000).toString('base64')}`).toString('base64')
  const { head } = deadLetter(value, redact)
  expect(head).toMatch(/^x{980}-----BEGIN PRIVATE/)
  expect(head).not.toContain('MIIE')
})
