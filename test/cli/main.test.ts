import { describe, expect, test } from 'vitest'
import { cli } from './spawn.ts'

describe('help', () => {
  test.each([['--help'], ['-h'], ['help']])('%s lists the commands, with examples', async (argument) => {
    const { code, stdout } = await cli([argument])
    expect(code).toBe(0)
    for (const part of ['replay', 'dead-letters', 'Examples:', 'Exit codes']) expect(stdout).toContain(part)
  })

  test.each([
    [['replay', '--help'], 'kube-eventer-telegram replay <file|->'],
    [['replay', 'x.json', '--to', 'nowhere', '-h'], 'kube-eventer-telegram replay <file|->'],
    [['help', 'dead-letters'], 'kube-eventer-telegram dead-letters list'],
  ])('%j', async (args, part) => {
    const { code, stdout } = await cli(args)
    expect(code).toBe(0)
    expect(stdout).toContain(part)
    expect(stdout).toContain('Examples:')
  })

  test('--version', async () => {
    expect(await cli(['--version'])).toMatchObject({ code: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) })
  })
})

describe('a wrong command line ends with 2 and one sentence', () => {
  test.each<[string[], string]>([
    [[], 'missing command: check, explain, stats, replay, emulator, record, produce, dead-letters, completion'],
    [['replace'], 'unknown command "replace"; did you mean "replay"?'],
    [['help', 'me'], 'unknown command "me"'],
    [['replay'], 'missing file: replay <file>, or - for standard input'],
    [['replay', 'a', 'b'], 'expected one file, got 2'],
    [['replay', 'a', '--too', 'x'], "Unknown option '--too'"],
    [['replay', 'a', '--to'], "Option '--to <value>' argument missing"],
    [['replay', 'a', '--to', 'x'], '--to: "x" must be emulator or telegram'],
    [['replay', 'a', '--batch', '0'], '--batch: "0" must be a whole number from 1 to 10000'],
    [['replay', 'a', '--batch', '1e3'], '--batch: "1e3" must be a whole number from 1 to 10000'],
    [['replay', 'a', '--state', 'redis:x'], '--state: "redis:x" must be memory, sqlite:<file> or dynamodb:<table>'],
    [['replay', 'a', '--to', 'telegram', '--page', 'x'], '--page: only with --to emulator'],
    [['dead-letters'], 'missing action: list, replay or drop'],
    [['dead-letters', 'show'], 'unknown action "show": use list, replay or drop'],
    [['dead-letters', 'drop'], 'dead-letters drop: give ids, or --all'],
    [['dead-letters', 'replay', 'x', '--all'], 'dead-letters replay: give ids or --all, not both'],
  ])('%j', async (args, message) => {
    const { code, stdout, stderr } = await cli(args)
    expect(stderr.split('\n')).toEqual([message, expect.stringMatching(/^Try: kube-eventer-telegram .*--help$/), ''])
    expect(code).toBe(2)
    expect(stdout).toBe('')
  })
})

describe('other errors end with 1 and a message', () => {
  const bot = { TELEGRAM_BOT_TOKEN: '123456789:secret-secret', TELEGRAM_CHAT_ID: '-1' }
  const batch = 'test/batches/poison.json'

  test.each<[string[], Record<string, string>, string[]]>([
    [['replay', 'nope.json'], {}, ['nope.json: no such file']],
    [['replay', 'README.md'], {}, ['README.md: expected a Lambda batch']],
    [['replay', batch, '--to', 'telegram'], {}, ['- TELEGRAM_BOT_TOKEN', '- TELEGRAM_CHAT_ID is not set']],
    [['replay', batch], { CLUSTER_NAME: 'x'.repeat(101) }, ['- CLUSTER_NAME must be']],
    [['replay', batch, '--page', '/nowhere/x.html'], {}, ['--page: ENOENT']],
    [['replay', batch, '--state', 'dynamodb:events'], {}, ['AWS_REGION']],
    [['replay', batch, '--state', 'sqlite:/nowhere/x.db'], {}, ['/nowhere/x.db']],
    [
      ['dead-letters', 'list'],
      {},
      ['STATE is not set, so no dead letters are stored. Set it to sqlite:<file> or dynamodb:<table>'],
    ],
    [['dead-letters', 'list'], { STATE: 'memory' }, ['STATE is "memory"']],
    [['dead-letters', 'list'], { STATE: 'sqlite:/nowhere/x.db' }, ['file /nowhere/x.db does not exist']],
    [['dead-letters', 'list'], { STATE: 'sqlite:README.md' }, ['README.md']],
    [
      ['dead-letters', 'list'],
      { STATE: 'file:x' },
      ['- STATE must be memory, sqlite:<file> or dynamodb:<table>, not "file:x"'],
    ],
    [['dead-letters', 'replay', '--all'], { STATE: 'sqlite:README.md' }, ['TELEGRAM_BOT_TOKEN']],
    [
      ['replay', batch, '--to', 'telegram'],
      { ...bot, TELEGRAM_API_ROOT: 'http://127.0.0.1:1/bot1:x' },
      ['- TELEGRAM_API_ROOT'],
    ],
  ])('%j %j', async (args, env, parts) => {
    const { code, stdout, stderr } = await cli(args, env)
    for (const part of parts) expect(stdout + stderr).toContain(part)
    expect(stderr).not.toMatch(/^\s+at /m)
    expect(stdout + stderr).not.toContain('secret-secret')
    expect(code).toBe(1)
  })
})
