import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { gzipSync } from 'node:zlib'
import { describe, expect, onTestFinished, test } from 'vitest'
import { toLambdaEvent } from '../../lib/adapters/kafka/lambda-event.ts'
import { createApp } from '../../lib/app/app.ts'
import { configure } from '../../lib/cli/configuration.ts'
import type { Explanation } from '../../lib/cli/explain/record.ts'
import { readBatches } from '../../lib/cli/recording.ts'
import { decode } from '../../lib/core/event/decode.ts'
import { defaultChat } from '../../lib/emulator/chats.ts'
import { startEmulator } from '../../lib/emulator/server.ts'
import { childEnvironment } from '../support/child-environment.ts'
import { envelope, event, record, records } from '../support/records.ts'
import { startRemoteRules } from '../support/remote-rules.ts'
import { cli, temporaryFolder } from './spawn.ts'

const chat = '-1001234567890'
const bot = { TELEGRAM_CHAT_ID: chat, CLUSTER_NAME: 'test' }
type Fields = Parameters<typeof event>[1]

function write(name: string, content: unknown): string {
  const file = join(temporaryFolder(), name)
  writeFileSync(file, typeof content === 'string' || Buffer.isBuffer(content) ? content : JSON.stringify(content))
  return file
}

const lines = (values: unknown[]) => values.map((value) => `${JSON.stringify(value)}\n`).join('')
const recording = (fields: Fields[]) =>
  write('recording.ndjson', lines(fields.map((own, number) => record(number, { value: envelope(event(number, own)) }))))

async function explained(file: string, args: string[] = [], env: Record<string, string> = bot): Promise<Explanation[]> {
  const { code, stdout, stderr } = await cli(['explain', file, '--json', ...args], env)
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  return (JSON.parse(stdout) as { records: Explanation[] }).records
}

/** Of each record and target. */
const outcomes = (records: Explanation[]) =>
  records.flatMap(({ outcome, deliveries }) => (outcome === null ? deliveries.map((one) => one.outcome) : [outcome]))

const at = (second: number) => `2026-11-24T10:00:${String(second).padStart(2, '0')}Z`
const single = (second: number) => ({ count: 1, firstTimestamp: at(second), lastTimestamp: at(second) })
/** One event, which has happened once more each second. */
const probe = (second: number) => ({
  ...{ count: second, firstTimestamp: at(1), lastTimestamp: at(second) },
  metadata: { name: 'web.probe', uid: 'probe' },
  reason: 'Unhealthy',
  message: 'Readiness probe failed: HTTP probe failed with statuscode: 503',
})
const rollout = { ...single(1), type: 'Normal', reason: 'Scheduled', message: 'Successfully assigned shop/web to w1' }
const now = ['--at', '2026-11-24T10:01:00Z']

describe('the forms of the input', () => {
  const one = event(1)
  test.each<[string, string, () => unknown, string[]]>([
    ['a batch of Lambda', 'batch.json', () => toLambdaEvent(records(2)), ['kube-events/0/0', 'kube-events/0/1']],
    ['a recording', 'recording.ndjson', () => lines(records(2)), ['kube-events/0/0', 'kube-events/0/1']],
    ['a gzipped one', 'recording.ndjson.gz', () => gzipSync(lines(records(2))), ['kube-events/0/0', 'kube-events/0/1']],
    ['a value of kube-eventer', 'value.json', () => envelope(one), ['event 1']],
    ['an indented Event', 'event.json', () => JSON.stringify(one, undefined, 2), ['event 1']],
    [
      'a list of kubectl',
      'list.json',
      () => JSON.stringify({ items: [one, event(2)] }, undefined, 4),
      ['event 1', 'event 2'],
    ],
    ['Events line by line', 'events.ndjson', () => lines([one, event(2)]), ['event 1', 'event 2']],
  ])('%s', async (_, name, content, places) => {
    const found = await explained(write(name, content()))
    expect(found.map(({ place }) => place)).toEqual(places)
    for (const { event } of found) expect(event?.object).toBe('Pod shop/web-7d9f8c6b5-x2k4p')
  })

  test('what comes in by standard input', async () => {
    const child = spawn(process.execPath, ['lib/cli/main.ts', 'explain', '-'], {
      env: childEnvironment({ ...bot, TZ: 'UTC' }),
    })
    let stdout = ''
    child.stdout.on('data', (chunk) => (stdout += chunk))
    child.stdin.end(JSON.stringify(event(1)))
    expect(await once(child, 'close')).toEqual([0, null])
    expect(stdout).toContain('event 1  Warning BackOff Pod shop/web-7d9f8c6b5-x2k4p')
    expect(stdout).toMatch(/^as of .*, now$/m)
  })

  test.each<[string, string, string]>([
    ['an empty file', '', ': the file is empty; expected a Lambda batch'],
    ['other JSON', '17', ', line 1: expected a Lambda batch'],
    ['a list of other things', '{"items":[{"kind":"Pod"}]}', ', line 1, item 1: expected a Lambda batch'],
    ['an empty list', '{"items":[]}', ': no records'],
    ['a line of a recording that is none', `${lines(records(1))}oops\n`, ', line 2: expected a Lambda batch'],
    ['a batch that is none', '{"records":{"a-0":1}}', ', line 1: not a Kafka event: records["a-0"] is not a list'],
  ])('%s is a problem', async (_, content, part) => {
    const file = write('x.json', content)
    const { code, stderr } = await cli(['explain', file], bot)
    expect(stderr).toContain(`${file}${part}`)
    expect(code).toBe(1)
  })
})

test('a time in the future is printed and does not count', async () => {
  const file = write('event.json', event(1, { lastTimestamp: '2035-01-01T00:00:00Z' }))
  const [found] = await explained(file, now)
  expect(found?.event).toMatchObject({ at: null, claimedAt: '2035-01-01T00:00:00.000Z' })
  expect(found?.deliveries[0]?.message?.text).not.toContain('2035')
  const { stdout } = await cli(['explain', file, ...now], bot)
  expect(stdout).toMatch(/^ {2}time {6}2035-01-01T00:00:00.000Z is in the future; the event counts as without a time$/m)
})

describe('records build on each other', () => {
  test('the third failed probe reaches its threshold, and the fourth waits for its edit', async () => {
    const file = recording([probe(1), probe(2), probe(3), probe(4)])
    const found = await explained(file)
    expect(outcomes(found)).toEqual([
      'skipped: below atLeast of rule probes: 1 of 3 times within 10m, per event',
      'skipped: below atLeast of rule probes: 2 of 3 times within 10m, per event',
      'sent: shown (first message)',
      'pending: throttled until 2026-11-24 10:00:40 UTC, because its message was edited a moment ago',
    ])
    const [, , third] = found
    expect(third?.deliveries[0]?.state).toBe('from earlier records: not shown yet, happened 2 times')
    expect(third?.deliveries[0]?.message?.text).toContain('×3 in 2 s')
    expect(third?.decided).toEqual({
      kind: 'rule',
      name: 'probes',
      isDefault: true,
      says: 'show after 3 times within 10m, per event',
    })
  })

  test('the records that are not printed count too', async () => {
    const file = recording([probe(1), probe(2), probe(3), rollout])
    const picked = await explained(file, ['--offset', 'kube-events/0/2'])
    expect(picked.map(({ place }) => place)).toEqual(['kube-events/0/2'])
    expect(outcomes(picked)).toEqual(['sent: shown (first message)'])
    expect(outcomes(await explained(file, ['--grep', 'ASSIGNED shop']))).toEqual([
      'skipped: recovery (dropped by rule rollouts)',
    ])
    const none = await cli(['explain', file, '--grep', 'nobody'], bot)
    expect(none).toMatchObject({ code: 1, stdout: '', stderr: `${file}: no record matches\n` })
  })

  test('a repeated record is already shown; a value that is no event is rejected', async () => {
    const file = write(
      'twice.ndjson',
      lines([record(0), record(0, { offset: 1 }), record(2, { value: 'oops \u001b[31m' })]),
    )
    const found = await explained(file)
    expect(outcomes(found)).toEqual(['sent: shown (first message)', 'skipped: already shown', 'rejected: not JSON'])
    expect(found[2]?.problem).toEqual({ why: 'not JSON', value: 'oops' })
  })

  test.each<[string, unknown]>([
    ['an Event within an object of another form', { event: event(1) }],
    ['an object of another form', { name: 'x' }],
    ['an object that is no Event, as kube-eventer would send it', JSON.parse(envelope({ kind: 'Pod' }))],
  ])('%s is rejected, as the pipeline would', async (_, value) => {
    const [found] = await explained(write('value.json', value))
    const decoded = decode(Buffer.from(JSON.stringify(value)).toString('base64'))
    expect(decoded).toHaveProperty('problem')
    expect(found?.outcome).toBe(`rejected: ${'problem' in decoded && decoded.problem}`)
    expect(found?.deliveries).toEqual([])
  })

  test('with INCIDENTS=off each record is its own', async () => {
    const file = recording([probe(1), probe(3), single(3), single(4)])
    const found = await explained(file, [], { ...bot, INCIDENTS: 'off' })
    expect(outcomes(found)).toEqual([
      'skipped: below atLeast of rule probes: 1 of 3 times within 10m, per event',
      'sent: shown (first message)',
      'sent: shown (first message)',
      'sent: shown (first message)',
    ])
  })
})

describe('the state', () => {
  test('is read and not written', async () => {
    const file = join(temporaryFolder(), 'state.db')
    const STATE = `sqlite:${file}`
    await cli(['replay', 'test/batches/trouble.json', '--state', STATE, '--json'])
    const before = readFileSync(file)
    const found = await explained('test/batches/trouble.json', [], { TELEGRAM_CHAT_ID: chat, STATE })
    expect(new Set(outcomes(found))).toEqual(new Set(['skipped: already shown']))
    for (const { deliveries } of found) expect(deliveries[0]?.state).toMatch(/^shown, message last updated at 2026-/)
    expect(readFileSync(file).equals(before)).toBe(true)
  })

  test('is read as of --at: incidents that have expired by then are ignored', async () => {
    const STATE = `sqlite:${join(temporaryFolder(), 'state.db')}`
    await cli(['replay', 'test/batches/trouble.json', '--state', STATE, '--json'])
    const asOf = async (time: string) =>
      outcomes(await explained('test/batches/trouble.json', ['--at', time], { TELEGRAM_CHAT_ID: chat, STATE }))
    expect(await asOf('2026-11-24T12:00:00Z')).toContain('skipped: already shown')
    expect(await asOf('2026-11-28T12:00:00Z')).not.toContain('skipped: already shown')
  })

  test.each<[string, string | undefined, RegExp]>([
    ['is not set', undefined, /^note: STATE is not set; assuming an empty store$/m],
    [
      'does not exist yet',
      'sqlite:/nowhere/x.db',
      /^note: STATE: the file \/nowhere\/x.db does not exist yet; assuming an empty store$/m,
    ],
  ])('a store that %s is noted', async (_, state, note) => {
    const { code, stdout } = await cli(['explain', recording([{}])], { ...bot, ...(state ? { STATE: state } : {}) })
    expect(stdout).toMatch(note)
    expect(stdout).toMatch(/^ {2}incident {2}[0-9a-f]{16}: none yet$/m)
    expect(code).toBe(0)
  })

  test('tells that Telegram refuses the chat', async () => {
    const emulator = await startEmulator({ isPaced: false, chats: [{ ...defaultChat, state: 'kicked' }] })
    onTestFinished(() => emulator.close())
    const STATE = `sqlite:${join(temporaryFolder(), 'state.db')}`
    const file = write('batch.json', toLambdaEvent(records(1)))
    const env = { ...bot, STATE, TELEGRAM_API_ROOT: emulator.apiRoot, TELEGRAM_BOT_TOKEN: emulator.token }
    const batches = await readBatches(file, 10)
    const app = createApp(await configure(env), { write: () => {} })
    await app.notify(batches[0]?.event, 60_000)
    await app.close()
    const [first] = await explained(file, [], { ...bot, STATE })
    expect(first?.deliveries[0]).toMatchObject({
      chat: expect.stringMatching(/refused by Telegram since .*: 403 Forbidden: bot was kicked/),
    })
  })

  test('a file of another version of the program is a problem', async () => {
    const file = join(temporaryFolder(), 'state.db')
    const database = new DatabaseSync(file)
    database.exec('CREATE TABLE chats (name); PRAGMA user_version = 4')
    database.close()
    const { code, stderr } = await cli(['explain', recording([{}])], { ...bot, STATE: `sqlite:${file}` })
    expect(stderr).toContain(`STATE: cannot read ${file}: the file was created by another version of this program`)
    expect(code).toBe(1)
  })

  test('a file that is no store is a problem', async () => {
    const { code, stderr } = await cli(['explain', recording([{}])], { ...bot, STATE: 'sqlite:README.md' })
    expect(stderr).toContain('STATE: cannot read README.md')
    expect(code).toBe(1)
  })
})

test('as text: the rules that were tried and that decided, the target and the message; without control characters and secrets', async () => {
  const message =
    'Back-off restarting failed container \u001b[31mred\u001b[0m \u202e token=ghp_0123456789abcdefghijABCDEFGHIJ012345'
  const { stdout } = await cli(['explain', recording([{ message }]), ...now], bot)
  expect(stdout).toContain(`note: STATE is not set; assuming an empty store
as of 2026-11-24 10:01:00 UTC

kube-events/0/0  Warning BackOff Pod shop/web-7d9f8c6b5-x2k4p
            Back-off restarting failed container red token=<secret>
  cause     crash-loop (warning) · Deployment/web · cluster test
  tried     cause is "crash-loop": probes, endpoints, slow starts, shutdowns`)
  expect(stdout).toContain(`
  decided   trouble (default): show
  for       ${chat} (default, because no route matches)
`)
  expect(stdout).toContain(`
  outcome   sent: shown (first message)

  ▌ kube-eventer
  ▌ 🟠 Crash loop · BackOff
  ▌ Deployment shop/web in test
  ▌ ┃ Back-off restarting failed container red token=<secret>
`)
  for (const part of ['\u001b', '\u202e', 'ghp_']) expect(stdout).not.toContain(part)
})

describe('rules and routes of a file', () => {
  const rules = `
targets:
  infra: -1002222222222
  team: "-1001234567890:42"
rules:
  - { name: rare, match: { cause: crash-loop, node: worker-9 }, atLeast: 2 }
  - { name: old, match: { kind: Pod, olderThan: 1d }, action: drop }
  - { name: not web, match: { kind: Pod }, except: { workload: web }, action: drop }
  - { name: loops, match: { cause: crash-loop }, severity: critical, silent: true, atLeast: 2, within: 10m }
  - { name: pulls, match: { cause: image-pull } }
routes:
  - { match: { severity: critical }, to: [infra, team], continue: true }
  - { match: { namespace: shop }, to: infra }
mutes:
  - { name: past, match: { namespace: shop }, until: "2026-11-01T00:00:00Z", reason: done }
  - { name: deploy, match: { reason: FailedMount }, until: "2026-12-01T00:00:00Z", reason: "ticket 12" }
quiet:
  - { from: "22:00", to: "07:00", below: critical, action: delay }
`
  const file = () => recording([single(1), single(2), { ...single(3), reason: 'FailedMount' }])
  const rulesFile = () => write('rules.yml', rules)

  test('why each rule failed, which rule decided, and which routes led to the target', async () => {
    const [first, second, third] = await explained(file(), ['--config', rulesFile()])
    expect(first?.tried).toEqual([
      { kind: 'mute', name: 'past', unmet: 'until', why: 'expired at 2026-11-01 00:00:00 UTC' },
      { kind: 'mute', name: 'deploy', unmet: 'reason', why: 'reason is "BackOff"' },
      { kind: 'rule', name: 'rare', unmet: 'node', why: 'node is "worker-1"' },
      { kind: 'rule', name: 'old', unmet: 'olderThan', why: expect.stringMatching(/^\d+s old$/) },
      { kind: 'rule', name: 'not web', unmet: 'except', why: 'except matches' },
      { kind: 'rule', name: 'loops', unmet: null, why: null },
    ])
    expect(first?.decided).toMatchObject({
      name: 'loops',
      isDefault: false,
      says: 'show after 2 times within 10m, as critical, silently',
    })
    expect(first?.severity).toBe('critical')
    expect(second?.deliveries).toMatchObject([
      { target: 'infra', routes: ['routes[0]', 'routes[1]'], outcome: 'sent: shown (first message)' },
      { target: 'team', routes: ['routes[0]'], message: { isSilent: true, isEdit: false } },
    ])
    expect(second?.deliveries[0]?.message?.buttons[0]).toHaveProperty('copy')
    expect(second?.deliveries[0]?.message?.markup).toContain('<b>Crash loop</b>')
    expect(third).toMatchObject({ outcome: 'skipped: muted by deploy', targets: [{ target: 'infra' }] })
    expect(third?.decided?.says).toBe('mute until 2026-12-01 00:00:00 UTC (ticket 12)')
  })

  test('as of another moment: ages, mutes and quiet hours', async () => {
    const pull = recording([{ ...single(1), reason: 'Failed', message: 'Failed to pull image "x"' }])
    const config = ['--config', rulesFile()]
    const at = async (time: string) => outcomes(await explained(pull, [...config, '--at', time]))
    expect(await at('2026-11-24T12:00:00Z')).toEqual(['sent: shown (first message)'])
    expect(await at('2026-11-24T23:30:00+01:00')).toEqual(['pending: quiet hours until 2026-11-25 07:00:00 UTC'])
    expect(await at('2026-11-26T12:00:00Z')).toEqual(['skipped: dropped by rule old'])
    const muted = recording([{ ...single(1), reason: 'FailedMount' }])
    expect(outcomes(await explained(muted, [...config, '--at', '2026-12-01T00:00:00Z']))).toEqual([
      'skipped: dropped by rule old',
    ])
  })

  test('--config is read instead of CONFIG_FILE, with variables filled in', async () => {
    const config = write('other.yml', `routes:\n  - { to: "$${'{WHERE}'}" }\n`)
    const env = { ...bot, CONFIG_FILE: '/nowhere.yml', WHERE: '@over_there' }
    const [first] = await explained(recording([{}]), ['--config', config], env)
    expect(first?.deliveries).toMatchObject([{ target: '@over_there', routes: ['routes[0]'] }])
  })

  test('a file in AWS is read once', async () => {
    const rules = await startRemoteRules('SSM', 'rules:\n  - { name: all, action: drop }\n')
    onTestFinished(() => rules.close())
    const found = await explained(recording([{}]), [], { ...bot, ...rules.environment })
    expect(outcomes(found)).toEqual(['skipped: dropped by rule all'])
    expect(rules.answers).toEqual([200])
  })

  test('every problem of the file is printed at once', async () => {
    const config = write(
      'wrong.yml',
      'rules:\n  - { name: a, match: { reson: x } }\n  - { name: a, actoin: drop }\nrouts: []\n',
    )
    for (const [args, env] of [
      [['--config', config], bot],
      [[], { ...bot, CONFIG_FILE: config }],
    ] as const) {
      const { code, stdout, stderr } = await cli(['explain', recording([{}]), ...args], env)
      expect(stderr).toMatch(/^the configuration is wrong:$/m)
      for (const part of ['line 2, rules[0].match.reson', 'line 3, rules[1].actoin', 'line 4, routs'])
        expect(stderr).toContain(part)
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    }
  })
})

test('a recovery names the incidents that it resolves, and their state', async () => {
  const started = { ...single(9), type: 'Normal', reason: 'Started', message: 'Started container web' }
  const found = await explained(recording([single(1), started]), ['--grep', 'Started container'])
  expect(outcomes(found)).toEqual(['skipped: recovery (dropped by rule rollouts)'])
  expect(found[0]?.resolves).toContainEqual({
    cause: 'crash-loop',
    target: chat,
    incident: expect.stringMatching(/^[0-9a-f]{16}$/),
    state: 'from earlier records: shown, message last updated at 2026-11-24 10:00:30 UTC, happened once',
  })
})

test('needs neither token nor chat; a note names the missing chat', async () => {
  const { code, stdout } = await cli(['explain', recording([{}])])
  expect(stdout).toContain('note: TELEGRAM_CHAT_ID is not set')
  expect(stdout).toContain('  for       the default chat (default, because no route matches)')
  expect(code).toBe(0)
})

describe('a wrong command line ends with 2', () => {
  test.each<[string[], string]>([
    [[], 'missing file: explain <file>, or - for standard input'],
    [['a', 'b'], 'expected one file, got 2'],
    [['a', '--offset', '17'], '--offset: "17" must be topic/partition/offset, for example kube-events/0/1723'],
    [
      ['a', '--at', 'noon'],
      '--at: "noon" must be a time with a zone, for example 2026-11-24T22:30:00Z or 2026-11-24T22:30:00+01:00',
    ],
    [['a', '--at', '2026-11-24T22:30:00'], '--at: "2026-11-24T22:30:00" must be a time with a zone'],
    [['a', '--state', 'memory'], "Unknown option '--state'"],
  ])('explain %j', async (args, message) => {
    const { code, stdout, stderr } = await cli(['explain', ...args])
    expect(stderr).toContain(message)
    expect(stderr).toContain('Try: kube-eventer-telegram explain --help')
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  })

  test('help has examples', async () => {
    const { code, stdout } = await cli(['explain', '--help'])
    for (const part of ['Usage: kube-eventer-telegram explain <file|->', 'Examples:', '--at <time>'])
      expect(stdout).toContain(part)
    expect(code).toBe(0)
  })
})
