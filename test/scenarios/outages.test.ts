import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, describe, expect, it } from 'vitest'
import { interceptStore, type StoreMethod } from '../../lib/adapters/store/intercept.ts'
import { StateUnavailable, type Store } from '../../lib/pipeline/ports.ts'
import { type AppOptions, chatId, startApp, type TestApp } from '../support/app.ts'
import { deployedMappings } from '../support/deployed.ts'
import { drive } from '../support/mapping.ts'
import { numbersShown, record, records } from '../support/records.ts'
import { together } from '../support/scenarios.ts'
import { newSqlite } from '../support/states.ts'

const open: { apps: TestApp[]; folders: string[] } = { apps: [], folders: [] }
afterEach(async () => {
  for (const app of open.apps.splice(0)) await app.close()
  for (const folder of open.folders.splice(0)) rmSync(folder, { recursive: true })
})

/** Each record an incident of its own, so that each has to be shown; state in a file. */
async function start({ environment = {}, ...options }: AppOptions = {}): Promise<TestApp> {
  const folder = mkdtempSync(join(tmpdir(), 'outages-'))
  open.folders.push(folder)
  const state = { STATE: `sqlite:${join(folder, 'state.db')}`, INCIDENTS: 'off' }
  const app = await startApp({ ...options, environment: { ...state, ...environment } })
  open.apps.push(app)
  return app
}

function shownIn({ emulator }: TestApp, chat = chatId): number[] {
  return numbersShown(emulator.messages(chat).map(({ text }) => text))
}

const all = (count: number) => Array.from({ length: count }, (_, number) => number)

interface Outage {
  /** Calls that fail, from the first one on. */
  left: number
  /** The call is carried out, and its answer lost. */
  isAfter: boolean
}

function withOutages(outages: Partial<Record<StoreMethod, Outage>>): (store: Store) => Store {
  return (store) =>
    interceptStore(store, async (method, call) => {
      const outage = outages[method]
      if (!outage || outage.left <= 0) return call()
      outage.left -= 1
      if (outage.isAfter) await call()
      throw new StateUnavailable(`${method}: a test`)
    })
}

describe('if the store is unavailable', () => {
  const cases: [StoreMethod, string[], number][] = [
    [
      'readIncidents',
      ['returned: state unavailable, batch item failure', 'returned: state unavailable, batch item failure'],
      0,
    ],
    [
      'saveBody',
      ['returned: state unavailable, batch item failure', 'returned: state unavailable, batch item failure'],
      0,
    ],
    ['readDue', ['sent: shown', 'sent: shown'], 2],
    ['chats.read', ['pending: state unavailable', 'pending: state unavailable'], 0],
    ['chats.save', ['pending: state unavailable', 'pending: state unavailable'], 0],
    ['takeLease', ['pending: state unavailable', 'pending: state unavailable'], 0],
  ]
  for (const isAfter of [false, true]) {
    it.each(cases)(
      `at %s (${isAfter ? 'its answer is lost' : 'it fails'}), records are returned or pending, and nothing is shown twice`,
      async (method, outcomes, shown) => {
        const outages = { [method]: { left: never, isAfter } }
        const app = await start({ decorate: withOutages(outages) })
        const answer = await app.notify(records(2), 30_000)
        expect(app.outcomes().map((line) => line.slice(4))).toEqual(outcomes)
        expect(answer.batchItemFailures).toHaveLength(outcomes[0]?.startsWith('returned') ? 2 : 0)
        expect(shownIn(app)).toHaveLength(shown)
        outages[method] = { left: 0, isAfter }
        // A lease whose answer was lost has to expire.
        await app.clock.sleep(60_000)
        expect(await app.notify(records(2))).toEqual({ batchItemFailures: [] })
        await app.sweepUntilDelivered()
        expect(shownIn(app)).toEqual([0, 1])
      },
    )
  }

  it('while a delivery is recorded, for some seconds, the write is repeated, and nothing is shown twice', async () => {
    const outages = { recordDelivery: { left: 5, isAfter: false } }
    const app = await start({ decorate: withOutages(outages) })
    expect(await app.notify(records(2))).toEqual({ batchItemFailures: [] })
    expect(app.outcomes()).toEqual(['0/0 sent: shown', '0/1 sent: shown'])
    await app.clock.sleep(600_000)
    await app.notify(records(2))
    await app.sweepUntilDelivered()
    expect(shownIn(app)).toEqual([0, 1])
  })

  it('while a delivery is recorded, until the deadline, the message may be repeated with a mark, and the log names it', async () => {
    const outages = { recordDelivery: { left: never, isAfter: false } }
    const app = await start({ decorate: withOutages(outages) })
    expect(await app.notify(records(1), 30_000)).toEqual({ batchItemFailures: [] })
    expect(app.log.find(({ message }) => String(message).startsWith('unsaved: incident '))).toMatchObject({
      message: expect.stringMatching(/message 1$/),
    })
    outages.recordDelivery.left = 0
    await app.notify(records(1))
    expect(app.outcomes().at(-1)).toBe('0/0 pending: leased')
    await app.clock.sleep(60_000)
    await app.sweepUntilDelivered()
    expect(app.emulator.messages().map(({ text }) => text.split('\n')[0])).toEqual([
      expect.stringContaining('BackOff'),
      '↻ possibly repeated',
    ])
    expect(
      app.log.findLast(({ message, PossibleRepeats }) => message === 'sweep' && Number(PossibleRepeats) > 0),
    ).toBeDefined()
  })

  it('while a delivery is recorded, and the answer is lost, the write is recognised, and nothing is shown twice', async () => {
    const app = await start({ decorate: withOutages({ recordDelivery: { left: 1, isAfter: true } }) })
    await app.notify(records(1))
    await app.clock.sleep(60_000)
    await app.sweepUntilDelivered()
    expect(shownIn(app)).toEqual([0])
  })
})

describe('a sqlite file that another process has locked', () => {
  it('returns new records in the meantime, and nothing is lost or shown twice', async () => {
    const app = await start()
    await app.notify(records(1))
    const file = join(open.folders[0] ?? '', 'state.db')
    const other = new DatabaseSync(file)
    other.exec('BEGIN EXCLUSIVE')
    expect((await app.notify(records(3))).batchItemFailures).toHaveLength(2)
    other.exec('ROLLBACK')
    other.close()
    expect(await app.notify(records(3))).toEqual({ batchItemFailures: [] })
    expect(shownIn(app)).toEqual([0, 1, 2])
    expect(app.outcomes().slice(1, 4)).toEqual([
      '0/0 skipped: already shown',
      '0/1 returned: state unavailable, batch item failure',
      '0/2 returned: state unavailable, batch item failure',
    ])
  })
})

const never = Number.POSITIVE_INFINITY

describe('a chat in a cool-down of one hour', () => {
  const other = -1009876543210
  const chats = [chatId, other].map((id) => ({ id, type: 'supergroup' as const, title: `${id}` }))
  it.each(deployedMappings)(
    '$name: no batch needs more than 3 retries, other chats are not late, and everything is shown after it',
    async ({ failureMode, mapping }) => {
      const app = await start({
        environment: { FAILURE_MODE: failureMode },
        chats,
        targets: [String(chatId), String(other)],
      })
      app.emulator.inject({ kind: 'too many requests', retryAfter: 3_600, chatId })
      const startedAt = app.clock.now()
      const invocations = await drive(records(12, { partitions: 3 }), (event) => app.notify(event), {
        ...mapping,
        batchSize: 12,
        mostInvocations: 3,
      })
      expect(invocations).toBeLessThanOrEqual(2)
      await app.sweep()
      expect(app.clock.now() - startedAt).toBeLessThan(60_000)
      expect(shownIn(app, other).toSorted((a, b) => a - b)).toEqual(all(12))
      expect(shownIn(app)).toEqual([])
      await app.sweepUntilDelivered()
      expect(shownIn(app).toSorted((a, b) => a - b)).toEqual(all(12))
      const asked = app.emulator.journal.filter((entry) => entry.chatId === chatId)
      expect((asked[1]?.at ?? 0) - (asked[0]?.endedAt ?? 0)).toBeGreaterThanOrEqual(3_600_000)
    },
  )

  it('is respected by a process whose store is slow while another one is told', async () => {
    let beforeSlot: (() => Promise<unknown>) | undefined
    const decorate = (store: Store) =>
      interceptStore(store, async (method, call) => {
        const wait = method === 'chats.save' ? beforeSlot : undefined
        if (wait) beforeSlot = undefined
        await wait?.()
        return call()
      })
    await together(newSqlite, 2, { environment: { INCIDENTS: 'off' }, decorate }, async (apps) => {
      const [slow, other] = apps as [TestApp, TestApp]
      const [first, ...others] = records(2)
      beforeSlot = async () => {
        await slow.clock.sleep(6_000)
        slow.emulator.inject({ kind: 'too many requests', retryAfter: 3_600 })
        await other.notify(others)
      }
      await slow.notify([first])
      expect(slow.outcomes()).toEqual(['0/0 pending: cool-down'])
      expect(slow.emulator.journal).toHaveLength(1)
    })
  })

  it('is respected by the next process', async () => {
    const app = await start()
    app.emulator.inject({ kind: 'too many requests', retryAfter: 3_600 })
    await app.notify(records(2))
    app.restart()
    await app.notify(records(4))
    await app.sweep()
    expect(app.emulator.journal).toHaveLength(1)
    expect(app.outcomes()).toEqual([
      '0/0 returned: cool-down, batch item failure',
      '0/1 pending: cool-down, batch item failure',
      '0/0 pending: cool-down',
      '0/1 pending: cool-down',
      '0/2 pending: cool-down',
      '0/3 pending: cool-down',
    ])
  })
})

it('an outage of Telegram is a warning in the log when it begins, and a line when it ends', async () => {
  const app = await start()
  app.emulator.inject({ kind: 'internal error', times: 1_000 })
  await app.notify(records(3))
  for (let minute = 0; minute < 5; minute += 1) {
    await app.sweep()
    await app.clock.sleep(60_000)
  }
  app.emulator.heal()
  await app.sweepUntilDelivered()
  const lines = app.log.filter(({ message }) => String(message).startsWith('Telegram '))
  expect(lines).toEqual([
    expect.objectContaining({ level: 'warn', message: expect.stringContaining('Telegram reports an internal error') }),
    expect.objectContaining({ level: 'info', message: 'Telegram works again', afterSeconds: expect.any(Number) }),
  ])
})

describe('a chat that removes the bot', () => {
  it('is probed every five minutes, logged every ten minutes, and works again by itself', async () => {
    const app = await start({ chats: [{ id: chatId, type: 'supergroup', title: 'Ops', state: 'kicked' }] })
    expect(await app.notify(records(3))).toEqual({ batchItemFailures: [] })
    for (let minute = 0; minute < 12; minute += 1) {
      await app.notify(records(1))
      await app.sweep()
      await app.clock.sleep(60_000)
    }
    expect(app.emulator.journal).toHaveLength(3)
    expect(app.log.filter(({ message }) => String(message).includes('refuses this target'))).toHaveLength(2)
    const chat = app.emulator.chats.get(chatId)
    if (chat) delete chat.setup.state
    await app.sweepUntilDelivered()
    expect(shownIn(app).toSorted()).toEqual([0, 1, 2])
  })

  it('hands the group’s new id and a closed thread on to the next process', async () => {
    const app = await start({
      environment: { TELEGRAM_CHAT_ID: '-55:42' },
      targets: ['-55:42'],
      chats: [
        { id: -55, type: 'group', title: 'Ops', migratedTo: chatId },
        { id: chatId, type: 'supergroup', title: 'Ops', threads: { 42: { title: 'W', state: 'closed' } } },
      ],
    })
    await app.notify(records(1))
    expect(app.emulator.journal).toHaveLength(3)
    app.restart()
    await app.notify(records(1, { first: 1 }))
    expect(app.emulator.journal).toHaveLength(4)
    expect(app.outcomes()).toEqual(['0/0 sent: shown without thread', '0/0 sent: shown without thread'])
  })
})

describe('a request without an answer, with a durable store', () => {
  it.each([
    ['accepted', true, [0, 0]],
    ['not accepted', false, [0]],
  ] as const)(
    '%s: the incident is pending until the lease expires, then sent once more with a mark',
    async (_, isAccepted, shown) => {
      const app = await start()
      app.emulator.inject({ kind: 'reset', isAccepted })
      expect(await app.notify(records(1), 30_000)).toEqual({ batchItemFailures: [] })
      await app.notify(records(1), 30_000)
      await app.sweepUntilDelivered()
      expect(shownIn(app)).toEqual(shown)
      expect(app.emulator.messages().at(-1)?.text).toMatch(/^↻ possibly repeated\n/)
      expect(app.outcomes()).toEqual(['0/0 pending: unknown', '0/0 pending: leased'])
    },
  )

  it('is repeated at growing intervals', async () => {
    const app = await start()
    app.emulator.inject({ kind: 'reset', isAccepted: false, times: 4 })
    await app.notify(records(1), 30_000)
    await app.sweepUntilDelivered()
    const gaps = app.emulator.journal.slice(1).map(({ at }, index) => at - (app.emulator.journal[index]?.at ?? 0))
    for (const [index, gap] of gaps.entries()) if (index > 0) expect(gap).toBeGreaterThan(gaps[index - 1] ?? 0)
    expect(shownIn(app)).toEqual([0])
  })

  it('still has its mark after a later refusal', async () => {
    const app = await start()
    app.emulator.inject({ kind: 'reset', isAccepted: true })
    await app.notify(records(1), 30_000)
    await app.clock.sleep(60_000)
    app.emulator.inject({ kind: 'too many requests', retryAfter: 600 })
    await app.sweepUntilDelivered()
    expect(app.emulator.messages().map(({ text }) => text.startsWith('↻'))).toEqual([false, true])
  })
})

describe('a record that can never be shown', () => {
  it('is in the dead letters once for each target, with its value, and later records are shown', async () => {
    const app = await start()
    const refused = { ok: false, error_code: 400, description: 'Bad Request: message is too long' }
    app.emulator.inject({ kind: 'answer', status: 400, body: refused, times: 2, text: 'record 0.' })
    const batch = [record(0), record(1, { value: 'not JSON' }), record(2)]
    await app.notify(batch)
    await app.notify(batch)
    expect(app.outcomes()).toEqual([
      '0/0 rejected: text refused',
      '0/1 rejected: not JSON',
      '0/2 sent: shown',
      '0/0 rejected: text refused',
      '0/1 rejected: not JSON',
      '0/2 skipped: already shown',
    ])
    const list = await (await app.deadLetters()).list(app.clock.now())
    expect(list.map(({ why, offset, target }) => [why, offset, target]).toSorted()).toEqual([
      ['not JSON', 1, null],
      ['text refused', 0, String(chatId)],
    ])
    expect(app.emulator.journal).toHaveLength(3)
    expect(app.log.filter(({ deadLetter }) => deadLetter)).toHaveLength(4)
  })
})
