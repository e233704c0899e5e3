import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, test } from 'vitest'
import type { Fault } from '../../../lib/emulator/faults.ts'
import { cli } from '../spawn.ts'
import { chat, fileOf, forum, type Output, supergroup, unwrapped, withEmulator } from './bot.ts'

describe('check --telegram', () => {
  test('no problems, and nothing is sent', async () => {
    const { emulator, env } = await withEmulator([forum, { id: -5, type: 'channel', title: 'News', username: '@news' }])
    const file = fileOf("targets: { oncall: -1001234567890:42, news: '@news' }\nroutes: [{ to: [oncall, news] }]")
    const { code, stdout, stderr } = await cli(['check', file, '--telegram'], env)
    expect(unwrapped(stdout).replace(emulator.apiRoot, '<root>')).toMatchInlineSnapshot(`
      "
      Telegram, <root>
        ✓ bot: the token belongs to @emulator_bot, “Emulator”
        ✓ the default, oncall (-1001234567890): “Cluster alerts”, a supergroup with topics; the bot is a member and may write
        · oncall: only a test message shows whether thread 42 exists
          → --send-test
        ✓ news (@news): “News”, a channel; the bot is an administrator

      No problems.
      "
    `)
    expect(code).toBe(0)
    expect(emulator.journal.map(({ method }) => method)).toEqual([
      'getMe',
      ...['getChat', 'getChatMember', 'getChat', 'getChatMember'],
    ])
    expect(stdout + stderr).not.toContain('not-to-be-seen')
  })

  test.each<[string, Fault, string, string]>([
    [
      '401',
      { kind: 'unauthorized' },
      'Telegram rejects the bot token (401 Unauthorized)',
      'check TELEGRAM_BOT_TOKEN; ',
    ],
    [
      '429',
      { kind: 'too many requests', retryAfter: 17 },
      "Telegram's rate limit asks to wait 17 s (429 Too Many Requests: retry after 17)",
      'run the check again after that',
    ],
    [
      'a proxy’s page',
      { kind: 'bad gateway', isAccepted: false },
      'is not the Bot API (HTTP 502, not JSON)',
      'check TELEGRAM_API_ROOT and any proxy in between',
    ],
    ['a reset', { kind: 'reset', isAccepted: false }, 'broke before the answer (ECONNRESET)', 'run the check again'],
    ['500', { kind: 'internal error' }, 'Telegram has an internal error (500', 'again in a minute'],
  ])('%s is printed once and ends the check', async (_name, fault, says, advice) => {
    for (const method of ['getMe', 'getChat', 'getChatMember']) {
      const { emulator, env } = await withEmulator([supergroup], [{ ...fault, method }])
      const file = fileOf('targets: { oncall: -5 }\nroutes: [{ to: oncall }]')
      const { code, stdout, stderr } = await cli(['check', file, '--send-test'], env)
      const told = stdout.split('\n').filter((line) => line.includes('✗'))
      expect(told).toHaveLength(1)
      expect(unwrapped(stdout)).toContain(says)
      expect(unwrapped(stdout)).toContain(advice)
      expect(code).toBe(1)
      expect(emulator.journal.at(-1)?.method).toBe(method)
      expect(stdout + stderr).not.toContain('not-to-be-seen')
    }
  })

  test('a wrong token, a wrong API root and an unreachable server', async () => {
    const { env, emulator } = await withEmulator([supergroup])
    const ask = async (more: Record<string, string>) => {
      const { code, stdout } = await cli(['check', '--telegram'], { ...env, ...more })
      expect(code).toBe(1)
      return unwrapped(stdout)
    }
    const wrong = await ask({ TELEGRAM_BOT_TOKEN: '1:of-another-bot-not-to-be-seen' })
    expect(wrong).toContain('Telegram rejects the bot token (401 Unauthorized)')
    expect(wrong).toContain('@BotFather')
    expect(wrong).not.toContain('not-to-be-seen')
    expect(await ask({ TELEGRAM_API_ROOT: `${emulator.apiRoot}/api` })).toContain(
      'check TELEGRAM_API_ROOT, and check that TELEGRAM_BOT_TOKEN has the complete token',
    )
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    await new Promise<void>((resolve) => server.close(() => resolve()))
    expect(await ask({ TELEGRAM_API_ROOT: `http://127.0.0.1:${port}` })).toContain('is unreachable (ECONNREFUSED)')
  })

  test('a token that AWS does not return', async () => {
    const aws = {
      AWS_REGION: 'eu-west-1',
      AWS_ACCESS_KEY_ID: 'x',
      AWS_SECRET_ACCESS_KEY: 'y',
      AWS_ENDPOINT_URL: 'http://127.0.0.1:1',
    }
    const env = { TELEGRAM_CHAT_ID: '-1', TELEGRAM_BOT_TOKEN_SECRET: 'my/bot', ...aws }
    const { code, stdout } = await cli(['check', '--telegram'], env)
    expect(unwrapped(stdout)).toContain('→ check TELEGRAM_BOT_TOKEN_SECRET, and check that the AWS credentials')
    expect(code).toBe(1)
  })

  test('slow mode is a warning, unless the bot is an administrator', async () => {
    for (const [bot, count] of [
      ['member', 1],
      ['administrator', 0],
    ] as const) {
      const { env } = await withEmulator([{ ...supergroup, slowModeSeconds: 30, bot }])
      const { code, stdout } = await cli(['check', '--telegram', '--json'], env)
      const { telegram } = JSON.parse(stdout) as Output
      expect(telegram.filter(({ level }) => level === 'warning')).toHaveLength(count)
      expect(code).toBe(0)
    }
  })

  test('each chat is checked once, however many targets it has', async () => {
    const { emulator, env } = await withEmulator([
      forum,
      { id: -5, type: 'group', title: 'A' },
      { id: -6, type: 'group', title: 'B' },
      { id: -7, type: 'group', title: 'C' },
    ])
    const file = fileOf(`
targets: { a: -1001234567890:42, b: -1001234567890 }
routes: [{ to: [a, b, -5] }]
quiet: [{ targets: [-5, a], from: 20:00, to: 08:00 }]
fallback: -6
suppressed: { at: 09:00, target: -5 }
watchdog: { after: 30m, target: -7 }
`)
    const { code } = await cli(['check', file, '--telegram'], { ...env, STATE: 'sqlite:state.db' })
    expect(code).toBe(0)
    const chats = emulator.journal.filter(({ method }) => method === 'getChat').map(({ chatId }) => chatId)
    expect(chats).toEqual([chat, -5, -6, -7])
    expect(Math.max(...chats.map((id) => emulator.mostInFlight(id ?? 0)))).toBe(1)
  })
})
