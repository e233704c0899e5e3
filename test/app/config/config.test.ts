import { describe, expect, it, test } from 'vitest'
import { parseConfig } from '../../../lib/app/config/config.ts'
import { loadConfig } from '../../../lib/app/config/load.ts'

const token = '123456789:AAEhBOweik6ad9r_QXMENQjcrGbqCr4K-bc'
const least = { TELEGRAM_BOT_TOKEN: token, TELEGRAM_CHAT_ID: '-1001234567890' }
const aws = { AWS_REGION: 'eu-central-1', AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: 'key' }
const inLambda = { AWS_LAMBDA_FUNCTION_NAME: 'notify', STATE: 'memory', FAILURE_MODE: 'partial' }

function problemsOf(environment: Record<string, string>): string[] {
  const parsed = parseConfig(environment)
  return 'problems' in parsed ? parsed.problems : []
}

function configOf(environment: Record<string, string>) {
  const parsed = parseConfig(environment)
  if ('problems' in parsed) throw new Error(parsed.problems.join('\n'))
  return parsed.config
}

describe('defaults', () => {
  it('needs a token and a chat, no more', () => {
    expect(configOf(least)).toMatchObject({
      token: { kind: 'given', token },
      ruleset: { target: { name: '-1001234567890', chat: '-1001234567890', threadId: undefined } },
      apiRoot: 'https://api.telegram.org',
      cluster: undefined,
      timeZone: 'UTC',
      failureMode: 'partial',
      logLevel: 'info',
      warnings: [],
    })
  })

  test.each([
    [
      'a thread',
      { TELEGRAM_CHAT_ID: '-1001234567890:42' },
      { ruleset: { target: { chat: '-1001234567890', threadId: 42 } } },
    ],
    [
      'thread 1 is General, which has no id',
      { TELEGRAM_CHAT_ID: '-1001234567890:1' },
      { ruleset: { target: { threadId: undefined } } },
    ],
    ['a channel', { TELEGRAM_CHAT_ID: '@alerts_prod' }, { ruleset: { target: { chat: '@alerts_prod' } } }],
    ['a private chat', { TELEGRAM_CHAT_ID: '5012345' }, { ruleset: { target: { chat: '5012345' } } }],
    ['an API root with a slash', { TELEGRAM_API_ROOT: 'http://127.0.0.1:8081/' }, { apiRoot: 'http://127.0.0.1:8081' }],
    ['Lambda’s own TZ', { TZ: ':UTC' }, { timeZone: 'UTC', warnings: [] }],
    ['a zone with a colon', { TZ: ':Asia/Shanghai' }, { timeZone: 'Asia/Shanghai', warnings: [] }],
    ['an empty variable is not given', { CLUSTER_NAME: '', LOG_LEVEL: ' ' }, { cluster: undefined, logLevel: 'info' }],
    [
      'no zone: UTC and a warning',
      { TZ: 'Mars/Base' },
      { timeZone: 'UTC', warnings: [expect.stringMatching(/^TZ: given "Mars\/Base"/)] },
    ],
    ['no state is memory, without incidents', {}, { state: { kind: 'memory' }, hasIncidents: false }],
    ['a file', { STATE: 'sqlite:a b/s.db' }, { state: { kind: 'sqlite', file: 'a b/s.db' }, hasIncidents: true }],
    ['a file, records one by one', { STATE: 'sqlite:s.db', INCIDENTS: 'off' }, { hasIncidents: false }],
    [
      'a table',
      { ...aws, ...inLambda, STATE: 'dynamodb:kube-eventer.prod' },
      {
        state: { kind: 'dynamodb', table: 'kube-eventer.prod', access: { region: 'eu-central-1' } },
        hasIncidents: true,
      },
    ],
    ['Lambda', inLambda, { functionName: 'notify', failureMode: 'partial' }],
    [
      'serverless invoke local is not Lambda',
      { AWS_LAMBDA_FUNCTION_NAME: 'notify', IS_LOCAL: 'true' },
      { functionName: undefined, failureMode: 'partial' },
    ],
  ])('%s', (_, environment, expected) => {
    expect(configOf({ ...least, ...environment })).toMatchObject(expected)
  })

  it('reads the token from AWS only with what that takes', () => {
    const { TELEGRAM_BOT_TOKEN: _, ...others } = least
    const parameter = { ...others, TELEGRAM_BOT_TOKEN_PARAMETER: '/bot/token' }
    expect(configOf({ ...parameter, ...aws }).token).toMatchObject({ kind: 'parameter', name: '/bot/token' })
    expect(configOf({ ...others, ...aws, TELEGRAM_BOT_TOKEN_SECRET: 'bot' }).token).toMatchObject({
      kind: 'secret',
      name: 'bot',
    })
    expect(problemsOf(parameter)).toEqual([
      'AWS_REGION, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY: not given, expected with TELEGRAM_BOT_TOKEN_PARAMETER, which is read from AWS',
    ])
  })
})

describe('problems', () => {
  test.each([
    ['no chat', { TELEGRAM_CHAT_ID: '' }, /^TELEGRAM_CHAT_ID: not given, expected a chat id/],
    ['a chat’s name', { TELEGRAM_CHAT_ID: 'My alerts' }, /^TELEGRAM_CHAT_ID: given "My alerts", expected a chat id/],
    ['chat 0', { TELEGRAM_CHAT_ID: '0' }, /^TELEGRAM_CHAT_ID: given "0"/],
    ['a thread that is no number', { TELEGRAM_CHAT_ID: '-100123:general' }, /^TELEGRAM_CHAT_ID: given/],
    ['no token', { TELEGRAM_BOT_TOKEN: '' }, /^TELEGRAM_BOT_TOKEN, .*: none is given, expected exactly one$/],
    [
      'two tokens',
      { TELEGRAM_BOT_TOKEN_SECRET: 'bot' },
      /given TELEGRAM_BOT_TOKEN and TELEGRAM_BOT_TOKEN_SECRET, expected exactly one$/,
    ],
    [
      'a token of another form',
      { TELEGRAM_BOT_TOKEN: 'AAEhBOweik' },
      /^TELEGRAM_BOT_TOKEN: given 10 characters of another form, expected a bot token/,
    ],
    [
      'no URL',
      { TELEGRAM_API_ROOT: 'api.telegram.org' },
      /^TELEGRAM_API_ROOT: given "api.telegram.org", expected a URL/,
    ],
    [
      'a URL with the token in it',
      { TELEGRAM_API_ROOT: `https://api.telegram.org/bot${token}` },
      /^TELEGRAM_API_ROOT: given "https:\/\/api.telegram.org\/bot<bot token>"/,
    ],
    ['an unknown mode', { FAILURE_MODE: 'maybe' }, /^FAILURE_MODE: given "maybe", expected partial or throw$/],
    ['an unknown language', { CARD_LANGUAGE: 'fr' }, /^CARD_LANGUAGE: given "fr", expected en or de$/],
    [
      'a link to a host that Telegram refuses',
      { LINK_TEMPLATE: 'http://grafana/{namespace}' },
      /^LINK_TEMPLATE: given "http:\/\/grafana\/\{namespace\}", expected an http or https address whose host has a dot, as /,
    ],
    ['an unknown level', { LOG_LEVEL: 'loud' }, /^LOG_LEVEL: given "loud", expected debug or info or warn or error$/],
    [
      'another state',
      { STATE: 'redis:x' },
      /^STATE: given "redis:x", expected memory, sqlite:<file> or dynamodb:<table>$/,
    ],
    ['incidents without durable state', { INCIDENTS: 'on' }, /^INCIDENTS: given "on", expected off with STATE=memory/],
    [
      'a file in Lambda',
      { ...inLambda, STATE: 'sqlite:/tmp/s.db' },
      /^STATE: given "sqlite:\/tmp\/s.db", expected dynamodb:<table>, or memory$/,
    ],
    ['a table of no such name', { ...aws, STATE: 'dynamodb:a/b' }, /^STATE: given "dynamodb:a\/b"/],
    [
      'a table without AWS',
      { STATE: 'dynamodb:incidents' },
      /^AWS_REGION, AWS_ACCESS_KEY_ID, .* expected with STATE=dynamodb/,
    ],
    ['Lambda without state', { ...inLambda, STATE: '' }, /^STATE: not given/],
    [
      'Lambda without failure mode',
      { ...inLambda, FAILURE_MODE: '' },
      /^FAILURE_MODE: not given, expected partial or throw$/,
    ],
  ])('%s', (_, environment, problem) => {
    expect(problemsOf({ ...least, ...environment })).toEqual([expect.stringMatching(problem)])
  })

  it('all are told at once, without the token', async () => {
    const environment = { TELEGRAM_BOT_TOKEN: `${token}:`, TELEGRAM_CHAT_ID: token, FAILURE_MODE: 'x', LOG_LEVEL: 'y' }
    await expect(loadConfig(environment)).rejects.toThrow(/^4 problems in the configuration:\n- .*\n- .*\n- .*\n- /)
    await expect(loadConfig(environment)).rejects.not.toThrow(token.slice(12))
  })
})
