import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setFlagsFromString } from 'node:v8'
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest'
import { createApp } from '../../lib/app/app.ts'
import { parseConfig } from '../../lib/app/config/config.ts'
import { openCompiler } from '../../lib/app/config/regex.ts'
import { readRouting } from '../../lib/app/config/routing-file.ts'

let requests = 0
const server = createServer((_, response) => {
  requests += 1
  response.end('{}')
})
beforeAll(async () => {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
})
afterAll(() => server.close())

const aws = { AWS_REGION: 'eu-central-1', AWS_ACCESS_KEY_ID: 'key', AWS_SECRET_ACCESS_KEY: 'secret' }
const compile = openCompiler(setFlagsFromString)

/** A program of these variables, whose Telegram, AWS, state and log are watched. */
function watched(environment: Record<string, string>, rules = '{}') {
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const variables = {
    ...{ TELEGRAM_CHAT_ID: '-1001234567890', TELEGRAM_API_ROOT: address, AWS_ENDPOINT_URL: address },
    ...(environment.TELEGRAM_BOT_TOKEN_PARAMETER ? {} : { TELEGRAM_BOT_TOKEN: '123456789:token' }),
    ...environment,
  }
  const parsed = parseConfig(variables, (context) =>
    readRouting(rules, 'rules.yml', { ...context, compile, environment: variables, now: 0 }),
  )
  if ('problems' in parsed) throw new Error(parsed.problems.join('\n'))
  const lines: string[] = []
  const app = createApp(parsed.config, {
    write: (line) => lines.push(line),
    openState: () => Promise.reject(new Error('the state should stay closed')),
    isSilent: true,
  })
  return { app, lines }
}

describe('the example record that a function takes through the program while it loads', () => {
  const configurations: [string, Record<string, string>, string?][] = [
    ['as few settings as there may be', {}],
    ['each record an incident', { INCIDENTS: 'off' }],
    [
      'a language, a zone and a link',
      { CARD_LANGUAGE: 'de', TZ: 'Asia/Shanghai', LINK_TEMPLATE: 'https://a.example/{name}' },
    ],
    ['no partial answers', { FAILURE_MODE: 'throw' }],
    ['token and state of AWS', { ...aws, STATE: 'dynamodb:table', TELEGRAM_BOT_TOKEN_PARAMETER: '/bot-token' }],
    ['a rule that drops all', {}, 'rules: [{ name: none, action: drop }]'],
    ['a rule that waits for many', {}, 'rules: [{ name: many, atLeast: 20, within: 10m }]'],
    ['a mute', {}, 'mutes: [{ name: all, until: 2999-01-01T00:00:00Z, reason: test }]'],
    [
      'quiet hours, clusters and watchdog',
      { ...aws, STATE: 'dynamodb:table' },
      'quiet: [{ from: "00:00", to: "12:00", action: delay }, { from: "12:01", to: "23:59", action: delay }]\nclusters: { example: prod }\nwatchdog: { after: 30m }',
    ],
  ]
  test.each(configurations)('becomes a message with %s, and leaves no trace', async (_, environment, rules) => {
    const { app, lines } = watched(environment, rules)
    requests = 0
    expect(await app.warmUp()).toBe(1)
    expect({ requests, lines }).toEqual({ requests: 0, lines: [] })
  })

  it('goes to each target of its route', async () => {
    const { app } = watched({}, 'routes: [{ to: ["-1001", "-1002:7"] }]')
    expect(await app.warmUp()).toBe(2)
  })

  it.each(['{}', 'routes: [{ to: ["-1001:1", "-1001:2"] }]'])(
    'has become one before the runtime asks for an event (%s)',
    async (rules) => {
      const { app } = watched({}, rules)
      let isOver = false
      const warm = app.warmUp().then(() => {
        isOver = true
      })
      await new Promise((resolve) => setImmediate(resolve))
      expect(isOver).toBe(true)
      await warm
    },
  )
})
