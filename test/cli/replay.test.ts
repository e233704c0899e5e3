import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { type ConsumedRecord, toLambdaEvent } from '../../lib/adapters/kafka/lambda-event.ts'
import type { ReplaySummary } from '../../lib/cli/replay/summary.ts'
import { type Emulator, startEmulator } from '../../lib/emulator/server.ts'
import { readRecording } from '../support/recordings.ts'
import { envelope, event, record } from '../support/records.ts'
import { cli, run, temporaryFolder } from './spawn.ts'

const mixed = 'test/recordings/cluster-mixed.ndjson.gz'

const summaryOf = (stdout: string) => JSON.parse(stdout) as ReplaySummary
const sum = (counts: Record<string, number>) => Object.values(counts).reduce((total, count) => total + count, 0)

describe('to the emulator', () => {
  test('every record of a recording has an outcome, and nothing is left', async () => {
    const { code, stdout } = await cli(['replay', mixed, '--json'])
    const summary = summaryOf(stdout)
    const all = readRecording('cluster-mixed')
    expect(code).toBe(0)
    expect(summary).toMatchObject({ records: all.length, recordedMinutes: 5, pending: 0, undelivered: 0, refused: {} })
    expect(sum(summary.outcomes)).toBe(all.length)
    expect(summary.messages).toBeGreaterThan(0)
    expect(summary.edits).toBeGreaterThan(0)
    expect(summary.requests).toBeLessThan(all.length)
    // 20 a minute, and what falls together at the edges of minutes.
    expect(summary.requests).toBeLessThanOrEqual((summary.minutes + 1) * 20)
  })

  test('prints the chat and the outcomes, and writes a page that steps through time', async () => {
    const page = join(temporaryFolder(), 'chat.html')
    const { code, stdout } = await cli(['replay', 'test/batches/eight-minutes.ndjson.gz', '--page', page])
    expect(code).toBe(0)
    expect(stdout).toMatch(/^Cluster alerts \(forum\)/)
    expect(stdout).toContain('▌ kube-eventer')
    expect(stdout).toMatch(/^326 records in \d+ batches; \d+ minutes of recording, finished after \d+ minutes$/m)
    expect(stdout).toMatch(/^ {2}sent +\d+ {2}/m)
    expect(stdout).toContain(`The chat as a page: ${page}`)
    const html = readFileSync(page, 'utf8')
    expect(html).toContain('<nav id="stepper"')
    expect(html).toContain('<template>')
  })

  test('reads the output of kubectl get events, with the cluster of --cluster', async () => {
    const file = join(temporaryFolder(), 'events.json')
    writeFileSync(file, JSON.stringify({ kind: 'List', items: [event(0), event(1)] }, undefined, 2))
    const { code, stdout } = await cli(['replay', file, '--cluster', 'staging'], { CLUSTER_NAME: 'prod' })
    expect(code).toBe(0)
    expect(stdout).toContain('2 records in 1 batch')
    expect(stdout).toContain('staging')
  })

  test('with STATE=memory each record of a batch is a message', async () => {
    const { code, stdout } = await cli(['replay', 'test/batches/poison.json', '--state', 'memory', '--json'])
    expect(summaryOf(stdout)).toMatchObject({
      records: 12,
      batches: 1,
      messages: 9,
      outcomes: { 'rejected: EventValue not JSON': 1, 'rejected: empty': 1, 'rejected: not JSON': 1 },
    })
    expect(code).toBe(0)
  })

  test('accepts any batch size', async () => {
    const { stdout } = await cli(['replay', 'test/batches/eight-minutes.ndjson.gz', '--batch', '7', '--json'])
    const summary = summaryOf(stdout)
    expect(summary.batches).toBeGreaterThanOrEqual(47)
    expect(summary).toMatchObject({ records: 326, pending: 0, undelivered: 0 })
  })

  test('a durable state remembers what was shown', async () => {
    const state = `sqlite:${join(temporaryFolder(), 'state.db')}`
    const args = ['replay', 'test/batches/trouble.json', '--state', state, '--json']
    expect(summaryOf((await cli(args)).stdout).messages).toBe(14)
    expect(existsSync(state.replace('sqlite:', ''))).toBe(true)
    const again = summaryOf((await cli(args)).stdout)
    expect(again).toMatchObject({ messages: 0, requests: 0, outcomes: { 'skipped: already shown': 14 } })
  })

  test('ignores bot, chat and state of the environment', async () => {
    const env = {
      TELEGRAM_API_ROOT: 'http://127.0.0.1:1',
      TELEGRAM_BOT_TOKEN_SECRET: 'of/mine',
      TELEGRAM_CHAT_ID: '@mine',
      STATE: 'dynamodb:mine',
      FAILURE_MODE: 'throw',
      LOG_LEVEL: 'error',
      CLUSTER_NAME: 'of-mine',
    }
    const { code, stdout } = await cli(['replay', 'test/batches/trouble.json'], env)
    expect(code).toBe(0)
    expect(stdout).toContain('14 records in 1 batch')
    expect(stdout).toContain('of-mine')
  })

  test('with rules there is a chat for each target, with its threads', async () => {
    const folder = temporaryFolder()
    const rules = join(folder, 'rules.yml')
    const page = join(folder, 'chat.html')
    writeFileSync(rules, routed)
    const env = { CONFIG_FILE: rules, TELEGRAM_CHAT_ID: '@mine', HOME_CHAT: '-500' }
    const { code, stdout, stderr } = await cli(['replay', mixed, '--page', page], env)
    expect(code).toBe(0)
    expect(stderr).not.toContain('note:')
    const chats = stdout.matchAll(/^(\S.*) \((forum|supergroup|group|channel|private)\)$/gm)
    expect([...chats].map(([, title, type]) => [title, type])).toEqual([
      ['Cluster alerts', 'forum'],
      ['infra', 'forum'],
      ['on call', 'channel'],
      ['me', 'private'],
      ['-500', 'group'],
      ['@forum_kube', 'forum'],
    ])
    expect(stdout).not.toContain('No messages yet')
    for (const thread of ['# team', '# Thread 7', '# Thread 9']) expect(stdout).toContain(`▌ kube-eventer  ${thread}`)
    expect(stdout).not.toMatch(/^refused by Telegram/m)
    const html = readFileSync(page, 'utf8')
    for (const title of ['Cluster alerts', 'infra', 'on call']) expect(html).toContain(title)
  })

  test('mistakes in the rules are reported, and nothing is sent', async () => {
    const rules = join(temporaryFolder(), 'rules.yml')
    writeFileSync(rules, routed)
    const { code, stdout, stderr } = await cli(['replay', 'test/batches/trouble.json'], { CONFIG_FILE: rules })
    expect(stderr).toContain(`- ${rules}, line 15, routes[2].to[0]: variable HOME_CHAT is not set`)
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
  })
})

const routed = `
targets:
  infra: -1002222222222
  team: "-1001234567890:43"
  on call: "@oncall_kube"
  me: 12345
fallback: infra
rules:
  - { name: all, severity: warning, match: { kind: Job } }
routes:
  - match: { kind: Node }
    to: [infra, "-1002222222222:7"]
  - match: { cause: image-pull }
    to: [team, on call, "@OnCall_kube"]
  - { match: { cause: crash-loop }, to: ["\${HOME_CHAT}", "@forum_kube:9"] }
  - { match: { kind: Job }, to: me }
`

describe('to Telegram', () => {
  const start = async (options: Parameters<typeof startEmulator>[0] = {}) => {
    const emulator = await startEmulator({ isPaced: false, ...options })
    onTestFinished(() => emulator.close())
    return emulator
  }
  const bot = ({ apiRoot, token, chats }: Emulator) => ({
    TELEGRAM_API_ROOT: apiRoot,
    TELEGRAM_BOT_TOKEN: token,
    TELEGRAM_CHAT_ID: String([...chats.keys()][0]),
  })
  const write = (content: unknown) => {
    const file = join(temporaryFolder(), 'batch.json')
    writeFileSync(file, JSON.stringify(content))
    return file
  }

  /** Times of an event of so many hours ago: the program is a process of its own, with the clock of this machine. */
  const happened = (hoursAgo: number) => {
    const time = new Date(Date.now() - hoursAgo * 3_600_000).toISOString()
    return { firstTimestamp: time, lastTimestamp: time }
  }
  const recent = record(0, { value: envelope(event(0, happened(1))) })

  test('sends one batch after another to the configured bot, and says that nothing is left', async () => {
    const emulator = await start()
    const different = ['BackOff', 'FailedMount'].map((reason, number) =>
      record(number, {
        value: envelope(event(number, { ...happened(1), reason, involvedObject: { kind: 'Pod', name: `p${number}` } })),
      }),
    )
    const state = `sqlite:${join(temporaryFolder(), 'state.db')}`
    const args = ['replay', write(toLambdaEvent(different)), '--to', 'telegram', '--state', state]
    const { code, stdout, stderr } = await cli(args, bot(emulator))
    expect(stderr).toContain('batch 1 of 1: 2 records')
    expect(stdout).toMatch(/^2 records in 1 batch;/)
    expect(stdout).toContain('Nothing is left.')
    expect(code).toBe(0)
    expect(emulator.messages()).toHaveLength(2)
    await cli(args, bot(emulator))
    expect(emulator.messages()).toHaveLength(2)
  })

  test('an interrupt ends it, and it says what is left and how to continue', async () => {
    const emulator = await start()
    emulator.inject({ kind: 'too many requests', retryAfter: 600 })
    const state = `sqlite:${join(temporaryFolder(), 'state.db')}`
    const args = ['replay', write(toLambdaEvent([recent])), '--to', 'telegram', '--state', state]
    let isInterrupted = false
    const { code, stdout, stderr } = await run('lib/cli/main.ts', args, bot(emulator), (stderr, kill) => {
      if (isInterrupted || !stderr.includes('returned')) return
      isInterrupted = true
      kill('SIGINT')
    })
    expect(stderr).toContain('1 record returned (cool-down); retrying')
    expect(stdout).toMatch(/^still pending: 1 incident; the next is due at \d\d:\d\d:\d\d UTC$/m)
    expect(stdout).toMatch(/^still in Kafka: 1 record/m)
    expect(stdout).toContain(`Pending incidents are stored in ${state}`)
    expect(code).toBe(1)
  })

  test('explains a refused token without printing it', async () => {
    const emulator = await start()
    const env = { ...bot(emulator), TELEGRAM_BOT_TOKEN: '1:another-token' }
    const { code, stdout, stderr } = await cli(['replay', write(toLambdaEvent([recent])), '--to', 'telegram'], env)
    expect(stderr).toContain('Telegram refuses the bot token (401 Unauthorized): check TELEGRAM_BOT_TOKEN')
    expect(stdout + stderr).not.toContain('another-token')
    expect(stderr).not.toMatch(/^\s+at /m)
    expect(code).toBe(1)
  })

  describe('a recording older than 48 hours', () => {
    const pod = (number: number, hoursAgo: number) =>
      record(number, {
        value: envelope(event(number, { ...happened(hoursAgo), involvedObject: { kind: 'Pod', name: `p${number}` } })),
      })
    const old = [pod(0, 49), pod(1, 500), record(2, { value: 'no event' }), pod(3, 47)]
    const replay = (records: ConsumedRecord[], emulator: Emulator, ...args: string[]) =>
      cli(['replay', write(toLambdaEvent(records)), '--to', 'telegram', ...args], bot(emulator))

    test('is not sent without a terminal to ask on', async () => {
      const emulator = await start()
      const { code, stdout, stderr } = await replay(old, emulator, '--json')
      expect(stderr).toBe(
        'the recording has 2 records older than 48 hours, which may have been shown before (at most 2 messages). Nothing was sent, because there is no terminal to ask on. Use --yes to send everything\n',
      )
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
      expect(emulator.journal).toEqual([])
    })

    test('is sent with --yes', async () => {
      const emulator = await start()
      const { code } = await replay(old, emulator, '--yes', '--state', `sqlite:${join(temporaryFolder(), 'state.db')}`)
      expect(code).toBe(0)
      expect(emulator.messages()).toHaveLength(3)
    })

    test('is sent without a question if no message would come of it', async () => {
      const emulator = await start()
      const scheduled = {
        ...happened(100),
        type: 'Normal',
        reason: 'Scheduled',
        message: 'Successfully assigned a/b to c',
      }
      const quiet = record(0, { value: envelope(event(0, scheduled)) })
      const { code } = await replay([quiet], emulator)
      expect(code).toBe(0)
      expect(emulator.messages()).toEqual([])
    })
  })

  test('--yes is refused with the emulator', async () => {
    const { code, stderr } = await cli(['replay', mixed, '--yes'])
    expect(stderr).toContain('--yes: only with --to telegram')
    expect(code).toBe(2)
  })
})
