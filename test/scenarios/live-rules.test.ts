import { afterEach, describe, expect, it } from 'vitest'
import { toLambdaEvent } from '../../lib/adapters/kafka/lambda-event.ts'
import { createApp } from '../../lib/app/app.ts'
import { loadConfig } from '../../lib/app/config/load.ts'
import { chatId, type TestApp } from '../support/app.ts'
import { openApps, textsIn } from '../support/crashes.ts'
import { again, pod } from '../support/pods.ts'
import { type RemoteKind, type RemoteRules, startRemoteRules } from '../support/remote-rules.ts'
import { at, minutes, pass } from '../support/rules.ts'

const { start, newFolder } = openApps()
const servers: RemoteRules[] = []
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close()
})

const showAll = 'defaults: false'
const dropAll = 'defaults: false\nrules:\n  - { name: nothing, action: drop }\n'
const wrong =
  'rules:\n  - { name: a, match: { kind: Job } }\n  - { name: b, matches: {} }\n  - { name: c, action: hide }\n'
const refusal = { status: 400, body: JSON.stringify({ __type: 'AccessDeniedException', Message: 'not authorized' }) }

const chats = [chatId, -1002].map((id) => ({ id, type: 'supergroup' as const, title: String(id) }))

async function startWith(kind: RemoteKind, text: string, given: Record<string, string> = {}) {
  const rules = await startRemoteRules(kind, text)
  servers.push(rules)
  const environment = { ...rules.environment, ...given }
  const folder = newFolder()
  const app = await start({ environment, chats }, folder)
  return { rules, app, environment, folder }
}

/** What the log says about the file, as `error: rules cannot be read`. */
const said = (app: TestApp) =>
  app.log.filter(({ file }) => file !== undefined).map(({ level, message }) => `${level}: ${message}`)

describe.each(['SSM', 'S3'] as const)('rules in %s', (kind) => {
  it('take effect a minute after they were read, and not before', async () => {
    const { rules, app } = await startWith(kind, showAll)
    await app.notify([at(app, 0, pod('ant'))])
    rules.put(dropAll)
    await app.clock.sleep(59_000)
    await app.notify([at(app, 1, pod('bee'))])
    expect(textsIn(app)).toHaveLength(2)
    await app.clock.sleep(1_000)
    await app.notify([at(app, 2, pod('cat'))])
    expect(app.outcomes()).toEqual(['0/0 sent: shown', '0/1 sent: shown', '0/2 skipped: dropped by rule'])
    expect(app.log.filter(({ message }) => message === 'new rules in use')).toMatchObject([
      { level: 'info', file: rules.environment.CONFIG_FILE, version: '2', before: '1' },
    ])
  })

  it('are read once a minute, however many batches there are, and S3 sends only what has changed', async () => {
    const { rules, app } = await startWith(kind, showAll)
    for (let seconds = 0; seconds < 180; seconds += 10) {
      await app.notify([at(app, seconds)])
      await app.sweep()
      await app.clock.sleep(10_000)
    }
    expect(rules.answers).toEqual(kind === 'SSM' ? [200, 200, 200] : [200, 304, 304])
    expect(said(app)).toEqual([])
  })

  it('with mistakes are not used, which is logged once with every line, until they are right', async () => {
    const { rules, app } = await startWith(kind, dropAll)
    rules.put(wrong)
    await pass(12, app)
    await app.notify([at(app, 0)])
    expect(app.outcomes()).toEqual(['0/0 skipped: dropped by rule'])
    expect(said(app)).toEqual(['error: new rules have mistakes'])
    const name = rules.environment.CONFIG_FILE
    expect(app.log.find(({ level }) => level === 'error')).toMatchObject({
      ...{ file: name, version: '2', inUse: '1' },
      problems: [
        expect.stringContaining(`${name}, line 3, rules[1]`),
        expect.stringContaining(`${name}, line 4, rules[2].action`),
      ],
    })
    rules.put(showAll)
    await pass(2, app)
    await app.notify([at(app, 1)])
    expect(app.outcomes()[1]).toBe('0/1 sent: shown')
    expect(said(app)).toEqual(['error: new rules have mistakes', 'info: new rules in use'])
    expect(app.log.findLast(({ file }) => file)).toMatchObject({ version: '3', before: '1', afterSeconds: 720 })
  })

  it('that cannot be read are those of the last reading, which is logged once', async () => {
    const { rules, app } = await startWith(kind, dropAll)
    rules.fail(refusal)
    await pass(12, app)
    await app.notify([at(app, 0)])
    rules.fail(undefined)
    await pass(2, app)
    expect(app.outcomes()).toEqual(['0/0 skipped: dropped by rule'])
    expect(said(app)).toEqual(['error: rules cannot be read', 'info: rules can be read again'])
    expect(app.log.find(({ level }) => level === 'error')).toMatchObject({
      error: expect.stringMatching(/^AWS (?:AmazonSSM\.GetParameter|s3\.GetObject): HTTP 400/),
      inUse: '1',
    })
  })

  it('that cannot be reached fail no batch', async () => {
    const { rules, app } = await startWith(kind, showAll)
    await rules.close()
    await minutes(app, 1)
    expect(await app.notify([at(app, 0)])).toEqual({ batchItemFailures: [] })
    expect(app.outcomes()).toEqual(['0/0 sent: shown'])
    expect(said(app)).toEqual(['error: rules cannot be read'])
  })

  it.each([
    [
      'have mistakes',
      wrong,
      undefined,
      /^2 problems in the configuration:\n- \S+, line 3, rules\[1\].*\n- \S+, line 4/,
    ],
    [
      'cannot be read',
      showAll,
      refusal,
      /^1 problem in the configuration:\n- CONFIG_FILE: cannot read "\S+": AWS \S+ HTTP 400/,
    ],
  ])('that %s at a cold start end it in words', async (_, text, failure, words) => {
    const rules = await startRemoteRules(kind, text)
    servers.push(rules)
    rules.fail(failure)
    await expect(start({ environment: rules.environment })).rejects.toThrow(words)
  })
})

describe('rules that are too much', () => {
  it.each([
    ['brackets', '['.repeat(65_536), 'ssm:/team/rules, line 1: more than 1000 brackets are open'],
    ['unknown keys', Array.from({ length: 7_000 }, (_, key) => `k${key}: 1\n`).join(''), 'k0: unknown key'],
    [
      'problems',
      `rules: [${'a,'.repeat(30_000)}]`,
      /^30000 problems in the configuration:(\n- ssm:.*){20}\n- … \(\+29980\)$/,
    ],
  ])('%s: end the start in words within seconds', { timeout: 10_000 }, async (_, text, words) => {
    const rules = await startRemoteRules('SSM', text)
    servers.push(rules)
    await expect(start({ environment: rules.environment })).rejects.toThrow(words)
  })

  it('problems are logged up to the twentieth', async () => {
    const { rules, app } = await startWith('SSM', showAll)
    rules.put(`rules: [${'a,'.repeat(30)}]`)
    await minutes(app, 1)
    await app.notify([at(app, 0)])
    const { problems } = app.log.find(({ level }) => level === 'error') as unknown as { problems: string[] }
    expect(problems).toHaveLength(21)
    expect(problems.at(-1)).toBe('… (+10)')
  })
})

describe('rules in AWS that name a secret variable', () => {
  const stealing = `defaults: false
targets: { a: "\${AWS_SECRET_ACCESS_KEY}", b: "\${KAFKA_PASSWORD:-1}" }
rules: [{ name: x, hint: "\${AWS_SESSION_TOKEN}" }]
`
  const secrets = { AWS_SESSION_TOKEN: 'IQoJb3JpZ2luX2VjEJ3', KAFKA_PASSWORD: 'correct horse' }
  const problems = [
    'ssm:/team/rules, line 2, targets.a: rules in AWS cannot use the variable AWS_SECRET_ACCESS_KEY: it may contain a secret',
    'ssm:/team/rules, line 2, targets.b: rules in AWS cannot use the variable KAFKA_PASSWORD: it may contain a secret',
    'ssm:/team/rules, line 3, rules[0].hint: rules in AWS cannot use the variable AWS_SESSION_TOKEN: it may contain a secret',
  ]

  it('are wrong at the start', async () => {
    const rules = await startRemoteRules('SSM', stealing)
    servers.push(rules)
    await expect(start({ environment: { ...rules.environment, ...secrets } })).rejects.toThrow(
      `3 problems in the configuration:\n- ${problems.join('\n- ')}`,
    )
  })

  it('are wrong while the program runs, and no value reaches the log or the chat', async () => {
    const { rules, app } = await startWith('SSM', showAll, secrets)
    rules.put(stealing)
    await pass(3, app)
    expect(app.log.find(({ level }) => level === 'error')).toMatchObject({ problems })
    expect(textsIn(app).join()).toContain('RulesRefused')
    expect(JSON.stringify([app.log, textsIn(app)])).not.toMatch(/IQoJb3|correct horse/)
  })
})

it('a mistake in the value of a variable is reported with the name of the variable', async () => {
  const rules = await startRemoteRules('SSM', `targets: { a: "\${OPS_CHAT}" }`)
  servers.push(rules)
  await expect(start({ environment: { ...rules.environment, OPS_CHAT: 'hunter2' } })).rejects.toThrow(
    `targets.a: must be a chat ID, for example -1001234567890, -1001234567890:42 for a thread, or "@channel", not "\${OPS_CHAT}"`,
  )
})

it('two apps of one process, as in the worker, read and say everything once', async () => {
  const { rules, app, environment } = await startWith('SSM', dropAll)
  const lines: string[] = []
  const options = { clock: app.clock, write: (line: string) => lines.push(line) }
  const variables = { ...environment, TELEGRAM_BOT_TOKEN: app.emulator.token, TELEGRAM_CHAT_ID: String(chatId) }
  const config = await loadConfig({ ...variables, TELEGRAM_API_ROOT: app.emulator.apiRoot }, app.clock)
  const worker = [createApp(config, options), createApp(config, { ...options, isSilent: true })]
  rules.answers.length = 0
  rules.put(showAll)
  await minutes(app, 1)
  const [batches, sweeps] = worker
  await Promise.all([
    batches?.notify(toLambdaEvent([at(app, 0)]), 60_000),
    sweeps?.sweep(60_000),
    sweeps?.nextDue(app.clock.now()),
  ])
  expect(textsIn(app)).toHaveLength(1)
  expect(lines.filter((line) => line.includes('new rules in use'))).toHaveLength(1)
  expect(rules.answers).toEqual([200])
  for (const one of worker) await one.close()
})

describe('a change of rules while incidents are open', () => {
  it('loses and repeats no message', async () => {
    const { rules, app } = await startWith('SSM', showAll)
    app.emulator.inject({ kind: 'too many requests', retryAfter: 120 })
    await app.notify([at(app, 0, pod('ant')), at(app, 1, pod('bee'))])
    expect(textsIn(app).length).toBeLessThan(2)
    rules.put('defaults: false\ntargets: { oncall: -1002 }\nroutes:\n  - to: oncall\n')
    await pass(5, app)
    // Open incidents stay where they are, and new ones go to the new target.
    expect(textsIn(app)).toHaveLength(2)
    await app.notify([at(app, 2, pod('cat'))])
    await app.sweepUntilDelivered()
    expect(textsIn(app)).toHaveLength(2)
    expect(textsIn(app, -1002)).toHaveLength(1)
  })

  it('notes a new dropping rule in the message', async () => {
    const { rules, app } = await startWith('SSM', showAll)
    await app.notify([at(app, 0, again('ant', 1))])
    // The process has seen that nothing suppresses it.
    await app.notify([at(app, 1, again('ant', 2))])
    rules.put(dropAll)
    await minutes(app, 2)
    await app.notify([at(app, 2, again('ant', 3))])
    await app.sweepUntilDelivered()
    expect(textsIn(app)).toEqual([expect.stringContaining('now suppressed by rule')])
  })
})

describe('the chat', () => {
  const writtenAt = Date.parse('2026-11-24T00:00:30Z')

  it('learns of mistakes in new rules once, from any process, and of the correction', async () => {
    const { rules, app, environment, folder } = await startWith('SSM', dropAll)
    const other = await start({ environment, beside: app }, folder)
    rules.put(wrong, writtenAt)
    await pass(10, app, other)
    expect(textsIn(app)).toEqual([
      expect.stringMatching(
        /^🟠 New rules have mistakes · RulesRefused\nssm:\/team\/rules\nVersion 2 has mistakes. The last good version stays in use.\n.*line 3(.|\n)*line 4/,
      ),
    ])
    rules.put(showAll, writtenAt + 11 * 60_000)
    await pass(5, other, app)
    expect(textsIn(app).map((text) => text.split('\n').slice(0, 3))).toEqual([
      ['🟠 New rules have mistakes · RulesInUse', 'ssm:/team/rules', 'Version 3 is in use.'],
    ])
    expect(app.emulator.journal.filter(({ method }) => method === 'sendMessage')).toHaveLength(1)
  })

  it('gets a new message for each version with mistakes', async () => {
    const { rules, app } = await startWith('S3', dropAll)
    for (const version of [2, 3]) {
      rules.put(`${wrong}# ${version}\n`, writtenAt + version * 600_000)
      await pass(5, app)
    }
    rules.put(dropAll, writtenAt + 3_600_000)
    await pass(5, app)
    expect(textsIn(app).map((text) => text.split('\n')[2])).toEqual(['Version 4 is in use.', 'Version 4 is in use.'])
  })

  it('is the fallback target of the rules in use', async () => {
    const { rules, app } = await startWith('SSM', '{ targets: { ops: -1002 }, fallback: ops }')
    rules.put(wrong)
    await pass(3, app)
    expect([textsIn(app).length, textsIn(app, -1002).length]).toEqual([0, 1])
  })

  it('learns of the correction where it learned of the mistake, also if the fallback target has changed', async () => {
    const { rules, app } = await startWith('SSM', '{ targets: { ops: -1002 }, fallback: ops }')
    rules.put(wrong)
    await pass(3, app)
    rules.put('{ targets: { team: -1002, others: -1001 }, fallback: others }')
    await pass(3, app)
    expect(textsIn(app)).toEqual([])
    expect(textsIn(app, -1002).map((text) => text.split('\n')[2])).toEqual(['Version 3 is in use.'])
  })

  it('learns nothing with STATE=memory, whose log does', async () => {
    const { rules, app } = await startWith('SSM', showAll, { STATE: 'memory' })
    rules.put(wrong)
    await minutes(app, 2)
    await app.notify([at(app, 0)])
    expect(textsIn(app)).toHaveLength(1)
    expect(said(app)).toEqual(['error: new rules have mistakes'])
  })
})

describe('a process that starts while the newest rules are no good', () => {
  it.each([
    ['have mistakes', (rules: RemoteRules) => rules.put(wrong), 'error: new rules have mistakes'],
    ['cannot be read', (rules: RemoteRules) => rules.fail(refusal), 'error: rules cannot be read'],
  ])('uses the last good ones if they %s, and says so', async (_, spoil, words) => {
    const { rules, app, environment, folder } = await startWith('SSM', showAll)
    await pass(2, app)
    spoil(rules)
    const other = await start({ environment, beside: app }, folder)
    await other.notify([at(other, 0)])
    expect(said(other)).toContain(words)
    expect(textsIn(app)).toHaveLength(1)
  })

  it('has none if no process has used good ones', async () => {
    const rules = await startRemoteRules('SSM', wrong)
    servers.push(rules)
    await expect(start({ environment: rules.environment, chats }, newFolder())).rejects.toThrow('line 3')
  })
})

it('a watchdog that is added again does not count the time without it', async () => {
  const { rules, app } = await startWith('SSM', 'watchdog: { after: 30m }')
  const records = async (quarters: number) => {
    for (let quarter = 0; quarter < quarters; quarter += 1) {
      await app.notify([at(app, 0)])
      await pass(15, app)
    }
  }
  await records(4)
  rules.put('rules: []')
  await records(12)
  rules.put('watchdog: { after: 30m }')
  await pass(10, app)
  await records(4)
  const alarms = () => textsIn(app).filter((text) => text.includes('NoEventsReceived') || text.includes('received'))
  expect(alarms()).toEqual([])
  await pass(60, app)
  expect(alarms()).toHaveLength(1)
})
