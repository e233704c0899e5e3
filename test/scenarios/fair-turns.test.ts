import { describe, expect, it } from 'vitest'
import { interceptStore } from '../../lib/adapters/store/intercept.ts'
import { StateUnavailable, type Store } from '../../lib/pipeline/ports.ts'
import { chatId, startApp } from '../support/app.ts'
import { endsOf, openApps, textsIn } from '../support/crashes.ts'
import { again, nameOf, nodeDown, pod } from '../support/pods.ts'
import { at, minutes, pass } from '../support/rules.ts'

const { start, newFolder } = openApps()

const startAt = Date.parse('2026-11-24T00:00:00Z')
const down = (count = 1) => nodeDown('master', count)

describe('a batch of 60 new incidents', () => {
  it('blocks its partition for a few seconds only: a critical event behind it is shown within 10 s', async () => {
    const app = await start({ isPaced: true })
    await app.notify(Array.from({ length: 60 }, (_, number) => at(app, number, pod(nameOf(number)))))
    expect(app.clock.now() - startAt).toBeLessThanOrEqual(6_000)
    expect(endsOf(app).filter((end) => end === 'sent: shown')).toHaveLength(5)
    expect(endsOf(app).filter((end) => end === 'pending: next sweep')).toHaveLength(55)
    await app.notify([at(app, 60, down())])
    const critical = app.emulator.journal.find(({ payload }) => String(payload.text).includes('NodeNotReady'))
    expect((critical?.endedAt ?? Number.POSITIVE_INFINITY) - startAt).toBeLessThanOrEqual(10_000)
    // As fast as the rate limit allows without the reserve for more urgent messages.
    expect(await app.sweepUntilDelivered()).toBeLessThanOrEqual(4)
    expect(textsIn(app)).toHaveLength(61)
  })

  it('is shown by later batches if no sweep runs', async () => {
    const app = await start()
    await app.notify(Array.from({ length: 60 }, (_, number) => at(app, number, pod(nameOf(number)))))
    for (let batch = 0; batch < 30; batch += 1) {
      await app.notify([at(app, 0, pod(nameOf(0)))])
      await app.clock.sleep(20_000)
    }
    expect(textsIn(app)).toHaveLength(60)
  })
})

describe('without sweeps, batches', () => {
  const ids = Array.from({ length: 10 }, (_, number) => -1001 - number)
  const chats = ids.map((id) => ({ id, type: 'supergroup' as const, title: String(id) }))
  const twenty = Array.from({ length: 20 }, (_, number) => nameOf(number))

  it('deliver what the first batch left pending, to all ten chats', async () => {
    const app = await start({ targets: ids.map(String), chats })
    await app.notify(twenty.map((name, number) => at(app, number, pod(name))))
    for (let batch = 0; batch < 60; batch += 1) {
      await minutes(app, 1)
      await app.notify([at(app, 0, pod(nameOf(0)))])
    }
    expect(ids.map((id) => textsIn(app, id).length)).toEqual(ids.map(() => 20))
  })

  it('deliver what is pending for another chat, although they have incidents for eight chats', async () => {
    const own = ids.slice(0, 8).map((id) => `'${id}'`)
    const rules = `{ defaults: false, routes: [{ match: { namespace: shop }, to: [${own}] }, { to: '-1010' }] }`
    const app = await start({ rules, chats })
    const elsewhere = (name: string) => ({
      metadata: { ...pod(name).metadata, namespace: 'other' },
      involvedObject: { kind: 'Pod', namespace: 'other', name },
    })
    await app.notify(twenty.map((name, number) => at(app, number, elsewhere(name))))
    await app.notify(twenty.map((name, number) => at(app, number, pod(name))))
    for (let batch = 0; batch < 120; batch += 1) {
      await minutes(app, 1)
      await app.notify([at(app, 0, again(nameOf(0), batch + 2))])
    }
    expect(textsIn(app, -1010)).toHaveLength(20)
  })
})

describe('many edits of critical messages that wait for slots', () => {
  it('do not delay a new critical message', async () => {
    const app = await start()
    const names = Array.from({ length: 140 }, (_, number) => nameOf(number))
    await app.notify(names.map((name, number) => at(app, number, nodeDown(name))))
    await app.sweepUntilDelivered()
    await app.clock.sleep(60_000)
    await app.notify(
      names.map((name, number) => at(app, number, nodeDown(name, 9))),
      11_000,
    )
    await app.notify([at(app, 200, nodeDown('master'))], 11_000)
    const before = app.clock.now()
    await app.sweep()
    const shown = app.emulator.journal.find(({ payload }) => /Node.*master/.test(String(payload.text)))
    expect((shown?.endedAt ?? Number.POSITIVE_INFINITY) - before).toBeLessThanOrEqual(10_000)
  })

  it.each([
    ['batches alone', 30, false],
    ['batches and sweeps', 130, true],
  ])('do not delay pending warnings, with %s', { timeout: 60_000 }, async (_, open, hasSweeps) => {
    const app = await start()
    const nodes = Array.from({ length: open }, (_, number) => nameOf(number))
    await app.notify(nodes.map((name, number) => at(app, number, nodeDown(name))))
    await app.sweepUntilDelivered()
    await app.notify(
      nodes.map((name, number) => at(app, number, nodeDown(name, 9))),
      11_000,
    )
    const late = ['late-a', 'late-b', 'late-c', 'late-d', 'late-e']
    await app.notify(
      late.map((name, number) => at(app, 300 + number, pod(name))),
      11_000,
    )
    for (let round = 0; round < 18; round += 1) {
      await app.notify([0, 1, 2].map((index) => at(app, 1_000 + index, pod(nameOf(1_000 + 3 * round + index)))))
      if (hasSweeps && round % 6 === 5) await app.sweep(30_000)
      await app.clock.sleep(10_000)
    }
    expect(textsIn(app).filter((text) => text.includes('late-'))).toHaveLength(late.length)
  })
})

describe('INCIDENTS=off', () => {
  it('shows records in their order, including those that a batch leaves to the sweep', async () => {
    const app = await start({ environment: { INCIDENTS: 'off' } })
    const names = Array.from({ length: 15 }, (_, number) => nameOf(number))
    await app.notify(names.map((name, number) => at(app, number, number % 3 === 2 ? nodeDown(name) : pod(name))))
    await app.sweepUntilDelivered()
    expect(textsIn(app).map((text) => /pod-[a-z]{3}/.exec(text)?.[0])).toEqual(names)
  })

  it('with STATE=memory on a slow CPU, shows records in their order and returns none that was shown', {
    timeout: 60_000,
  }, async () => {
    const first = await startApp()
    // Each look at the clock takes a millisecond.
    let spent = 0
    const now = () => {
      spent += 1
      return first.clock.now() + spent
    }
    const app = await startApp({ beside: { ...first, clock: { ...first.clock, now } } })
    let records = Array.from({ length: 400 }, (_, number) => at(app, number, pod(nameOf(number))))
    while (records.length > 0) {
      const { batchItemFailures } = await app.notify(records)
      const offsets = new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier.offset))
      records = records.filter(({ offset }) => offsets.has(Number(offset)))
      // A redelivery may come to another sandbox.
      app.restart()
      await first.clock.sleep(120_000)
    }
    const shown = textsIn(app).map((text) => Number(/record (\d+)/.exec(text)?.[1]))
    await first.close()
    expect(shown).toEqual(Array.from({ length: 400 }, (_, number) => number))
  })
})

describe('a sweep', () => {
  it('sends new warnings before the edit of a critical message that waits for slots', async () => {
    const app = await start()
    await app.notify([at(app, 0, down())])
    for (let batch = 0; batch < 3; batch += 1)
      await app.notify([0, 1, 2, 3].map((number) => at(app, number, pod(nameOf(4 * batch + number)))))
    await app.clock.sleep(11_000)
    // Too short for a request.
    const short = 11_000
    await app.notify(
      [at(app, 20, down(5)), ...[20, 21, 22].map((number) => at(app, number, pod(nameOf(number))))],
      short,
    )
    const before = app.emulator.journal.length
    const sweptAt = app.clock.now()
    await app.sweep()
    const [first, second, third] = app.emulator.journal.slice(before)
    expect([first, second, third].map((entry) => entry?.method)).toEqual(Array(3).fill('sendMessage'))
    expect((third?.at ?? Number.POSITIVE_INFINITY) - sweptAt).toBeLessThan(5_000)
  })
})

describe('a sweep says when the next one is useful', () => {
  it('not before the next probe of a broken target', async () => {
    const app = await start({ chats: [{ id: chatId, type: 'supergroup', title: 'ops', state: 'kicked' }] })
    await app.notify([at(app, 0)])
    const { pending, retryAt } = await app.sweep()
    expect([pending, retryAt]).toEqual([1, startAt + 300_000])
    expect(await app.nextDue(app.clock.now())).toBeUndefined()
    await app.notify([at(app, 1, pod('web'))])
    expect(await app.nextDue(startAt - 1)).toBe(startAt + 300_000)
  })

  it('not before a cool-down is over', async () => {
    const app = await start()
    app.emulator.inject({ kind: 'too many requests', retryAfter: 600 })
    await app.notify([at(app, 0)])
    expect(await app.sweep()).toEqual({ pending: 1, retryAt: startAt + 600_000 })
  })

  it('not before the lease of an unanswered request expires', async () => {
    const app = await start()
    app.emulator.inject({ kind: 'reset', isAccepted: false })
    await app.notify([at(app, 0)], 30_000)
    await app.clock.sleep(15_000)
    const { retryAt = 0 } = await app.sweep()
    expect(retryAt).toBe(startAt + 28_000 + 15_000)
  })

  it('at once if it ran out of time, and never if nothing is pending', async () => {
    const app = await start()
    await app.notify([at(app, 0)], 11_000)
    expect((await app.sweep(11_000)).retryAt).toBeLessThanOrEqual(app.clock.now())
    expect(await app.sweep()).toEqual({ pending: 0, retryAt: undefined })
  })
})

describe('the fallback target', () => {
  const setUp = () => [
    { id: -1001, type: 'supergroup' as const, title: 'oncall', state: 'kicked' as const },
    { id: -1002, type: 'supergroup' as const, title: 'ops' },
  ]
  const rules = '{ defaults: false, targets: { oncall: -1001, ops: -1002 }, routes: [{ to: oncall }], fallback: ops }'

  it.each(['batch', 'sweep'])(
    'gets a message about a broken target from a later %s if the first process could not save that',
    async (by) => {
      const chats = setUp()
      const folder = newFolder()
      let isAway = false
      const first = await start(
        {
          rules,
          chats,
          decorate: (store): Store => {
            const { saveBody } = store
            const failing: typeof saveBody = (key, body, ...words) =>
              isAway && body.identity.target === 'ops'
                ? Promise.reject(new StateUnavailable('a test'))
                : saveBody(key, body, ...words)
            return { ...store, saveBody: failing }
          },
        },
        folder,
      )
      isAway = true
      await first.notify([at(first, 0)])
      expect(textsIn(first, -1002)).toEqual([])
      const second = await start({ rules, beside: first }, folder)
      if (by === 'batch') await second.notify([at(second, 1, pod('web'))])
      else await second.sweep()
      await minutes(second, 1)
      await pass(10, second)
      expect(textsIn(second, -1002)).toEqual([expect.stringMatching(/^🟠 Telegram refuses a target/)])
    },
  )

  it('gets another message about a target that worked in the meantime', async () => {
    const chats = setUp()
    const app = await start({ rules, chats })
    await app.notify([at(app, 0)])
    for (const { setup } of app.emulator.chats.values()) delete setup.state
    await pass(6, app)
    expect(textsIn(app, -1001)).toHaveLength(1)
    await minutes(app, 60)
    const oncall = app.emulator.chats.get(-1001)
    if (oncall) oncall.setup.state = 'kicked'
    await app.notify([at(app, 1, pod('web'))])
    await pass(2, app)
    expect(textsIn(app, -1002)).toHaveLength(2)
  })
})

describe('an answer to Lambda', () => {
  it.each([undefined, 'ops'])(
    'comes in time after a refusal just before the deadline with a slow store (fallback: %s)',
    async (fallback) => {
      let isSlow = false
      const app = await start({
        rules: `{ defaults: false, targets: { oncall: -1001, ops: -1002 }, routes: [{ to: oncall }]${fallback ? `, fallback: ${fallback}` : ''} }`,
        chats: [
          { id: -1001, type: 'supergroup', title: 'oncall', state: 'kicked' },
          { id: -1002, type: 'supergroup', title: 'ops' },
        ],
        decorate: (store) =>
          interceptStore(store, async (method, call) => {
            if (method === 'takeLease') isSlow = true
            else if (isSlow) await app.clock.sleep(1_900)
            return call()
          }),
      })
      app.emulator.inject({ kind: 'slow', milliseconds: 9_900 })
      await app.notify([at(app, 0)], 12_500)
      expect(app.clock.now() - startAt).toBeLessThanOrEqual(12_500)
      isSlow = false
      await pass(8, app)
      expect(endsOf(app)).toEqual([expect.stringMatching(/^pending: /)])
    },
  )
})
