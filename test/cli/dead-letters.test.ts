import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, onTestFinished, test } from 'vitest'
import { systemClock } from '../../lib/adapters/clock.ts'
import { openStore } from '../../lib/app/open-store.ts'
import { startEmulator } from '../../lib/emulator/server.ts'
import type { DeadLetter } from '../../lib/pipeline/ports.ts'
import { envelope, event } from '../support/records.ts'
import { cli, temporaryFolder } from './spawn.ts'

const hour = 3_600_000

const deadLetter = (id: string, offset: number, value: string, more: Partial<DeadLetter> = {}): DeadLetter => ({
  id: id.repeat(16),
  topic: 'kube-events',
  partition: 0,
  offset,
  target: null,
  why: 'not JSON',
  detail: '',
  at: Date.now() - hour + offset,
  expiresAt: Date.now() + hour,
  sha256: 'f'.repeat(64),
  bytes: value.length,
  gzip: gzipSync(value).toString('base64'),
  ...more,
})

/** An environment whose state has these dead letters. */
async function stateWith(records: DeadLetter[]): Promise<{ STATE: string }> {
  const file = join(temporaryFolder(), 'state.db')
  const store = await openStore({ kind: 'sqlite', file }, { clock: systemClock })
  for (const record of records) await store.deadLetters.put(record)
  store.close()
  return { STATE: `sqlite:${file}` }
}

async function withBot(state: { STATE: string }) {
  const emulator = await startEmulator({ isPaced: false })
  onTestFinished(() => emulator.close())
  const { apiRoot: TELEGRAM_API_ROOT, token: TELEGRAM_BOT_TOKEN } = emulator
  return {
    emulator,
    env: { ...state, TELEGRAM_API_ROOT, TELEGRAM_BOT_TOKEN, TELEGRAM_CHAT_ID: String([...emulator.chats.keys()][0]) },
  }
}

const idsIn = async (env: Record<string, string>) =>
  (JSON.parse((await cli(['dead-letters', 'list', '--json'], env)).stdout) as DeadLetter[]).map(({ id }) => id[0])

const evil = 'one\x1b[2J\u202etwo\nthree'

describe('list', () => {
  test('prints a table, latest first, without control characters; needs neither bot nor chat', async () => {
    const env = await stateWith([
      deadLetter('a', 1, evil),
      deadLetter('b', 22, 'x'.repeat(1_000), { why: 'text refused', target: '-100' }),
    ])
    const { code, stdout } = await cli(['dead-letters', 'list'], env)
    expect(code).toBe(0)
    const [head, ...rows] = stdout.trimEnd().split('\n')
    expect(head).toMatch(/^id +when \(UTC\) +why +where +target +value$/)
    expect(rows).toEqual([
      expect.stringMatching(
        /^bbbbbbbbbbbbbbbb {2}\d{4}-\d\d-\d\d \d\d:\d\d:\d\d {2}text refused {2}kube-events\/0\/22 {2}-100 {4}x+$/,
      ),
      expect.stringMatching(/^aaaaaaaaaaaaaaaa .* not JSON {6}kube-events\/0\/1 {3}– {7}one two three$/),
    ])
    expect(rows[0]?.length).toBeLessThanOrEqual(160)
  })

  test('prints JSON with the values', async () => {
    const env = await stateWith([deadLetter('a', 1, evil)])
    const { stdout } = await cli(['dead-letters', 'list', '--json'], env)
    expect(JSON.parse(stdout)).toMatchObject([{ id: 'a'.repeat(16), gzip: gzipSync(evil).toString('base64') }])
  })

  test('says that there are none', async () => {
    const env = await stateWith([])
    expect(await cli(['dead-letters', 'list'], env)).toEqual({
      code: 0,
      stdout: 'There are no dead letters.\n',
      stderr: '',
    })
  })
})

describe('drop', () => {
  test('drops some, and names ids that do not exist', async () => {
    const env = await stateWith([deadLetter('a', 1, 'x'), deadLetter('b', 2, 'y')])
    const { code, stdout, stderr } = await cli(['dead-letters', 'drop', 'a'.repeat(16), 'nope'], env)
    expect({ code, stdout, stderr }).toEqual({
      code: 1,
      stdout: 'aaaaaaaaaaaaaaaa: dropped\n',
      stderr: 'nope: no such dead letter\n',
    })
    expect(await idsIn(env)).toEqual(['b'])
  })

  test('drops all', async () => {
    const env = await stateWith([deadLetter('a', 1, 'x'), deadLetter('b', 2, 'y')])
    expect((await cli(['dead-letters', 'drop', '--all'], env)).code).toBe(0)
    expect(await idsIn(env)).toEqual([])
    expect(await cli(['dead-letters', 'drop', '--all'], env)).toMatchObject({
      code: 0,
      stdout: 'There are no dead letters.\n',
    })
  })
})

describe('replay', () => {
  test('a record that is shown is removed; one that is rejected again or was too large stays', async () => {
    const large = { gzip: undefined, head: 'begin', bytes: 9_999_999 }
    const { gzip: _, ...tooLarge } = { ...deadLetter('c', 3, 'begin'), ...large }
    const unreadable = deadLetter('d', 4, '{}', { why: 'unreadable', detail: 'offset 4: larger than 8 MB' })
    const { emulator, env } = await withBot(
      await stateWith([deadLetter('a', 1, envelope(event(1))), deadLetter('b', 2, 'not JSON'), tooLarge, unreadable]),
    )
    const { code, stdout } = await cli(['dead-letters', 'replay', '--all'], env)
    expect(stdout.trimEnd().split('\n').sort()).toEqual([
      'aaaaaaaaaaaaaaaa: sent: shown; removed',
      'bbbbbbbbbbbbbbbb: rejected: not JSON; still a dead letter',
      expect.stringMatching(
        /^cccccccccccccccc: the value was too large to store \(9999999 bytes .*kube-events\/0\/3; still a dead letter$/,
      ),
      'dddddddddddddddd: the value could not be read (offset 4: larger than 8 MB); Kafka may still have it at kube-events/0/4; still a dead letter',
    ])
    expect(code).toBe(1)
    expect(emulator.messages().map(({ text }) => text)).toEqual([expect.stringContaining('record 1.')])
    expect(await idsIn(env)).toEqual(expect.arrayContaining(['d', 'c', 'b']))
    expect(await idsIn(env)).not.toContain('a')
  })

  test('replays one by its id', async () => {
    const { emulator, env } = await withBot(
      await stateWith([deadLetter('a', 1, envelope(event(1))), deadLetter('b', 2, 'x')]),
    )
    expect((await cli(['dead-letters', 'replay', 'a'.repeat(16)], env)).code).toBe(0)
    expect(emulator.messages()).toHaveLength(1)
    expect(await idsIn(env)).toEqual(['b'])
  })

  test('a record that Telegram does not accept now stays', async () => {
    const { emulator, env } = await withBot(await stateWith([deadLetter('a', 1, envelope(event(1)))]))
    emulator.inject({ kind: 'too many requests', retryAfter: 600 })
    const { code, stdout } = await cli(['dead-letters', 'replay', '--all'], env)
    expect(stdout).toMatch(/^aaaaaaaaaaaaaaaa: returned: cool-down; still a dead letter$/m)
    expect(code).toBe(1)
    expect(await idsIn(env)).toEqual(['a'])
  })
})
