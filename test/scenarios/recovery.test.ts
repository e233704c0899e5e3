import { describe, expect, it } from 'vitest'
import { interceptStore } from '../../lib/adapters/store/intercept.ts'
import type { Fault } from '../../lib/emulator/faults.ts'
import { StateUnavailable } from '../../lib/pipeline/ports.ts'
import { chatId, type TestApp } from '../support/app.ts'
import { openApps, textsIn } from '../support/crashes.ts'
import { nodeDown, pod } from '../support/pods.ts'
import { at, minutes, pass } from '../support/rules.ts'

const { start, newFolder } = openApps()

const names = ['ant', 'bee', 'cat', 'dog', 'elk', 'fox', 'gnu', 'hen', 'ibex', 'jay', 'kite', 'lynx', 'mole', 'newt']
const down = nodeDown('master-1')

const outages: [string, Fault][] = [
  ['502', { kind: 'bad gateway', isAccepted: false }],
  ['a JSON 500', { kind: 'internal error' }],
  [
    'an unknown refusal',
    { kind: 'answer', status: 400, body: { ok: false, error_code: 400, description: 'Bad Request: try again' } },
  ],
]

/** Every request fails for `length` minutes; a sweep runs once a minute. */
async function outageOf(app: TestApp, fault: Fault, length: number) {
  app.emulator.inject({ ...fault, times: 1_000_000 })
  for (let minute = 0; minute < length; minute += 1) {
    const name = names[minute]
    if (name !== undefined) await app.notify([at(app, minute, pod(name))], 60_000)
    if (minute === 5) await app.notify([at(app, 100, down)], 60_000)
    await app.sweep()
    await minutes(app, 1)
  }
  app.emulator.heal()
}

describe('an outage of Telegram', () => {
  it.each(outages)(
    'with %s is followed by the worst incident first, within minutes',
    { timeout: 60_000 },
    async (_, fault) => {
      const app = await start()
      await outageOf(app, fault, 180)
      const healedAt = app.clock.now()
      const first = app.emulator.journal.length
      await pass(3, app)
      const accepted = app.emulator.journal.slice(first).filter(({ status }) => status === 200)
      const critical = accepted.findIndex(({ payload }) => String(payload.text).includes('NodeNotReady'))
      expect(critical).toBeGreaterThanOrEqual(0)
      expect(critical).toBeLessThanOrEqual(1)
      expect((accepted[critical]?.at ?? 0) - healedAt).toBeLessThanOrEqual(150_000)
      await app.sweepUntilDelivered()
      expect(new Set(textsIn(app).map((text) => text.split('\n').find((line) => /Pod |Node /.test(line)))).size).toBe(
        names.length + 1,
      )
    },
  )

  it.each(outages)(
    'with %s is probed a few times a minute, however much is pending',
    { timeout: 60_000 },
    async (_, fault) => {
      const app = await start()
      await outageOf(app, fault, 30)
      const before = app.emulator.journal.length
      app.emulator.inject({ ...fault, times: 1_000_000 })
      await pass(30, app)
      // Two incidents a minute; a JSON 500 is repeated four times, a refusal is tried as plain text as well.
      expect(app.emulator.journal.length - before).toBeLessThanOrEqual(30 * 2 * 5)
    },
  )
})

describe('a message that fails alone', () => {
  const poison = (name: string, fault: Fault): Fault => ({ ...fault, text: name, times: 1_000_000 })

  it.each(outages)('with %s does not block others, although it is the worst', { timeout: 60_000 }, async (_, fault) => {
    const app = await start()
    app.emulator.inject(poison('master-1', fault))
    await app.notify([at(app, 100, down)], 60_000)
    await app.notify(
      names.map((name, number) => at(app, number, pod(name))),
      60_000,
    )
    await pass(4, app)
    expect(textsIn(app)).toHaveLength(names.length)
    await app.notify([at(app, 50, pod('owl'))], 60_000)
    await pass(2, app)
    expect(textsIn(app)).toHaveLength(names.length + 1)
    app.emulator.heal()
    await app.sweepUntilDelivered()
    expect(textsIn(app)).toHaveLength(names.length + 2)
  })

  it('is tried less and less often, and delays no other', async () => {
    const app = await start()
    const [, , [, fault]] = outages as [unknown, unknown, [string, Fault]]
    app.emulator.inject(poison('ant', fault))
    await app.notify([at(app, 0, pod('ant'))], 60_000)
    await pass(60, app)
    const before = app.emulator.journal.length
    await pass(60, app)
    // Each as a card and as plain text, every five minutes.
    expect(app.emulator.journal.length - before).toBeLessThanOrEqual(2 * 12)
    const now = app.clock.now()
    await app.notify([at(app, 1, pod('bee'))], 60_000)
    expect(app.emulator.journal.find(({ status }) => status === 200)?.at ?? 0).toBeLessThanOrEqual(now + 2_000)
    expect(textsIn(app)).toHaveLength(1)
  })

  it('does not block others together with two more', { timeout: 60_000 }, async () => {
    const app = await start()
    const [, [, fault]] = outages as [unknown, [string, Fault]]
    const poisoned = ['master-1', 'master-2', 'master-3']
    for (const name of poisoned) app.emulator.inject(poison(name, fault))
    const nodes = poisoned.map((name, number) => at(app, 100 + number, nodeDown(name)))
    await app.notify([...nodes, ...names.map((name, number) => at(app, number, pod(name)))], 60_000)
    await pass(8, app)
    expect(textsIn(app, chatId)).toHaveLength(names.length)
  })
})

describe('incidents that are pending for a chat that removed the bot', () => {
  const hour = 3_600_000

  async function removed() {
    const folder = newFolder()
    const app = await start({}, folder)
    const setup = app.emulator.chats.get(chatId)?.setup
    if (!setup) throw new Error('no chat')
    setup.state = 'kicked'
    await app.notify([at(app, 0, pod('ant')), at(app, 1, pod('bee'))], 60_000)
    return { app, folder, setup }
  }

  it('become one line after a day', async () => {
    const { app, setup } = await removed()
    for (let quarters = 0; quarters < 4 * 25; quarters += 1) {
      await app.sweep()
      await minutes(app, 15)
    }
    delete setup.state
    await app.sweepUntilDelivered()
    expect(textsIn(app)).toEqual([expect.stringMatching(/NotDelivered(.|\n)*×2/)])
  })

  it('are not given up by a process whose clock is a day ahead', async () => {
    const { app, folder, setup } = await removed()
    const clock = { ...app.clock, now: () => app.clock.now() + 25 * hour }
    const ahead = await start({ beside: { ...app, clock } }, folder)
    await pass(20, ahead, app)
    delete setup.state
    await app.sweepUntilDelivered()
    expect(textsIn(app).toSorted()).toEqual([expect.stringContaining('ant'), expect.stringContaining('bee')])
  })
})

describe('a chat that refuses', () => {
  it('is probed at the next sweep if a probe failed before its request', async () => {
    let failures = 0
    const app = await start({
      chats: [{ id: chatId, type: 'supergroup', title: 'ops', state: 'kicked' }],
      decorate: (store) =>
        interceptStore(store, async (method, call) => {
          if (method !== 'takeLease' || failures === 0) return call()
          failures -= 1
          throw new StateUnavailable('a test')
        }),
    })
    await app.notify([at(app, 0, pod('ant'))])
    delete app.emulator.chats.get(chatId)?.setup.state
    await minutes(app, 5)
    failures = 1
    await pass(2, app)
    expect(textsIn(app)).toHaveLength(1)
  })
})
