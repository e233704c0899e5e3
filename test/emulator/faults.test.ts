import { describe, expect, test } from 'vitest'
import type { Fault } from '../../lib/emulator/faults.ts'
import type { Emulator } from '../../lib/emulator/server.ts'
import { call, chat, send, start } from './call.ts'
import { leapingClock } from './clock.ts'

describe('the rate limit', () => {
  test('accepts 20 sends and edits per minute in a group; delays the next by up to 8 s, or refuses it', async () => {
    const clock = leapingClock()
    const emulator = await start({ clock })
    for (let n = 0; n < 19; n++) await send(emulator, `${n}`)
    await call(emulator, 'editMessageText', { chat_id: chat, message_id: 1, text: 'edited' })
    clock.leap(51_500)
    const refused = await send(emulator)
    expect(refused).toMatchObject({
      status: 429,
      description: 'Too Many Requests: retry after 9',
      parameters: { retry_after: 9 },
    })
    clock.leap(1_000)
    expect((await send(emulator)).ok).toBe(true)
    expect(clock.slept).toEqual([7_500])
    expect(emulator.journal.filter(({ accepted }) => accepted)).toHaveLength(21)
  })

  test('the header has it too', async () => {
    const emulator = await start()
    emulator.inject({ kind: 'too many requests', retryAfter: 7 })
    const response = await fetch(`${emulator.apiRoot}/bot${emulator.token}/sendMessage?chat_id=${chat}&text=x`)
    expect(response.headers.get('retry-after')).toBe('7')
  })

  test('a private chat accepts short bursts of about one per second', async () => {
    const clock = leapingClock()
    const emulator = await start({ clock, chats: [{ id: 5, type: 'private', title: 'Ann' }] })
    for (let n = 0; n < 6; n++) await send(emulator, `${n}`, { chat_id: 5 })
    expect(clock.slept).toEqual([5_000])
  })

  test('none, where it is switched off', async () => {
    const emulator = await start({ isPaced: false })
    await Promise.all(Array.from({ length: 30 }, (_, n) => send(emulator, `${n}`)))
    expect(emulator.messages()).toHaveLength(30)
    expect(emulator.mostInFlight(chat)).toBeGreaterThan(1)
    expect(emulator.inFlight()).toBe(0)
  })
})

describe('faults', () => {
  const raw = (emulator: Emulator, text = 'hello') =>
    fetch(`${emulator.apiRoot}/bot${emulator.token}/sendMessage`, {
      method: 'POST',
      body: new URLSearchParams({ chat_id: `${chat}`, text }),
    })

  test.each<[string, Fault, number, string, boolean]>([
    ['a literal answer', { kind: 'answer', status: 418, body: { ok: false } }, 418, '{"ok":false}', false],
    ['restart', { kind: 'internal error' }, 500, 'Internal Server Error: restart', false],
    ['502 before', { kind: 'bad gateway', isAccepted: false }, 502, '<h1>502 Bad Gateway</h1>', false],
    ['502 after', { kind: 'bad gateway', isAccepted: true }, 502, '<h1>502 Bad Gateway</h1>', true],
    ['401', { kind: 'unauthorized' }, 401, 'Unauthorized', false],
    ['403', { kind: 'forbidden' }, 403, 'Forbidden: bot was kicked', false],
    ['slow', { kind: 'slow', milliseconds: 30_000 }, 200, '"message_id":1', true],
    ['slow after', { kind: 'slow', milliseconds: 30_000, isAccepted: true }, 200, '"message_id":1', true],
  ])('%s', async (_name, fault, status, body, isAccepted) => {
    const emulator = await start()
    emulator.inject(fault)
    const response = await raw(emulator)
    expect(response.status).toBe(status)
    expect(await response.text()).toContain(body)
    expect(emulator.messages()).toHaveLength(isAccepted ? 1 : 0)
    expect(emulator.journal).toMatchObject([{ status, accepted: isAccepted }])
    expect((await raw(emulator)).status).toBe(200)
  })

  test.each([true, false])('a reset, accepted: %s', async (isAccepted) => {
    const emulator = await start()
    emulator.inject({ kind: 'reset', isAccepted })
    await expect(raw(emulator)).rejects.toThrow()
    expect(emulator.messages()).toHaveLength(isAccepted ? 1 : 0)
    expect(emulator.journal).toMatchObject([{ status: 'reset', accepted: isAccepted }])
  })

  test.each([true, false])('no answer at all, accepted: %s', async (isAccepted) => {
    const emulator = await start()
    emulator.inject({ kind: 'slow', milliseconds: Infinity, isAccepted })
    const asking = raw(emulator)
    const refused = expect(asking).rejects.toThrow()
    await expect.poll(() => emulator.journal[0]?.accepted).toBe(isAccepted)
    expect(emulator.journal).toMatchObject([{ status: 'pending', endedAt: Infinity }])
    expect(emulator.inFlight()).toBe(1)
    await emulator.close()
    await refused
    expect(emulator.messages()).toHaveLength(isAccepted ? 1 : 0)
  })

  test('during a cool-down every request to the chat gets the remaining time', async () => {
    const clock = leapingClock()
    const emulator = await start({ clock })
    emulator.inject({ kind: 'too many requests', retryAfter: 30, chatId: chat })
    await send(emulator)
    clock.leap(10_500)
    expect(await send(emulator)).toMatchObject({ status: 429, parameters: { retry_after: 20 } })
    clock.leap(19_500)
    expect((await send(emulator)).ok).toBe(true)
    expect(emulator.journal.map(({ status }) => status)).toEqual([429, 429, 200])
  })

  test('match by method, text and count', async () => {
    const emulator = await start()
    emulator.inject({ kind: 'internal error', method: 'sendMessage', text: /pod/g, skip: 1, times: 2 })
    const statuses: number[] = []
    for (const text of ['pod 1', 'node', 'pod 2', 'pod 3', 'pod 4']) statuses.push((await send(emulator, text)).status)
    expect(statuses).toEqual([200, 200, 500, 500, 200])
  })
})
