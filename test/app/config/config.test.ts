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
  it('need only a token and a chat', () => {
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
      'thread 1 is General, which has no ID',
      { TELEGRAM_CHAT_ID: '-1001234567890:1' },
      { ruleset: { target: { threadId: undefined } } },
    ],
    ['a channel', { TELEGRAM_CHAT_ID: '@alerts_prod' }, { ruleset: { target: { chat: '@alerts_prod' } } }],
    ['a private chat', { TELEGRAM_CHAT_ID: '5012345' }, { ruleset: { target: { chat: '5012345' } } }],
    ['an API root with a slash', { TELEGRAM_API_ROOT: 'http://127.0.0.1:8081/' }, { apiRoot: 'http://127.0.0.1:8081' }],
    ['Lambda’s own TZ', { TZ: ':UTC' }, { timeZone: 'UTC', warnings: [] }],
    ['a zone with a colon', { TZ: ':Asia/Shanghai' }, { timeZone: 'Asia/Shanghai', warnings: [] }],
    [
      'an empty variable counts as not set',
      { CLUSTER_NAME: '', LOG_LEVEL: ' ' },
      { cluster: undefined, logLevel: 'info' },
    ],
    [
      'an unknown zone becomes UTC, with a warning',
      { TZ: 'Mars/Base' },
      {
        timeZone: 'UTC',
        warnings: [
          expect.stringMatching(/^TZ must be an IANA time zone, .*, not "Mars\/Base"; times are shown in UTC$/),
        ],
      },
    ],
    ['without STATE, memory and no incidents', {}, { state: { kind: 'memory' }, hasIncidents: false }],
    ['a file', { STATE: 'sqlite:a b/s.db' }, { state: { kind: 'sqlite', file: 'a b/s.db' }, hasIncidents: true }],
    ['a file without incidents', { STATE: 'sqlite:s.db', INCIDENTS: 'off' }, { hasIncidents: false }],
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

  it('the token is read from AWS only with AWS access', () => {
    const { TELEGRAM_BOT_TOKEN: _, ...others } = least
    const parameter = { ...others, TELEGRAM_BOT_TOKEN_PARAMETER: '/bot/token' }
    expect(configOf({ ...parameter, ...aws }).token).toMatchObject({ kind: 'parameter', name: '/bot/token' })
    expect(configOf({ ...others, ...aws, TELEGRAM_BOT_TOKEN_SECRET: 'bot' }).token).toMatchObject({
      kind: 'secret',
      name: 'bot',
    })
    expect(problemsOf(parameter)).toEqual([
      'AWS_REGION, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set; TELEGRAM_BOT_TOKEN_PARAMETER needs AWS access',
    ])
  })
})

describe('problems', () => {
  test.each([
    ['no chat', { TELEGRAM_CHAT_ID: '' }, /^TELEGRAM_CHAT_ID is not set; it must be a chat ID, for example -100/],
    [
      'the name of a chat',
      { TELEGRAM_CHAT_ID: 'My alerts' },
      /^TELEGRAM_CHAT_ID must be a chat ID, .*, not "My alerts"$/,
    ],
    ['chat 0', { TELEGRAM_CHAT_ID: '0' }, /^TELEGRAM_CHAT_ID must be a chat ID, .*, not "0"$/],
    ['a thread that is not a number', { TELEGRAM_CHAT_ID: '-100123:general' }, /^TELEGRAM_CHAT_ID must be a chat ID/],
    [
      'no token',
      { TELEGRAM_BOT_TOKEN: '' },
      /^TELEGRAM_BOT_TOKEN is not set; set it or TELEGRAM_BOT_TOKEN_PARAMETER or TELEGRAM_BOT_TOKEN_SECRET$/,
    ],
    [
      'two tokens',
      { TELEGRAM_BOT_TOKEN_SECRET: 'bot' },
      /^TELEGRAM_BOT_TOKEN and TELEGRAM_BOT_TOKEN_SECRET are set; set only one of them$/,
    ],
    [
      'a malformed token',
      { TELEGRAM_BOT_TOKEN: 'AAEhBOweik' },
      /^TELEGRAM_BOT_TOKEN: this does not look like a bot token; @BotFather's look like 123456789:AAE…$/,
    ],
    [
      'no URL',
      { TELEGRAM_API_ROOT: 'api.telegram.org' },
      /^TELEGRAM_API_ROOT must be a URL .*, not "api.telegram.org"$/,
    ],
    [
      'a URL with the token in it',
      { TELEGRAM_API_ROOT: `https://api.telegram.org/bot${token}` },
      /^TELEGRAM_API_ROOT must be a URL .*, not "https:\/\/api.telegram.org\/bot<bot token>"$/,
    ],
    ['an unknown mode', { FAILURE_MODE: 'maybe' }, /^FAILURE_MODE must be partial or throw, not "maybe"$/],
    ['an unknown language', { CARD_LANGUAGE: 'fr' }, /^CARD_LANGUAGE must be en or de, not "fr"$/],
    [
      'a link to a host that Telegram refuses',
      { LINK_TEMPLATE: 'http://grafana/{namespace}' },
      /^LINK_TEMPLATE must be an http or https URL .*, not "http:\/\/grafana\/\{namespace\}"$/,
    ],
    ['an unknown level', { LOG_LEVEL: 'loud' }, /^LOG_LEVEL must be debug, info, warn or error, not "loud"$/],
    [
      'an unknown store',
      { STATE: 'redis:x' },
      /^STATE must be memory, sqlite:<file> or dynamodb:<table>, not "redis:x"$/,
    ],
    ['incidents without a durable store', { INCIDENTS: 'on' }, /^INCIDENTS must be off with STATE=memory/],
    [
      'a file in Lambda',
      { ...inLambda, STATE: 'sqlite:/tmp/s.db' },
      /^STATE must be dynamodb:<table> or memory, not "sqlite:\/tmp\/s.db"$/,
    ],
    ['an invalid table name', { ...aws, STATE: 'dynamodb:a/b' }, /^STATE must be .*, not "dynamodb:a\/b"$/],
    [
      'a table without AWS access',
      { STATE: 'dynamodb:incidents' },
      /^AWS_REGION, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set; STATE=dynamodb needs AWS access$/,
    ],
    ['Lambda without a store', { ...inLambda, STATE: '' }, /^STATE is not set; it must be dynamodb:<table> or memory$/],
    [
      'Lambda without a failure mode',
      { ...inLambda, FAILURE_MODE: '' },
      /^FAILURE_MODE is not set; it must be partial or throw$/,
    ],
  ])('%s', (_, environment, problem) => {
    expect(problemsOf({ ...least, ...environment })).toEqual([expect.stringMatching(problem)])
  })

  it('are reported all at once, without the token', async () => {
    const environment = { TELEGRAM_BOT_TOKEN: `${token}:`, TELEGRAM_CHAT_ID: token, FAILURE_MODE: 'x', LOG_LEVEL: 'y' }
    await expect(loadConfig(environment)).rejects.toThrow(/^4 problems in the configuration:\n- .*\n- .*\n- .*\n- /)
    await expect(loadConfig(environment)).rejects.not.toThrow(token.slice(12))
  })
})
