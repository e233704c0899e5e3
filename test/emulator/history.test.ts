import { describe, expect, test } from 'vitest'
import { mostAcceptedIn } from '../../lib/emulator/journal.ts'
import { call, chat, send, start } from './call.ts'
import { leapingClock } from './clock.ts'

const edit = (emulator: Awaited<ReturnType<typeof start>>, message_id: number, text: string, more: object = {}) =>
  call(emulator, 'editMessageText', { chat_id: chat, message_id, text, ...more })

describe('revisions', () => {
  test('a message has all its earlier texts', async () => {
    const clock = leapingClock(1_000_000)
    const emulator = await start({ clock })
    const keyboard = { inline_keyboard: [[{ text: 'Mute', callback_data: 'm' }]] }
    await send(emulator, '<b>one</b>', { parse_mode: 'HTML', reply_markup: keyboard })
    clock.leap(5_000)
    await edit(emulator, 1, 'two')
    clock.leap(5_000)
    await edit(emulator, 1, 'two')
    await edit(emulator, 1, '')
    await edit(emulator, 1, 'three', { reply_markup: keyboard })
    const [message] = emulator.messages(chat)
    expect(message).toMatchObject({ text: 'three', date: 1_000_000, editedAt: 1_010_000, replyMarkup: keyboard })
    expect(message?.revisions).toEqual([
      { at: 1_000_000, text: 'one', entities: [{ type: 'bold', offset: 0, length: 3 }], replyMarkup: keyboard },
      { at: 1_005_000, text: 'two', entities: [] },
      { at: 1_010_000, text: 'three', entities: [], replyMarkup: keyboard },
    ])
  })

  test.each(['closed', 'deleted'] as const)('a message in a %s thread can be edited', async (state) => {
    const emulator = await start()
    await send(emulator, 'x', { message_thread_id: 42 })
    Object.assign(emulator.chats.get(chat)?.setup.threads?.[42] ?? {}, { state })
    expect((await edit(emulator, 1, 'y')).ok).toBe(true)
    expect((await send(emulator, 'x', { message_thread_id: 42 })).ok).toBe(false)
  })
})

describe('replies', () => {
  test('name what they answer', async () => {
    const emulator = await start()
    await send(emulator, 'first')
    const reply = await send(emulator, 'again', { reply_parameters: { message_id: 1 } })
    expect(reply.result).toMatchObject({ message_id: 2, reply_to_message: { message_id: 1, text: 'first' } })
    expect(emulator.messages(chat)[1]).toMatchObject({ id: 2, replyToId: 1 })
    const body = new URLSearchParams({ chat_id: `${chat}`, text: 'form', reply_parameters: '{"message_id":"2"}' })
    await fetch(`${emulator.apiRoot}/bot${emulator.token}/sendMessage`, { method: 'POST', body })
    expect(emulator.messages(chat)[2]).toMatchObject({ text: 'form', replyToId: 2 })
  })

  test('to a deleted message', async () => {
    const emulator = await start()
    await send(emulator, 'first')
    emulator.chats.get(chat)?.messages.pop()
    expect(await send(emulator, 'again', { reply_parameters: { message_id: 1 } })).toMatchObject({
      status: 400,
      description: 'Bad Request: message to be replied not found',
    })
    const reply_parameters = { message_id: 1, allow_sending_without_reply: true }
    const sent = await send(emulator, 'again', { reply_parameters })
    expect(sent.result).not.toHaveProperty('reply_to_message')
    expect(emulator.messages(chat)).toMatchObject([{ id: 2, text: 'again' }])
    expect(emulator.messages(chat)[0]).not.toHaveProperty('replyToId')
  })

  test.each<[unknown, string]>([
    ['no JSON', "can't parse reply parameters JSON object"],
    [7, 'object expected as reply parameters'],
    [{}, 'can\'t find field "message_id"'],
  ])('%j is refused', async (reply_parameters, why) => {
    const emulator = await start()
    expect(await send(emulator, 'x', { reply_parameters })).toMatchObject({ description: `Bad Request: ${why}` })
  })
})

describe('the journal', () => {
  test('has the time when a request was accepted, whatever the answer was', async () => {
    const clock = leapingClock(0)
    const emulator = await start({ clock })
    emulator.inject({ kind: 'slow', milliseconds: 3_000, isAccepted: true })
    emulator.inject({ kind: 'bad gateway', isAccepted: true })
    for (const text of ['slow', '502', '']) await send(emulator, text).catch(() => 'no JSON')
    await edit(emulator, 1, 'edited')
    await call(emulator, 'deleteMessage', { chat_id: chat, message_id: 2 })
    expect(
      emulator.journal.map(({ method, status, accepted, acceptedAt, startedAt, endedAt }) => [
        method,
        status,
        accepted,
        acceptedAt,
        startedAt,
        endedAt,
      ]),
    ).toEqual([
      ['sendMessage', 200, true, 0, 0, 3_000],
      ['sendMessage', 502, true, 3_000, 3_000, 3_000],
      ['sendMessage', 400, false, undefined, 3_000, 3_000],
      ['editMessageText', 200, true, 3_000, 3_000, 3_000],
      ['deleteMessage', 200, true, 3_000, 3_000, 3_000],
    ])
    expect(mostAcceptedIn(emulator.journal, chat, 1_000)).toBe(2)
    expect(mostAcceptedIn(emulator.journal, chat, 3_001)).toBe(3)
  })
})

describe('mostAcceptedIn', () => {
  const at = (times: number[], more: object = {}) =>
    times.map((acceptedAt) => ({ method: 'sendMessage', chatId: -1, acceptedAt, ...more }))

  test.each<[string, ReturnType<typeof at>, number]>([
    ['nothing', [], 0],
    ['one', at([5]), 1],
    ['a window does not hold both its ends', at([0, 60_000]), 1],
    ['but all between them', at([0, 1, 59_999, 60_000]), 3],
    ['in any order', at([90_000, 0, 50_000, 70_000]), 3],
    ['edits count', [...at([0]), ...at([1], { method: 'EDITMESSAGETEXT' })], 2],
    [
      'deletions, other chats and refusals do not',
      [
        ...at([0]),
        ...at([1], { method: 'deleteMessage' }),
        ...at([1], { chatId: -2 }),
        { method: 'sendMessage', chatId: -1 },
      ] as ReturnType<typeof at>,
      1,
    ],
  ])('%s', (_name, journal, most) => {
    expect(mostAcceptedIn(journal, -1, 60_000)).toBe(most)
  })
})
