import { describe, expect, test } from 'vitest'
import { cli } from '../spawn.ts'
import { fileOf, type Output, token } from './bot.ts'

describe('a missing setting', () => {
  test('is a note if only Telegram or Lambda needs it', async () => {
    const { code, stdout } = await cli(['check', fileOf(''), '--json'], { STATE: 'dynamodb:events' })
    const { problems, notes, tokenFrom, targets, telegram } = JSON.parse(stdout) as Output
    expect(code).toBe(0)
    expect(problems).toEqual([])
    expect(notes).toEqual([
      'AWS_REGION, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set; STATE=dynamodb needs AWS access',
      expect.stringContaining('TELEGRAM_CHAT_ID is not set'),
      expect.stringContaining('TELEGRAM_BOT_TOKEN is not set'),
    ])
    expect(tokenFrom).toBe('not set')
    expect(targets).toEqual([{ name: 'the default', chat: null, thread: null, places: ['TELEGRAM_CHAT_ID'] }])
    expect(telegram).toEqual([])
  })

  test('does not hide problems of the file', async () => {
    const { code, stdout } = await cli(['check', fileOf('rulez: []'), '--json'])
    expect(code).toBe(1)
    expect((JSON.parse(stdout) as Output).problems).toEqual([expect.stringContaining('did you mean "rules"?')])
  })

  test.each<[string, string[], Record<string, string>, string]>([
    ['a chat, if the environment is checked', ['check'], { TELEGRAM_BOT_TOKEN: token }, 'TELEGRAM_CHAT_ID'],
    ['a token, with --telegram', ['check', '--telegram'], { TELEGRAM_CHAT_ID: '-1' }, 'TELEGRAM_BOT_TOKEN is not set'],
    [
      'a token, with --send-test',
      ['check', '--send-test'],
      { TELEGRAM_CHAT_ID: '-1' },
      'TELEGRAM_BOT_TOKEN is not set',
    ],
    [
      'access to a token in AWS, with --telegram',
      ['check', '--telegram'],
      { TELEGRAM_CHAT_ID: '-1', TELEGRAM_BOT_TOKEN_PARAMETER: '/bot' },
      'AWS_REGION, AWS_ACCESS_KEY_ID',
    ],
  ])('is a problem if it is needed: %s', async (_name, args, env, problem) => {
    const { code, stdout } = await cli(args, env)
    expect(stdout).toContain('1 problem in the configuration:')
    expect(stdout).toContain(problem)
    expect(code).toBe(1)
    if (args.length > 1) expect(stdout).toContain('Telegram was not asked')
  })

  test('a token in AWS is not read without --telegram', async () => {
    const env = { TELEGRAM_CHAT_ID: '-1', TELEGRAM_BOT_TOKEN_SECRET: 'my/bot' }
    const { code, stdout } = await cli(['check'], env)
    expect(stdout).toContain('from Secrets Manager, secret my/bot')
    expect(code).toBe(0)
  })
})
