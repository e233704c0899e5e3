import { describe, expect, it } from 'vitest'
import type { ConsumedRecord } from '../../lib/adapters/kafka/lambda-event.ts'
import { interceptStore, type StoreMethod } from '../../lib/adapters/store/intercept.ts'
import { chatId, type TestApp } from '../support/app.ts'
import { crash, openApps, startAt, textsIn } from '../support/crashes.ts'

const { start } = openApps()

const wait = (app: TestApp, seconds: number) => app.clock.sleep(seconds * 1_000)

describe('one incident', () => {
  it('is one message that grows in place', async () => {
    const app = await start()
    expect(await app.notify([crash(0)])).toEqual({ batchItemFailures: [] })
    await wait(app, 30)
    await app.notify([crash(1, { count: 4, at: 30 })])
    await wait(app, 60)
    await app.notify([crash(2, { count: 9, at: 90, pod: 'web-7d9f8c6b5-bbbbb' })])
    expect(app.outcomes()).toEqual(['0/0 sent: shown', '0/1 sent: updated', '0/2 sent: updated'])
    expect(textsIn(app)).toEqual([
      expect.stringMatching(/^×13 in 90 s · .*\n2 pods: web-7d9f8c6b5-bbbbb, web-7d9f8c6b5-x2k4p\nnode worker-1$/m),
    ])
    expect(app.emulator.journal.map(({ method }) => method)).toEqual([
      'sendMessage',
      'editMessageText',
      'editMessageText',
    ])
  })

  it('is edited soon at first, then at growing intervals, and a sweep makes the throttled edit', async () => {
    const app = await start()
    for (let count = 1; count <= 40; count += 1) {
      await app.notify([crash(count, { count, at: count * 5 })])
      await wait(app, 5)
    }
    const edits = app.emulator.journal.slice(1).map(({ at }) => Math.round((at - startAt) / 1_000))
    const gaps = edits.map((at, index) => at - (edits[index - 1] ?? 0))
    expect(gaps).toEqual([10, 20, 40, 80])
    expect(new Set(app.outcomes().map((line) => line.replace(/^0\/\d+ /, '')))).toEqual(
      new Set(['sent: shown', 'pending: throttled', 'sent: updated']),
    )
    await app.sweepUntilDelivered()
    expect(textsIn(app)).toEqual([expect.stringContaining('×40 in')])
  })

  it('is edited at once when twice as many pods are affected', async () => {
    const app = await start()
    const pods = (from: number, to: number) =>
      Array.from({ length: to - from }, (_, index) => crash(from + index, { pod: `web-${from + index}` }))
    await app.notify(pods(0, 1))
    await app.notify(pods(1, 2))
    await app.notify(pods(2, 3))
    await app.notify(pods(3, 4))
    expect(app.outcomes().map((line) => line.slice(4))).toEqual([
      'sent: shown',
      'sent: updated',
      'pending: throttled',
      'sent: updated',
    ])
  })

  it('writes nothing if a batch contains nothing new', async () => {
    let writes = 0
    const writeMethods: StoreMethod[] = ['saveBody', 'takeLease', 'recordDelivery', 'chats.save']
    const app = await start({
      decorate: (store) =>
        interceptStore(store, (method, call) => {
          if (writeMethods.includes(method)) writes += 1
          return call()
        }),
    })
    await app.notify([crash(0), crash(1, { count: 2 })])
    // One merge; slot, lease and result; the slot is given back.
    expect(writes).toBe(5)
    await app.notify([crash(0), crash(1, { count: 2 })])
    expect(writes).toBe(5)
    expect(app.outcomes().slice(2)).toEqual(['0/0 skipped: already shown', '0/1 skipped: already shown'])
    expect(app.emulator.journal).toHaveLength(1)
  })

  it('is edited in the same message by the next process', async () => {
    const app = await start()
    await app.notify([crash(0)])
    app.restart()
    await wait(app, 30)
    await app.notify([crash(0), crash(1, { count: 7, at: 30 })])
    expect(app.outcomes().slice(1)).toEqual(['0/0 skipped: already shown', '0/1 sent: updated'])
    expect(textsIn(app)).toHaveLength(1)
  })

  it('sends a new message after the quiet time, and older records do not reopen the ended one', async () => {
    const app = await start()
    await app.notify([crash(0), crash(1, { count: 5, at: 60 })])
    await wait(app, 8_000)
    await app.notify([crash(2, { count: 6, at: 8_000 })])
    await app.notify([crash(1, { count: 5, at: 60 }), crash(3, { count: 5, at: 50 })])
    await app.sweepUntilDelivered()
    expect(textsIn(app)).toEqual([expect.stringContaining('×5 in 60 s'), expect.stringMatching(/×6 in/)])
    expect(app.outcomes().slice(2)).toEqual([
      '0/2 sent: shown',
      '0/1 skipped: ended before',
      '0/3 skipped: ended before',
    ])
  })

  it('counts a record from before its end that comes late from another partition', async () => {
    const rules = 'rules: [{ name: worst, match: { name: db-0 }, severity: critical }]'
    const app = await start({ rules })
    await app.notify([crash(0, { pod: 'db-1' }), crash(1, { pod: 'db-1', count: 5, at: 60 })])
    await wait(app, 8_000)
    await app.notify([crash(2, { pod: 'db-1', count: 6, at: 8_000 })])
    await app.notify([{ ...crash(3, { pod: 'db-0', at: 30 }), partition: 1 }])
    await app.sweepUntilDelivered()
    expect(textsIn(app).at(-1)).toMatch(/^🔴.*\n(?:.*\n)*×7 in/)
    expect(app.outcomes()).toContain('1/3 sent: shown')
  })

  it('gets its last edit although a new incident of its kind began', async () => {
    const app = await start()
    await app.notify([crash(0)])
    await app.notify([crash(1, { count: 5, at: 60 })])
    expect(app.outcomes().at(-1)).toBe('0/1 pending: throttled')
    await wait(app, 8_000)
    await app.notify([crash(2, { count: 6, at: 8_000 })])
    await app.sweepUntilDelivered()
    expect(textsIn(app)).toEqual([expect.stringContaining('×5 in 60 s'), expect.stringContaining('×6')])
  })

  it('has not ended before its first message was sent, whatever its times', async () => {
    const app = await start()
    app.emulator.inject({ kind: 'too many requests', retryAfter: 3_600 })
    const fields = { firstTimestamp: new Date(startAt - 90_000_000).toISOString() }
    await app.notify([crash(0, { at: -90_000, fields })])
    await app.notify([crash(1, { count: 2, at: 0, fields })])
    await app.sweepUntilDelivered()
    expect(textsIn(app)).toEqual([expect.stringContaining('×2 in 25 h')])
  })
})

const memory = (offset: number, fields: Record<string, unknown>, at = 0): ConsumedRecord =>
  crash(offset, { at, fields: { involvedObject: { kind: 'Node', name: 'worker-1' }, ...fields } })
const low = { reason: 'NodeHasInsufficientMemory', message: 'Node worker-1 status is now: NodeHasInsufficientMemory' }
const oom = { reason: 'SystemOOM', message: 'System OOM encountered, victim process: mysqld, pid: 4020757' }

describe('a rise to critical', () => {
  it('sends a reply that is edited from then on, and the older message points to it', async () => {
    const app = await start()
    await app.notify([memory(0, low)])
    await app.notify([memory(1, { ...oom, metadata: { name: 'oom' } }, 5)])
    await app.sweepUntilDelivered()
    await wait(app, 60)
    await app.notify([memory(2, { ...oom, metadata: { name: 'oom' }, count: 3 }, 60)])
    const [older, newer] = app.emulator.messages(chatId)
    expect(older?.text).toContain('↓ continues in a newer message')
    expect(newer?.text).toMatch(/^🔴 Node low on memory · SystemOOM/)
    expect(newer?.text).toContain('×4')
    expect(app.emulator.messages(chatId)).toHaveLength(2)
    expect(app.emulator.journal[1]?.payload.reply_parameters).toMatchObject({ message_id: older?.id })
  })
})

describe('a text that Telegram refuses, also without markup', () => {
  const body = { ok: false, error_code: 400, description: 'Bad Request: message is too long' }
  const refusal = { kind: 'answer', status: 400, body } as const

  it('leaves the mark of a possible repeat to the next message', async () => {
    const app = await start()
    app.emulator.inject({ kind: 'reset', isAccepted: true })
    await app.notify([crash(0)], 30_000)
    await wait(app, 60)
    app.emulator.inject({ ...refusal, times: 2 })
    await app.sweepUntilDelivered()
    await app.notify([crash(1, { count: 2, at: 60 })])
    expect(textsIn(app).map((text) => text.startsWith('↻'))).toEqual([false, true])
  })

  it('does not lose the mark when an older message is edited in the meantime', async () => {
    const app = await start()
    const later = 8_000
    await app.notify([memory(0, low)])
    await app.clock.sleep(later * 1_000)
    // A new incident of its kind. The message of the one before still needs its last edit.
    await app.notify([memory(1, { ...low, count: 2 }, later)], 30_000)
    app.emulator.inject({ kind: 'reset', isAccepted: true, method: 'sendMessage' })
    await app.notify([memory(2, oom, later)], 30_000)
    await wait(app, 60)
    app.emulator.inject({ ...refusal, times: 2, method: 'sendMessage' })
    await app.sweepUntilDelivered()
    const edits = app.emulator.journal.filter(({ method, status }) => method === 'editMessageText' && status === 200)
    expect(edits).toHaveLength(1)
    await app.notify([memory(3, { ...oom, count: 9 }, later + 60)])
    expect(textsIn(app).at(-1)).toMatch(/^↻ possibly repeated\n🔴/)
  })

  it('is not tried again, and neither is the last edit of the incident before it', async () => {
    const app = await start()
    await app.notify([crash(0)])
    await app.notify([crash(1, { count: 7, at: 5 })])
    app.emulator.inject({ ...refusal, times: 1_000 })
    await wait(app, 8_000)
    await app.notify([crash(2, { count: 8, at: 8_000 })])
    await app.sweepUntilDelivered(10)
    expect(app.emulator.journal.length).toBeLessThan(8)
  })
})

describe('a deleted message', () => {
  it('is replaced by a new one with the next event', async () => {
    const app = await start()
    await app.notify([crash(0)])
    app.emulator.chats.get(chatId)?.messages.splice(0)
    await app.sweepUntilDelivered()
    await app.notify([crash(0)])
    expect(textsIn(app)).toEqual([])
    await wait(app, 30)
    await app.notify([crash(1, { count: 2, at: 30 })])
    expect(app.outcomes().slice(1)).toEqual(['0/0 skipped: already shown', '0/1 sent: shown'])
    await wait(app, 60)
    await app.notify([crash(2, { count: 3, at: 90 })])
    expect(textsIn(app)).toEqual([expect.stringContaining('×3')])
  })
})

describe('a group that was upgraded', () => {
  const old = -55
  const chats = [
    { id: old, type: 'group', title: 'Ops' },
    { id: chatId, type: 'supergroup', title: 'Ops' },
  ] as const

  it('has new message ids, and no incident edits the message of another one', async () => {
    const app = await start({ chats: [...chats], targets: [String(old)] })
    await app.notify([crash(0)])
    const group = app.emulator.chats.get(old)
    if (group) group.setup.migratedTo = chatId
    await app.notify([crash(1, { pod: 'db-0' })])
    await wait(app, 60)
    await app.notify([crash(2, { count: 9, at: 60 })])
    await app.sweepUntilDelivered()
    expect(textsIn(app)).toEqual([expect.stringContaining('pod db-0'), expect.stringContaining('×9')])
  })

  it('is also detected by an edit', async () => {
    const app = await start({ chats: [...chats], targets: [String(old)] })
    await app.notify([crash(0)])
    const group = app.emulator.chats.get(old)
    if (group) group.setup.migratedTo = chatId
    await wait(app, 60)
    await app.notify([crash(2, { count: 9, at: 60 })])
    expect(app.outcomes().at(-1)).toBe('0/2 sent: shown')
    expect(textsIn(app)).toEqual([expect.stringContaining('×9')])
  })
})

describe('a node whose clock is ahead', () => {
  const ahead = (seconds: number) => 3_600 + seconds
  it('does not hide later events', async () => {
    const app = await start()
    await app.notify([crash(0, { at: ahead(0) })])
    await wait(app, 1_900)
    await app.notify([crash(1, { count: 2, at: ahead(1_900) })])
    await wait(app, 60)
    await app.notify([crash(2, { count: 5, at: 1_960, pod: 'web-7d9f8c6b5-bbbbb' })])
    await app.sweepUntilDelivered()
    expect(app.outcomes().map((line) => line.slice(4))).not.toContain('skipped: ended before')
    expect(textsIn(app).at(-1)).toMatch(/×7/)
  })

  it('sends a new message after the quiet time, even if it is ahead by 73 years', async () => {
    const app = await start()
    await app.notify([crash(0, { at: 73 * 31_557_600 })])
    await wait(app, 7_200)
    await app.notify([crash(1, { count: 2, at: 7_200 })])
    expect(textsIn(app)).toHaveLength(2)
  })
})
