import { describe, expect, it } from 'vitest'
import { interceptStore } from '../../lib/adapters/store/intercept.ts'
import { StateUnavailable, type Store } from '../../lib/pipeline/ports.ts'
import { chatId, type TestApp } from '../support/app.ts'
import { crash, endsOf, openApps, textsIn } from '../support/crashes.ts'
import { numbersShown, records } from '../support/records.ts'

const { start, newFolder } = openApps()
const wait = (app: TestApp, seconds: number) => app.clock.sleep(seconds * 1_000)
const refused = (description: string) => {
  const body = { ok: false, error_code: 400, description: `Bad Request: ${description}` }
  return { kind: 'answer' as const, status: 400, body }
}

describe('a chat with 1,300 pending incidents', () => {
  const other = -1009876543210
  it('does not block other chats if Telegram refuses it', async () => {
    const folder = newFolder()
    const environment = { INCIDENTS: 'off' }
    const chats = [
      { id: chatId, type: 'supergroup' as const, title: 'Gone', state: 'kicked' as const },
      { id: other, type: 'supergroup' as const, title: 'Ops' },
    ]
    const broken = await start({ environment, chats }, folder)
    for (let first = 0; first < 1_300; first += 260) await broken.notify(records(260, { first }))
    const app = await start({ environment, beside: broken, targets: [String(other)] }, folder)
    app.emulator.inject({ kind: 'too many requests', retryAfter: 30, chatId: other })
    await app.notify(records(2, { first: 5_000 }))
    await wait(app, 60)
    expect(await app.sweep()).toMatchObject({ pending: 1_300 })
    expect(numbersShown(textsIn(app, other))).toEqual([5_000, 5_001])
  })

  it('of severity info shows a critical one first', async () => {
    const app = await start({ isPaced: true })
    app.emulator.inject({ kind: 'too many requests', retryAfter: 600 })
    const info = (number: number) =>
      crash(number, { pod: `app${number}`, fields: { type: 'Normal', reason: 'Pulled', message: 'x' } })
    for (let first = 0; first < 1_300; first += 260)
      await app.notify(Array.from({ length: 260 }, (_, index) => info(first + index)))
    await wait(app, 10)
    const node = { kind: 'Node', name: 'worker-1' }
    await app.notify([crash(9_999, { fields: { involvedObject: node, reason: 'SystemOOM', message: 'System OOM' } })])
    await wait(app, 700)
    await app.sweep()
    expect(textsIn(app)[0]).toContain('SystemOOM')
  })
})

/** Freezes a process for some seconds after its `which`-th write of the chat's state. */
function frozen(clock: () => TestApp['clock'], which: number, seconds = 400): (store: Store) => Store {
  let writes = 0
  return (store) =>
    interceptStore(store, async (method, call) => {
      const answer = await call()
      if (method === 'chats.save') writes += 1
      if (method === 'chats.save' && writes === which) await clock().sleep(seconds * 1_000)
      return answer
    })
}

describe('a process frozen between an answer and its next request', () => {
  it('sends nothing that another process has sent in the meantime', async () => {
    const folder = newFolder()
    const app: TestApp = await start({ decorate: frozen(() => app.clock, 2) }, folder)
    const other = await start({ beside: app }, folder)
    app.emulator.inject(refused("can't parse entities"))
    const ended = app.notify([crash(0)], 30_000)
    await wait(app, 100)
    await other.notify([crash(0)])
    await ended
    await app.sweepUntilDelivered()
    expect([...endsOf(other), ...endsOf(app)]).toEqual(['sent: possibly repeated', 'pending: state unavailable'])
    expect(textsIn(app)).toHaveLength(1)
    expect(app.emulator.journal.map(({ status }) => status)).toEqual([400, 200])
  })

  it('overwrites nothing that another process has shown in the meantime', async () => {
    const folder = newFolder()
    const app: TestApp = await start({ decorate: frozen(() => app.clock, 4) }, folder)
    const other = await start({ beside: app }, folder)
    await app.notify([crash(0)])
    await wait(app, 60)
    app.emulator.inject(refused("can't parse entities"))
    const ended = app.notify([crash(1, { count: 4, at: 60 })], 30_000)
    await wait(app, 100)
    await other.notify([crash(2, { count: 9, at: 160 })])
    await ended
    await app.sweepUntilDelivered()
    expect([...endsOf(other), ...endsOf(app)]).toEqual(['sent: updated', 'sent: shown', 'pending: state unavailable'])
    expect(textsIn(app)).toEqual([expect.stringContaining('×9')])
    expect(app.emulator.journal.map(({ status }) => status)).toEqual([200, 400, 200])
  })
})

describe('a cool-down of an hour', () => {
  it('is respected even if it could not be saved at first because of other writers', async () => {
    const folder = newFolder()
    let writes = 0
    const app: TestApp = await start(
      {
        decorate: (store) =>
          interceptStore(store, async (method, call) => {
            if (method === 'chats.save') writes += 1
            if (method !== 'chats.save' || writes !== 2) return call()
            await other.notify([crash(1, { pod: 'db-0' })], 30_000)
            throw new StateUnavailable('a test')
          }),
      },
      folder,
    )
    const withoutLeases = (store: Store) =>
      interceptStore(store, (method, call) =>
        method === 'takeLease' ? Promise.reject(new StateUnavailable('a test')) : call(),
      )
    const other = await start({ beside: app, decorate: withoutLeases }, folder)
    app.emulator.inject({ kind: 'too many requests', retryAfter: 3_600 })
    await app.notify([crash(0)])
    await app.sweep()
    await app.sweep()
    expect(endsOf(other)).toEqual(['pending: state unavailable'])
    expect(app.emulator.journal).toHaveLength(1)
  })
})

describe('an event that is shown', () => {
  it('is skipped even while the chat’s state cannot be read', async () => {
    let isOut = false
    const app = await start({
      decorate: (store) =>
        interceptStore(store, (method, call) =>
          isOut && method === 'chats.read' ? Promise.reject(new StateUnavailable('a test')) : call(),
        ),
    })
    await app.notify([crash(0)])
    isOut = true
    await app.notify([crash(0)])
    expect(endsOf(app)).toEqual(['sent: shown', 'skipped: already shown'])
  })

  it('is not rejected because a later text is refused', async () => {
    const app = await start()
    await app.notify([crash(0)])
    await wait(app, 60)
    app.emulator.inject({ ...refused('message is too long'), times: 2 })
    await app.notify([crash(1, { count: 9, at: 60 })])
    await app.notify([crash(0), crash(1, { count: 9, at: 60 })])
    expect(endsOf(app)).toEqual([
      'sent: shown',
      'rejected: text refused',
      'skipped: already shown',
      'rejected: text refused',
    ])
  })
})

describe('an incident', () => {
  it('that is deleted from the store before its lease is returned, and shown when it comes again', async () => {
    const folder = newFolder()
    const app = await start(
      { decorate: (store): Store => ({ ...store, takeLease: async () => ({ current: undefined }) }) },
      folder,
    )
    expect((await app.notify([crash(0)])).batchItemFailures).toHaveLength(1)
    expect(endsOf(app)).toEqual(['returned: state unavailable, batch item failure'])
    const other = await start({ beside: app }, folder)
    await other.notify([crash(0)])
    expect(endsOf(other)).toEqual(['sent: shown'])
  })

  it('whose message was deleted shows its pending change in a new one', async () => {
    const app = await start()
    await app.notify([crash(0)])
    app.emulator.chats.get(chatId)?.messages.splice(0)
    await app.notify([crash(1, { count: 7, at: 5 })])
    await app.sweepUntilDelivered()
    expect(endsOf(app)).toEqual(['sent: shown', 'pending: throttled'])
    expect(textsIn(app)).toEqual([expect.stringContaining('×7')])
  })

  it('that ended still gets its last edit if Telegram refuses the text of the next incident', async () => {
    const app = await start()
    await app.notify([crash(0), crash(1, { count: 2, at: 2 })])
    await app.notify([crash(2, { count: 7, at: 5 })])
    await wait(app, 3 * 3_600)
    app.emulator.inject({ ...refused('message is too long'), times: 2 })
    await app.notify([crash(3, { count: 12, at: 3 * 3_600 })])
    await app.sweepUntilDelivered()
    expect(endsOf(app).slice(2)).toEqual(['pending: throttled', 'rejected: text refused'])
    expect(textsIn(app)).toEqual([expect.stringContaining('×7')])
  })
})
