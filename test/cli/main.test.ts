import { describe, expect, test } from 'vitest'
import { cli } from './spawn.ts'

describe('help', () => {
  test.each([['--help'], ['-h'], ['help']])('%s lists the commands, with examples', async (argument) => {
    const { code, stdout } = await cli([argument])
    expect(code).toBe(0)
    for (const part of ['replay', 'quarantine', 'Examples:', 'Exit codes']) expect(stdout).toContain(part)
  })

  test.each([
    [['replay', '--help'], 'kube-eventer-telegram replay <file>'],
    [['replay', 'x.json', '--to', 'nowhere', '-h'], 'kube-eventer-telegram replay <file>'],
    [['help', 'quarantine'], 'kube-eventer-telegram quarantine list'],
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

describe('wrong use ends with 2 and one sentence', () => {
  test.each<[string[], string]>([
    [[], 'which command? check, explain, stats, replay, record, produce or quarantine'],
    [['replace'], 'there is no command "replace"'],
    [['help', 'me'], 'there is no command "me"'],
    [['replay'], 'which file? replay <file>'],
    [['replay', 'a', 'b'], 'one file at a time, given 2'],
    [['replay', 'a', '--too', 'x'], "Unknown option '--too'"],
    [['replay', 'a', '--to'], "Option '--to <value>' argument missing"],
    [['replay', 'a', '--to', 'x'], '--to: given "x", expected standin or telegram'],
    [['replay', 'a', '--batch', '0'], '--batch: given "0", expected a whole number from 1 to 10000'],
    [['replay', 'a', '--batch', '1e3'], '--batch: given "1e3", expected a whole number from 1 to 10000'],
    [
      ['replay', 'a', '--state', 'redis:x'],
      '--state: given "redis:x", expected memory, sqlite:<file> or dynamodb:<table>',
    ],
    [['replay', 'a', '--to', 'telegram', '--page', 'x'], '--page: a page is made of a stand-in only'],
    [['quarantine'], 'quarantine list, replay or drop?'],
    [['quarantine', 'show'], 'quarantine: given "show", expected list, replay or drop'],
    [['quarantine', 'drop'], 'quarantine drop: which? Give ids, or --all'],
    [['quarantine', 'replay', 'x', '--all'], 'quarantine replay: ids or --all, not both'],
  ])('%j', async (args, message) => {
    const { code, stdout, stderr } = await cli(args)
    expect(stderr.split('\n')).toEqual([message, expect.stringMatching(/^Try: kube-eventer-telegram .*--help$/), ''])
    expect(code).toBe(2)
    expect(stdout).toBe('')
  })
})

describe('what is wrong outside the command line ends with 1 and a message', () => {
  const bot = { TELEGRAM_BOT_TOKEN: '123456789:secret-secret', TELEGRAM_CHAT_ID: '-1' }
  const batch = 'test/batches/poison.json'

  test.each<[string[], Record<string, string>, string[]]>([
    [['replay', 'nope.json'], {}, ['nope.json: there is no such file']],
    [['replay', 'README.md'], {}, ['README.md, line 1: expected a Lambda batch']],
    [['replay', batch, '--to', 'telegram'], {}, ['- TELEGRAM_BOT_TOKEN', '- TELEGRAM_CHAT_ID: not given']],
    [['replay', batch], { CLUSTER_NAME: 'x'.repeat(101) }, ['- CLUSTER_NAME: given']],
    [['replay', batch, '--page', '/nowhere/x.html'], {}, ['--page: ENOENT']],
    [['replay', batch, '--state', 'dynamodb:events'], {}, ['AWS_REGION']],
    [['replay', batch, '--state', 'sqlite:/nowhere/x.db'], {}, ['/nowhere/x.db']],
    [['quarantine', 'list'], {}, ['STATE: not given, which means memory, expected sqlite:<file> or dynamodb:<table>']],
    [['quarantine', 'list'], { STATE: 'memory' }, ['STATE: given "memory"']],
    [['quarantine', 'list'], { STATE: 'sqlite:/nowhere/x.db' }, ['there is no file /nowhere/x.db']],
    [['quarantine', 'list'], { STATE: 'sqlite:README.md' }, ['README.md']],
    [['quarantine', 'list'], { STATE: 'file:x' }, ['- STATE: given "file:x"']],
    [['quarantine', 'replay', '--all'], { STATE: 'sqlite:README.md' }, ['TELEGRAM_BOT_TOKEN']],
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
