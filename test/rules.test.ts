import { describe, expect, it, test } from 'vitest'
import { StateUnavailable } from '../lib/incident/store.ts'
import type { Message } from '../lib/standin/chats.ts'
import { chatId, type TestApp } from './support/app.ts'
import { crash, endsOf, openApps, textsIn } from './support/crashes.ts'
import { envelope, event, record } from './support/records.ts'

const { start, newFolder } = openApps()

const minutes = (app: TestApp, count: number) => app.clock.sleep(count * 60_000)
const rulesOf = (app: TestApp) => app.log.filter(({ message }) => message === 'record').map(({ rule }) => rule)

/** A record of this moment. */
function at(app: TestApp, number: number, fields: Record<string, unknown> = {}, topic = 'kube-events') {
  const now = new Date(app.clock.now()).toISOString()
  const given = event(number, { firstTimestamp: now, lastTimestamp: now, count: 1, ...fields })
  return { ...record(number, { value: envelope(given) }), topic }
}

const normal = { type: 'Normal', reason: 'ScalingReplicaSet', message: 'Scaled up replica set web-7d9f8c6b5 to 3' }
const node = { kind: 'Node', name: 'worker-1', namespace: '' }

describe('what no file says', () => {
  it('drops what happens in a healthy rollout, and names the rule', async () => {
    const app = await start({ rules: 'default' })
    await app.notify([
      at(app, 0, normal),
      at(app, 1, { type: 'Normal', reason: 'Started', message: 'Started container web' }),
    ])
    expect(endsOf(app)).toEqual(['skipped: dropped by rule', 'skipped: closes'])
    expect(rulesOf(app)).toEqual(['rollouts', 'rollouts'])
    expect(app.standin.messages()).toEqual([])
    const [batch] = app.log.filter(({ message }) => message === 'batch')
    expect(batch).toMatchObject({ Skipped: 2, heldBack: { rollouts: 2 } })
    expect(JSON.stringify(batch?._aws)).not.toContain('rollouts')
  })

  it('a rollout of thirty pods, each of which fails its readiness probe once, leaves the chat empty', async () => {
    const app = await start({ rules: 'default' })
    const set = { type: 'Normal', involvedObject: { kind: 'ReplicaSet', namespace: 'shop', name: 'web-7d9f8c6b5' } }
    const probe = {
      reason: 'Unhealthy',
      message: 'Readiness probe failed: dial tcp 10.0.0.7:8080: connect: connection refused',
    }
    const steps = ['Scheduled', 'Pulling', 'Pulled', 'Created', 'Started', 'Unhealthy', 'Killing'].map((reason) =>
      reason === 'Unhealthy' ? probe : { type: 'Normal', reason, message: `${reason} container web` },
    )
    const letters = 'bcdfghjklmnpqrstvwxz'
    for (let pod = 0; pod < 30; pod += 1) {
      const name = `web-7d9f8c6b5-x${letters[pod % 20]}${letters[Math.floor(pod / 20)]}4p`
      const involvedObject = { kind: 'Pod', namespace: 'shop', name }
      await app.notify([
        at(app, 10 * pod, { ...set, reason: 'SuccessfulCreate', message: `Created pod: ${name}` }),
        ...steps.map((fields, step) => at(app, 10 * pod + step + 1, { ...fields, involvedObject })),
      ])
      await minutes(app, 0.5)
    }
    await app.paid()
    expect(textsIn(app)).toEqual([])
    const kinds = new Set(endsOf(app))
    expect([...kinds].sort()).toEqual(['skipped: below atLeast', 'skipped: closes', 'skipped: dropped by rule'])
  })

  it('shows a failing probe from its third time on, all of it', async () => {
    const app = await start({ rules: 'default' })
    const probe = { reason: 'Unhealthy', message: 'Readiness probe failed: HTTP probe failed with statuscode: 503' }
    for (let number = 0; number < 4; number += 1) {
      const metadata = { name: 'web.1', uid: 'web.1', resourceVersion: String(number + 1) }
      const firstTimestamp = '2026-11-24T00:00:00Z'
      await app.notify([at(app, number, { ...probe, metadata, count: number + 1, firstTimestamp })])
      await minutes(app, 2)
    }
    expect(endsOf(app)).toEqual(['skipped: below atLeast', 'skipped: below atLeast', 'sent: shown', 'sent: updated'])
    expect(textsIn(app)).toEqual([expect.stringContaining('×4 in 6 min')])
  })

  it('with one message per record, by each event’s own count', async () => {
    const app = await start({ rules: 'default', environment: { STATE: 'memory' } })
    const probe = { reason: 'Unhealthy', message: 'Readiness probe failed: HTTP probe failed with statuscode: 503' }
    await app.notify([at(app, 0, probe), at(app, 1, { ...probe, count: 3 })])
    expect(endsOf(app)).toEqual(['skipped: below atLeast', 'sent: shown'])
  })
})

describe('rules', () => {
  it('what no rule names is shown', async () => {
    const app = await start({ rules: 'defaults: false' })
    await app.notify([at(app, 0, normal)])
    expect(endsOf(app)).toEqual(['sent: shown'])
    expect(rulesOf(app)).toEqual([undefined])
  })

  it('change severity, sound, hint and link', async () => {
    const rules = `
rules:
  - { name: payments, match: { namespace: shop }, severity: critical, silent: true, hint: Call Ann., link: 'https://wiki.example.com/{workload}' }`
    const app = await start({ rules })
    await app.notify([at(app, 0)])
    const [message] = app.standin.messages()
    expect(message).toMatchObject({ isSilent: true, text: expect.stringMatching(/^🔴 [\s\S]*\n💡 Call Ann\.\n/) })
    expect(JSON.stringify(message?.replyMarkup)).toContain('"https://wiki.example.com/web"')
  })

  it('the Node trap: namespace is the object’s own, and a Node has none', async () => {
    const rules = `
rules:
  - { name: all of default, match: { namespace: default }, action: drop }
  - { name: clusterwide, match: { namespace: '' }, severity: critical }`
    const app = await start({ rules })
    await app.notify([at(app, 0, { metadata: { namespace: 'default' }, involvedObject: node, reason: 'Rebooted' })])
    expect(rulesOf(app)).toEqual(['clusterwide'])
  })

  it('an age is judged by the event’s own time', async () => {
    const rules = '{ defaults: false, rules: [{ name: stale, match: { olderThan: 1h }, action: drop }] }'
    const app = await start({ rules })
    const record = at(app, 0)
    await minutes(app, 61)
    await app.notify([record, at(app, 1)])
    expect(endsOf(app)).toEqual(['skipped: dropped by rule', 'sent: shown'])
  })
})

describe('routes', () => {
  const chats = [-1001, -1002, -1003].map((id) => ({ id, type: 'supergroup' as const, title: String(id) }))

  it('lead to several targets, and on, and what none names to TELEGRAM_CHAT_ID', async () => {
    const rules = `
defaults: false
targets: { oncall: -1001, payments: -1002 }
routes:
  - { match: { severity: critical }, to: oncall, continue: true }
  - { match: { namespace: shop }, to: [payments, oncall] }`
    const app = await start({ rules, chats, targets: ['-1003'] })
    const critical = {
      involvedObject: node,
      reason: 'NodeNotReady',
      message: 'Node worker-1 status is now: NodeNotReady',
    }
    await app.notify([
      at(app, 0),
      at(app, 1, critical),
      at(app, 2, { involvedObject: node, reason: 'Rebooted', message: 'x' }),
    ])
    const lines = app.log.filter(({ message }) => message === 'record').map(({ offset, chat }) => `${offset} ${chat}`)
    expect(lines.sort()).toEqual(['0 oncall', '0 payments', '1 oncall', '2 -1003'])
    expect(chats.map(({ id }) => textsIn(app, id).length)).toEqual([2, 1, 1])
  })

  it('each target has its own incident, and a batch goes back for either', async () => {
    const app = await start({ rules: '{ defaults: false, routes: [{ to: [-1001, -1002] }] }', chats })
    app.standin.inject({ kind: 'too many requests', retryAfter: 30 })
    const { batchItemFailures } = await app.notify([at(app, 0)])
    expect(batchItemFailures).toHaveLength(1)
    await app.paid()
    expect([textsIn(app, -1001).length, textsIn(app, -1002).length]).toEqual([1, 1])
  })

  it('what was owed to a name that is configured no more goes where all else goes', async () => {
    const folder = newFolder()
    const before = await start(
      { rules: '{ defaults: false, targets: { old: -1001 }, routes: [{ to: old }] }', chats, targets: ['-1003'] },
      folder,
    )
    before.standin.inject({ kind: 'too many requests', retryAfter: 30 })
    await before.notify([at(before, 0)])
    const after = await start({ rules: 'defaults: false', beside: before, targets: ['-1003'] }, folder)
    await after.paid()
    expect([textsIn(after, -1001).length, textsIn(after, -1003).length]).toEqual([0, 1])
  })
})

describe('clusters', () => {
  it('are named by topic', async () => {
    const app = await start({ rules: '{ defaults: false, clusters: { kube-prod: prod } }' })
    await app.notify([at(app, 0, {}, 'kube-prod'), at(app, 0, {}, 'kube-other')])
    expect(textsIn(app).map((text) => /in (\w+)$/m.exec(text)?.[1])).toEqual(['test', 'prod'])
  })
})

describe('quiet hours', () => {
  // The clock begins at midnight.
  const rules = (action: string) => `
defaults: false
quiet: [{ from: 22:00, to: 07:00, zone: Europe/Berlin, action: ${action} }]`

  it('make messages silent', async () => {
    const app = await start({ rules: rules('silent') })
    await app.notify([at(app, 0)])
    await minutes(app, 7 * 60)
    await app.notify([at(app, 1, { involvedObject: { kind: 'Pod', namespace: 'shop', name: 'other' } })])
    expect(app.standin.messages().map(({ isSilent }: Message) => isSilent)).toEqual([true, false])
  })

  it('or hold them until the morning, worst first; critical ones ring', async () => {
    const app = await start({ rules: rules('hold') })
    const critical = {
      involvedObject: node,
      reason: 'NodeNotReady',
      message: 'Node worker-1 status is now: NodeNotReady',
    }
    await app.notify([at(app, 0), at(app, 1, critical)])
    expect(endsOf(app)).toEqual(['owed: quiet hours', 'sent: shown'])
    await minutes(app, 5 * 60 + 58)
    await app.sweep()
    expect(app.standin.messages()).toHaveLength(1)
    await minutes(app, 2)
    await app.sweep()
    expect(app.standin.messages()).toHaveLength(2)
  })

  it('can’t hold anything in memory: told at start, and sent without a sound', async () => {
    const app = await start({ rules: rules('hold'), environment: { STATE: 'memory' } })
    await app.notify([at(app, 0)])
    expect(app.standin.messages().map(({ isSilent }: Message) => isSilent)).toEqual([true])
    expect(app.log.filter(({ level }) => level === 'warn').map(({ message }) => message)).toEqual([
      'rules.yml, line 3, quiet[0].action: given "hold", expected STATE=sqlite:… or dynamodb:… for it: sent without a sound',
    ])
  })
})

describe('a mute', () => {
  const mute = (until: string) =>
    `{ defaults: false, mutes: [{ name: deploy, match: { namespace: shop }, until: ${until}, reason: planned work }] }`

  it('holds back until it is over', async () => {
    const app = await start({ rules: mute('2026-11-24T01:00:00Z') })
    await app.notify([crash(0)])
    await minutes(app, 61)
    await app.notify([crash(1, { count: 2, at: 3_660 })])
    expect(endsOf(app)).toEqual(['skipped: muted', 'sent: shown'])
    expect(rulesOf(app)).toEqual(['deploy', undefined])
  })

  it('that comes while an incident is open is told in its message, and so is its end', async () => {
    const folder = newFolder()
    const before = await start({ rules: 'defaults: false' }, folder)
    await before.notify([crash(0)])
    await minutes(before, 1)
    const after = await start({ rules: mute('2026-11-24T01:00:00Z'), beside: before }, folder)
    await after.notify([crash(1, { count: 2, at: 60 })])
    expect(textsIn(after)).toEqual([
      expect.stringMatching(/^🔇 muted by deploy until 2026-11-24 01:00:00 UTC: planned work$/m),
    ])
    expect(textsIn(after)[0]).not.toContain('×')
    await minutes(after, 60)
    await after.notify([crash(2, { count: 9, at: 1_200 })])
    await after.paid()
    expect(textsIn(after)).toEqual([expect.stringContaining('×9')])
    expect(textsIn(after)[0]).not.toContain('muted')
  })

  test.each([
    [
      'a drop rule, too',
      '{ name: enough, match: { cause: crash-loop }, action: drop }',
      ['🔇 shown no more, by rule enough'],
    ],
    [
      'but not one that drops other events of the incident',
      "{ name: enough, match: { message: 'pod other' }, action: drop }",
      [],
    ],
  ])('%s', async (_, rule, told) => {
    const folder = newFolder()
    const before = await start({ rules: 'defaults: false' }, folder)
    await before.notify([crash(0)])
    await minutes(before, 1)
    const after = await start({ rules: `{ defaults: false, rules: [${rule}] }`, beside: before }, folder)
    const fields = { message: 'Back-off restarting failed container web in pod other' }
    await after.notify([crash(1, { count: 2, at: 60, fields })])
    expect(endsOf(after)).toEqual(['skipped: dropped by rule'])
    expect(textsIn(after).flatMap((text) => text.match(/^🔇.*$/gm) ?? [])).toEqual(told)
  })
})

describe('what ends a trouble', () => {
  const started = { type: 'Normal', reason: 'Started', message: 'Started container web' }
  const pulling = { reason: 'Failed', message: 'Failed to pull image "web:1": not found' }

  it('reaches its incident although a rule drops it as news, once', async () => {
    const writes: string[] = []
    const app = await start({
      rules: 'default',
      decorate: (store) => ({
        ...store,
        saveBody(key, body, ...rest) {
          writes.push(JSON.stringify(body.merged.objects))
          return store.saveBody(key, body, ...rest)
        },
      }),
    })
    await app.notify([at(app, 0, pulling)])
    await minutes(app, 1)
    const end = at(app, 1, started)
    await app.notify([end])
    await app.notify([end])
    expect(endsOf(app)).toEqual(['sent: shown', 'skipped: closes', 'skipped: closes'])
    // Trouble, then its relief a minute later; the same again changes nothing.
    expect(writes.map((objects) => JSON.parse(objects)[0].slice(1, 3))).toEqual([
      [1_795_478_400_000, 0],
      [1_795_478_400_000, 1_795_478_460_000],
    ])
    expect(app.standin.journal).toHaveLength(1)
  })

  it('comes again if the state is away', async () => {
    let isAway = false
    const app = await start({
      rules: 'default',
      decorate: (store) => ({
        ...store,
        readIncidents: (keys) => (isAway ? Promise.reject(new StateUnavailable('away')) : store.readIncidents(keys)),
      }),
    })
    isAway = true
    const { batchItemFailures } = await app.notify([at(app, 0, started), at(app, 1, normal)])
    expect(endsOf(app)).toEqual(['deferred: state unavailable, returned', 'skipped: dropped by rule, returned'])
    expect(batchItemFailures).toHaveLength(2)
  })
})

describe(`the chat ${chatId}`, () => {
  it('sees one message of a rule’s incident, whatever is delivered again', async () => {
    const app = await start({ rules: 'default' })
    const batch = [crash(0), crash(1, { count: 2, at: 10 }), at(app, 2, normal)]
    for (let times = 0; times < 3; times += 1) await app.notify(batch)
    await app.paid()
    expect(textsIn(app)).toHaveLength(1)
  })
})

describe('a target that Telegram refuses', () => {
  const setUp = () => [
    { id: -1001, type: 'supergroup' as const, title: 'oncall', state: 'kicked' as const },
    { id: -1002, type: 'supergroup' as const, title: 'ops' },
  ]
  const rules = '{ defaults: false, targets: { oncall: -1001, ops: -1002 }, routes: [{ to: oncall }], fallback: ops }'

  it.each(['sqlite', 'memory'])(
    'is told to the fallback target, once, and what is owed is shown when it works (%s)',
    async (state) => {
      const chats = setUp()
      const app = await start({ rules, chats, ...(state === 'memory' ? { environment: { STATE: 'memory' } } : {}) })
      for (let minute = 0; minute < 12; minute += 1) {
        await app.notify([
          at(app, minute, {
            involvedObject: { kind: 'Pod', namespace: 'shop', name: `pod-${'abcdefghijkl'[minute]}` },
          }),
        ])
        if (state === 'sqlite') await app.sweep()
        await minutes(app, 1)
      }
      expect(textsIn(app, -1002)).toEqual([
        expect.stringMatching(
          /^🟠 Telegram refuses a target · TargetRefused\noncall\n403 Forbidden: .* tried again every five minutes\.\n/,
        ),
      ])
      expect(app.standin.messages(-1002)[0]?.replyMarkup).toBeUndefined()
      expect(textsIn(app, -1001)).toEqual([])
      if (state === 'memory') return
      for (const { setup } of app.standin.chats.values()) delete setup.state
      await app.paid()
      expect(textsIn(app, -1001)).toHaveLength(12)
      expect(textsIn(app, -1002)).toHaveLength(1)
    },
  )

  it('is not told to itself', async () => {
    const app = await start({ rules: rules.replace('fallback: ops', 'fallback: oncall'), chats: setUp() })
    await app.notify([at(app, 0)])
    expect(endsOf(app)).toEqual(['owed: target broken'])
    expect(app.standin.journal).toHaveLength(1)
  })
})

describe('what was held back', () => {
  const hour = 60
  const probe = { reason: 'Unhealthy', message: 'Readiness probe failed: HTTP probe failed with statuscode: 503' }
  const lines = (app: TestApp) => textsIn(app).flatMap((text) => text.match(/^\d+ in 24 h.*$/m) ?? [])

  it('is told once a day, each record counted once, whatever is delivered again', async () => {
    const folder = newFolder()
    const app = await start({ rules: '{ heldBack: { at: 09:00, zone: Europe/Berlin } }' }, folder)
    const batch = [at(app, 0, normal), at(app, 1, normal), at(app, 2, probe), at(app, 3, normal)]
    await app.notify(batch.slice(0, 3))
    await app.notify(batch)
    await app.sweep()
    expect(lines(app)).toEqual([])
    await minutes(app, 8 * hour)
    await app.notify([at(app, 4, normal)])
    const other = await start({ rules: '{ heldBack: { at: 09:00, zone: Europe/Berlin } }', beside: app }, folder)
    for (let sweeps = 0; sweeps < 3; sweeps += 1) {
      await app.sweep()
      await other.sweep()
      await minutes(app, 1)
    }
    // The fifth was after nine o'clock in Berlin.
    expect(lines(app)).toEqual(['4 in 24 h: rollouts 3 (mostly shop/web), probes 1 (mostly shop/web)'])
    expect(app.standin.messages().map(({ isSilent }: Message) => isSilent)).toEqual([true])
    await minutes(app, 24 * hour)
    await app.sweep()
    expect(lines(app)).toHaveLength(2)
    await minutes(app, 24 * hour)
    await app.sweep()
    expect(lines(app)).toHaveLength(2)
  })

  it('takes one write for each partition with something new, and none for the rest', async () => {
    let writes = 0
    const app = await start({
      rules: 'default',
      decorate: (store) => ({
        ...store,
        saveCounter(...words) {
          writes += 1
          return store.saveCounter(...words)
        },
      }),
    })
    const batch = [0, 1, 2, 3].map((number) => ({ ...at(app, number, normal), partition: number % 2 }))
    await app.notify(batch)
    await app.notify([...batch, at(app, 9)])
    expect(writes).toBe(2)
  })

  it('is not told with heldBack: off', async () => {
    const app = await start({ rules: 'heldBack: off' })
    await app.notify([at(app, 0, normal)])
    await minutes(app, 48 * hour)
    await app.sweep()
    expect(textsIn(app)).toEqual([])
  })
})
