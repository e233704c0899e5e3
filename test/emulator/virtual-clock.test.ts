import { describe, expect, test } from 'vitest'
import type { ChatSetup } from '../../lib/emulator/chats.ts'
import type { Emulator } from '../../lib/emulator/server.ts'
import { type VirtualClock, virtualClock } from '../../lib/emulator/virtual-clock.ts'
import { start } from './call.ts'

const begin = Date.parse('2026-11-24T00:00:00Z')
const chats: ChatSetup[] = [
  { id: -1, type: 'supergroup', title: 'One' },
  { id: -2, type: 'supergroup', title: 'Two' },
]

/** A client of its own: gives a request up after `seconds`. Resolves with the status, or undefined if it gave up. */
async function send(
  { apiRoot, token }: Emulator,
  clock: VirtualClock,
  text: string,
  { chat = -1, seconds = 30 } = {},
): Promise<number | undefined> {
  const timeout = new AbortController()
  const cancel = clock.after(seconds * 1_000, () => timeout.abort())
  try {
    const body = new URLSearchParams({ chat_id: `${chat}`, text })
    return (await fetch(`${apiRoot}/bot${token}/sendMessage`, { method: 'POST', body, signal: timeout.signal })).status
  } catch {
    return undefined
  } finally {
    cancel()
  }
}

const startBoth = async () => {
  const clock = virtualClock(begin)
  return { clock, emulator: await start({ clock: clock.server, chats }) }
}
const secondsOf = ({ journal }: Emulator) =>
  journal.map(({ at, endedAt, payload }) => [payload.text, (at - begin) / 1_000, (endedAt - begin) / 1_000])

describe('virtualClock', () => {
  test('starts at the given time, and jumps from timer to timer', async () => {
    const clock = virtualClock(1_000)
    const seen: number[] = []
    await Promise.all([50, 7, 7, 0].map((wait) => clock.sleep(wait).then(() => seen.push(clock.now() - 1_000))))
    expect(seen).toEqual([0, 7, 7, 50])
    expect(clock.server.now()).toBe(1_050)
    expect(virtualClock().now()).toBe(begin)
  })

  test('an aborted sleep ends at once', async () => {
    const clock = virtualClock(0)
    const abort = new AbortController()
    const asleep = clock.sleep(Number.POSITIVE_INFINITY, abort.signal)
    abort.abort()
    await asleep
    await clock.sleep(5, abort.signal)
    expect(clock.now()).toBe(0)
  })

  test('stands still while a request is in progress, however many others sleep', async () => {
    const { clock, emulator } = await startBoth()
    const sleeper = async () => {
      for (let n = 0; n < 20; n++) await clock.sleep(100)
    }
    await Promise.all([sleeper(), sleeper(), send(emulator, clock, 'a'), send(emulator, clock, 'b', { chat: -2 })])
    expect(secondsOf(emulator)).toEqual([
      ['a', 0, 0],
      ['b', 0, 0],
    ])
    expect(clock.now() - begin).toBe(2_000)
  })

  test('continues while a request is delayed by a rate limit and others wait behind it', async () => {
    const { clock, emulator } = await startBoth()
    for (let n = 0; n < 20; n++) await send(emulator, clock, `${n}`)
    await clock.sleep(55_000)
    const both = await Promise.all([send(emulator, clock, 'held'), send(emulator, clock, 'behind')])
    expect(both).toEqual([200, 200])
    expect(secondsOf(emulator).slice(20)).toEqual([
      ['held', 55, 60],
      ['behind', 55, 60],
    ])
  })

  test('does not confuse a client with another that has disconnected', async () => {
    const { clock, emulator } = await startBoth()
    emulator.inject({ kind: 'slow', milliseconds: 8_000, chatId: -1 })
    emulator.inject({ kind: 'slow', milliseconds: 4_000, chatId: -2 })
    const later = clock.sleep(4_500).then(() => send(emulator, clock, 'later', { chat: -2 }))
    const statuses = await Promise.all([
      send(emulator, clock, 'given up', { seconds: 3 }),
      send(emulator, clock, 'slow', { chat: -2, seconds: 5 }),
      later,
    ])
    expect(statuses).toEqual([undefined, 200, 200])
    await clock.sleep(10_000)
    // What nobody waits for is done all the same.
    expect(secondsOf(emulator)).toEqual([
      ['given up', 0, 8],
      ['slow', 0, 4],
      ['later', 4.5, 4.5],
    ])
    expect(emulator.messages(-1)).toMatchObject([{ text: 'given up', date: begin + 8_000 }])
  })

  test('a request without an answer ends by its timeout', async () => {
    const { clock, emulator } = await startBoth()
    emulator.inject({ kind: 'slow', milliseconds: Number.POSITIVE_INFINITY })
    expect(await Promise.all([send(emulator, clock, 'lost'), send(emulator, clock, 'next', { chat: -2 })])).toEqual([
      undefined,
      200,
    ])
    expect(clock.now() - begin).toBe(30_000)
  })

  test('a client without timeouts does not stop the clock', async () => {
    const { clock, emulator } = await startBoth()
    emulator.inject({ kind: 'slow', milliseconds: 5_000 })
    const url = `${emulator.apiRoot}/bot${emulator.token}/sendMessage?chat_id=-1&text=x`
    expect((await fetch(url)).status).toBe(200)
    expect(clock.now() - begin).toBe(5_000)
  })
})
