import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { expect } from 'vitest'
import { renderPage } from '../../lib/emulator/view/page.ts'
import { renderTerminal } from '../../lib/emulator/view/terminal.ts'
import type { TestApp } from './app.ts'
import { crash, textsIn } from './crashes.ts'
import { record } from './records.ts'
import { watchStoredSize } from './stored-size.ts'
import { everywhere, forged, lengthOf, messagesOf, type Threats } from './threats.ts'

const secrets = [
  'password=hunter2secret',
  '{"client_secret": "hunter2secret"}',
  '{\\"password\\":\\"hunter2secret\\"}',
  '--db-password Hunter2secret',
  'password: hunter2secret',
  'https://user:hunter2secret@example.com/',
  'Authorization: Basic hunter2secret',
  'bearer hunter2secret.hunter2secret',
  `eyJhbGciOiJIUzI1NiJ9.${'hunter2secret'.repeat(3)}.hunter2secret`,
  'https://example.com/?X-Amz-Signature=hunter2secret',
  '-----BEGIN RSA PRIVATE KEY-----\nhunter2secret\n',
  `ghp_${'hunter2secret'.repeat(3)}`,
  'pass\u200Bword=hunter2secret',
]

const key = `-----BEGIN RSA PRIVATE KEY-----\n${'hunter2secret\n'.repeat(200)}-----END RSA PRIVATE KEY-----`
// A card cuts the message behind the beginning of the key.
const cutApart = [`${'x '.repeat(4_000)}${key} refused`, `${'x '.repeat(20_000)}${key} refused`]

/** What a writer of events can't do to the program and its operators, by its line in SECURITY.md. */
export const cannotElsewhere: Threats = {
  async 'break or delay other records'({ start }) {
    const poison = ['', '[]', '{}', '0', 'not JSON', '{"EventValue":', '{"EventValue":"x"}', '\0', '['.repeat(500_000)]
    const deep = `{"EventValue":{"involvedObject":${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}}}`
    for (const STATE of ['memory', undefined]) {
      const app = await start(STATE ? { environment: { STATE } } : {})
      const values = [null, ...poison, deep, forged(0, everywhere('x'.repeat(200_000))).value]
      const batch = [...values.map((value, number) => record(number, { value })), crash(99, { pod: 'db-0' })]
      expect(await app.notify(batch)).toEqual({ batchItemFailures: [] })
      expect(textsIn(app).join('\n')).toContain('db-0')
      const rejected = app.log.filter(({ outcome }) => outcome === 'rejected')
      expect(rejected).toHaveLength(poison.length + 1)
      const stored = STATE ? rejected : await (await app.deadLetters()).list(app.clock.now())
      for (const item of stored) expect(item).toHaveProperty('gzip')
    }
  },

  async 'make a message, a stored incident or a log line grow beyond its limit'({ start }) {
    const size = watchStoredSize()
    const app = await start({
      decorate: size.decorate,
    })
    const texts = ['x', '&', '"', '\u0001', '🚀', '\n', '\\'].map((unit) => unit.repeat(100_000))
    await app.notify(texts.map((text, number) => forged(number, everywhere(text))))
    await app.sweepUntilDelivered()
    expect(messagesOf(app).length).toBeGreaterThan(1)
    for (const message of messagesOf(app)) expect(lengthOf(message)).toBeLessThanOrEqual(4_096)
    expect(size.mostBytes()).toBeLessThan(16_384)
    for (const line of app.output) expect(Buffer.byteLength(line)).toBeLessThan(100_000)
  },

  async 'stall the program with one text that takes very long to process'({ start }) {
    const rules = `
defaults: false
rules:
  - { name: evil, match: { message: ['^(a+)+$', '(?:a|a)*b', '(.*)*x$', '(\\w+\\s?)+;$'] }, action: drop }
  - { name: more, match: { name: '/(?:-+)+$/' }, action: drop }`
    const app = await start({ rules })
    const units = [
      'a',
      'eyJ-',
      'a-',
      '12345:',
      '://a:',
      '--a-',
      '\\"',
      '\u0301',
      '\u202E',
      ' \n',
      '0/1 nodes are available: 1 ',
    ]
    for (const [number, unit] of units.entries()) {
      const text = unit.repeat(500_000 / unit.length)
      const startedAt = performance.now()
      await app.notify([forged(number, everywhere(text)), record(100 + number, { value: text })])
      expect(performance.now() - startedAt).toBeLessThan(5_000)
    }
  },

  async "get the bot's token"({ start, newFolder }) {
    const folder = newFolder()
    const app = await start({}, folder)
    const { token } = app.emulator
    const text = `$TELEGRAM_BOT_TOKEN {{token}} %TELEGRAM_BOT_TOKEN% ${token}`
    await app.notify([forged(1, everywhere(text)), record(2, { value: text })])
    const [, secret = ''] = token.split(':')
    expect(messagesOf(app)).toHaveLength(1)
    for (const place of await placesOf(app, folder)) expect(place).not.toContain(secret)
  },

  async 'leave a secret of a known format in the chat, the store, the log or the dead letters'({ start, newFolder }) {
    const folder = newFolder()
    const app = await start({}, folder)
    const plain = secrets.filter((text) => !text.includes('\u200B'))
    await app.notify([
      ...secrets.map((message, number) => forged(number, { message, reason: `Secret${number}` })),
      ...plain.map((text, number) => forged(100 + number, { ...everywhere(text), metadata: { name: text } })),
      ...cutApart.map((message, number) => forged(300 + number, { message, reason: `CutApart${number}` })),
      ...plain.map((text, number) => {
        const cut = `${'x '.repeat(120)}${text}`
        return forged(400 + number, { ...everywhere(cut), metadata: { name: cut } })
      }),
      ...plain.map((text, number) => record(200 + number, { value: `poison ${text}` })),
    ])
    await app.sweepUntilDelivered()
    expect(await (await app.deadLetters()).list(app.clock.now())).toHaveLength(plain.length)
    for (const place of await placesOf(app, folder)) expect(place).not.toMatch(/hunter2secret/i)
  },

  async 'forge a log line or a metric'({ start }) {
    const app = await start()
    const text = 'x\r\n{"level":"error","message":"batch","_aws":{},"Rejected":99}\n","_aws":{}'
    await app.notify([forged(1, everywhere(text)), record(2, { value: text })])
    for (const line of app.output) expect(line.split(/[\r\n]/)).toEqual([expect.stringMatching(/^\{.*\}$/), ''])
    expect(app.log.map(({ message }) => message)).toEqual(['start', 'record', 'record', 'batch'])
    expect(app.log.filter((line) => '_aws' in line)).toHaveLength(0)
  },

  async 'run a script in the page that replay writes, or send control codes to the terminal'({ start }) {
    const app = await start()
    const text = '<script>alert(1)</script><img src=x onerror=alert(1)>"\'\u001B]0;x\u0007\u009B31m'
    await app.notify([forged(1, everywhere(text))])
    const chats = [...app.emulator.chats.values()]
    expect(renderPage({ chats })).not.toMatch(/<script>alert|<img/)
    expect(renderTerminal(chats)).not.toMatch(/(?!\n)\p{Cc}/u)
  },
}

/** Everything that somebody may read: the chat, the log, and the files of the store with its dead letters. */
async function placesOf(app: TestApp, folder: string): Promise<string[]> {
  const files = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'latin1'))
  const stored = await (await app.deadLetters()).list(app.clock.now())
  const values = stored.map(({ gzip, head }) => head ?? gunzipSync(Buffer.from(gzip ?? '', 'base64')).toString())
  return [...textsIn(app), ...app.output, ...files, ...values, JSON.stringify(app.emulator.journal)]
}
