import { describe, expect, onTestFinished, test } from 'vitest'
import { startRemoteRules } from '../../support/remote-rules.ts'
import { cli } from '../spawn.ts'
import { environment, fileOf, type Output, token } from './bot.ts'

const whole = `
targets: { oncall: -1001234567890:42, people: '@people' }
clusters: { events-prod: prod }
rules:
  - name: canary
    match: { namespace: [batch-*, ''], message: 'exit code \\d+', olderThan: 2h }
    except: { workload: [canary, load-test] }
    atLeast: 3
    within: 10m
    severity: critical
    silent: true
  - { name: chatter, match: { reason: Pulled }, action: drop }
routes:
  - { match: { severity: critical }, to: oncall, continue: true }
  - { match: { kind: Node }, to: [people, -1009] }
mutes:
  - { name: move, match: { kind: Job }, until: '2999-01-01T08:00:00Z', reason: moving house }
quiet:
  - { targets: oncall, days: [sat, sun], from: 22:00, to: 07:30, zone: Europe/Berlin, action: delay }
fallback: people
suppressed: { at: 09:00, target: oncall }
watchdog: { after: 30m, target: people }
`

describe('the configuration', () => {
  test('the whole configuration in words', async () => {
    const env = { ...environment, CLUSTER_NAME: 'other', TZ: 'Europe/Berlin', STATE: 'sqlite:state.db' }
    const { code, stdout, stderr } = await cli(['check', fileOf(whole)], env)
    expect(code).toBe(0)
    expect(stderr).toBe('')
    const lines = stdout.split('\n')
    expect(lines[0]).toMatch(/rules\.yml and the environment: fine$/)
    expect(
      lines
        .slice(
          1,
          lines.findIndex((line) => line.includes('default rules')),
        )
        .join('\n'),
    ).toBe(`
bot token   from TELEGRAM_BOT_TOKEN
state       file state.db; one message per incident
clusters    topic events-prod is prod, all others: other
time zone   Europe/Berlin
fallback    people, if another target fails
suppressed  summary at 09:00 Europe/Berlin to oncall
watchdog    warns after 30m to people

targets
  the default  -1001234567890
  oncall       -1001234567890  thread 42
  people       @people
  -1009        -1009

routes: the first match decides; after a match with “continues”, later routes apply too
  routes[0]  severity is critical              → oncall, continues
  routes[1]  kind is Node                      → people, -1009
  –          everything that no route matches  → the default

rules: the first match decides
  canary   show after 3 times within 10m, as critical,  namespace is batch-* or none; message
           silently                                     matches /exit code \\d+/; older than 2h;
                                                        except workload is canary or load-test
  chatter  drop                                         reason is Pulled`)
    expect(stdout).toContain('\n  then the default rules: probes, ')
    expect(lines.slice(lines.indexOf('mutes')).join('\n')).toBe(`mutes
  move  until 2999-01-01 09:00:00 UTC+1  kind is Job (moving house)

quiet hours
  oncall  Sat, Sun 22:00–07:30 Europe/Berlin  below critical: delayed until 07:30
`)
    expect(Math.max(...lines.slice(1).map((line) => line.length))).toBeLessThanOrEqual(100)
  })

  test('the environment and the defaults, if there is no file', async () => {
    const { code, stdout } = await cli(['check'], environment)
    expect(code).toBe(0)
    expect(stdout).toContain('the environment, without a file: fine')
    expect(stdout).toContain('rules: the first match decides\n  the default rules: probes, ')
    expect(stdout).toContain('memory, lost when the process ends; one message per event')
    expect(stdout).not.toContain(token)
  })

  test('the file on the command line replaces CONFIG_FILE', async () => {
    const [one, other] = [fileOf('defaults: false'), fileOf('rulez: []')]
    expect((await cli(['check', one], { ...environment, CONFIG_FILE: other })).code).toBe(0)
    const { code, stdout } = await cli(['check'], { ...environment, CONFIG_FILE: other })
    expect(stdout).toContain('did you mean "rules"?')
    expect(code).toBe(1)
  })

  test.each(['SSM', 'S3'] as const)('a file in %s, on the command line or in CONFIG_FILE', async (kind) => {
    const rules = await startRemoteRules(kind, 'rules:\n  - { name: a, match: { reason: Unhealty } }\n')
    onTestFinished(() => rules.close())
    const { CONFIG_FILE = '', ...access } = rules.environment
    const { code, stdout } = await cli(['check', CONFIG_FILE], { ...environment, ...access })
    expect(code).toBe(0)
    expect(stdout).toContain(`${CONFIG_FILE} and the environment: fine`)
    expect(stdout).toContain(`warning: ${CONFIG_FILE}, line 2, rules[0].match.reason: `)
    rules.put('rulez: []')
    const changed = await cli(['check'], { ...environment, ...rules.environment })
    expect(changed.stdout).toBe(
      `1 problem in the configuration:\n- ${CONFIG_FILE}, line 1, rulez: unknown key; did you mean "rules"?\n`,
    )
    const unread = await cli(['check', CONFIG_FILE], environment)
    expect(unread.stdout).toContain('are not set; CONFIG_FILE needs AWS access')
    expect([changed.code, unread.code]).toEqual([1, 1])
  })

  test('every problem of the file and of the environment, as the program prints them at start', async () => {
    const file = fileOf('rules:\n  - name: a\n    match: { kind: Pod }\n    actoin: drop\nfallback: nowhere\n')
    const env = { ...environment, STATE: 'file:x', TELEGRAM_CHAT_ID: 'ops' }
    const { code, stdout } = await cli(['check', file], env)
    expect(code).toBe(1)
    const [head, ...problems] = stdout.trimEnd().split('\n')
    expect(head).toBe('4 problems in the configuration:')
    const told = problems.map((line) => line.replaceAll(file, 'rules.yml')).toSorted()
    expect(told).toEqual([
      '- STATE must be memory, sqlite:<file> or dynamodb:<table>, not "file:x"',
      '- TELEGRAM_CHAT_ID must be a chat ID, for example -1001234567890, -1001234567890:42 for a thread, or @channel, not "ops"',
      '- rules.yml, line 4, rules[0].actoin: unknown key; did you mean "action"?',
      '- rules.yml, line 5, fallback: "nowhere" is neither a name in targets nor a chat ID',
    ])
  })

  test('warnings end with 0: expired mutes, unused targets, what durable state is needed for', async () => {
    const file = fileOf(`
targets: { idle: -5 }
mutes: [{ name: old, match: { kind: Pod }, until: '2020-01-01T00:00:00Z', reason: over }]
quiet: [{ from: 22:00, to: 07:00, action: delay }]
`)
    const { code, stdout } = await cli(['check', file], environment)
    expect(code).toBe(0)
    const warnings = stdout.split('\n').filter((line) => line.startsWith('warning: '))
    expect(warnings).toEqual([
      expect.stringContaining(
        'mutes[0].until: mute "old" expired at 2020-01-01T00:00:00Z; remove it or set a later time',
      ),
      expect.stringContaining('targets.idle: target "idle" is used by no route'),
      expect.stringContaining('quiet[0].action: delay needs STATE=sqlite:<file> or STATE=dynamodb:<table>'),
    ])
    expect(stdout).toContain('expired at 2020-01-01 00:00:00 UTC')
    const wrong = await cli(['check', file], { ...environment, LOG_LEVEL: 'loud' })
    expect(wrong.stdout).toContain('- LOG_LEVEL must be debug, info, warn or error, not "loud"')
    expect(wrong.stdout).toContain('warning: ')
  })

  test('a token in the wrong place is not printed', async () => {
    const { code, stdout, stderr } = await cli(['check', fileOf(`fallback: '${token}'`)], {
      TELEGRAM_BOT_TOKEN: `${token} `,
      TELEGRAM_CHAT_ID: token,
      LOG_LEVEL: token,
    })
    expect(code).toBe(1)
    expect(stdout + stderr).not.toContain('not-to-be-seen')
  })

  test('--json prints everything', async () => {
    const { stdout } = await cli(['check', fileOf(whole), '--json'], environment)
    const { targets, routes, rules } = JSON.parse(stdout) as Output
    expect(targets).toEqual([
      { name: 'the default', chat: '-1001234567890', thread: null, places: ['TELEGRAM_CHAT_ID'] },
      { name: 'oncall', chat: '-1001234567890', thread: 42, places: ['targets.oncall'] },
      { name: 'people', chat: '@people', thread: null, places: ['targets.people'] },
      { name: '-1009', chat: '-1009', thread: null, places: ['routes[1].to'] },
    ])
    expect(routes.map(({ to, continue: continues }) => [to, continues])).toEqual([
      [['oncall'], true],
      [['people', '-1009'], false],
      [['the default'], false],
    ])
    expect(rules[1]).toEqual({ name: 'chatter', isDefault: false, if: 'reason is Pulled', does: 'drop' })
    expect(rules.at(-1)).toEqual({ name: 'other', isDefault: true, if: 'everything', does: 'show' })
  })
})

describe('a wrong command line', () => {
  test.each<[string[], string]>([
    [['a', 'b'], 'expected one file, got 2'],
    [['--telegramm'], "Unknown option '--telegramm'"],
    [[''], 'the file name is empty; leave it out to check CONFIG_FILE'],
  ])('%j', async (args, message) => {
    const { code, stdout, stderr } = await cli(['check', ...args])
    expect(stderr.split('\n')).toEqual([message, 'Try: kube-eventer-telegram check --help', ''])
    expect(stdout).toBe('')
    expect(code).toBe(2)
  })

  test('a missing file', async () => {
    const { code, stdout } = await cli(['check', 'nope.yml'], environment)
    expect(stdout).toContain('- CONFIG_FILE: cannot read "nope.yml": there is no such file in ')
    expect(code).toBe(1)
  })
})
