import { describe, expect, test } from 'vitest'
import { call, chat, send, start } from './call.ts'
import { leapingClock } from './clock.ts'

describe('methods', () => {
  test('getMe and getChat', async () => {
    const emulator = await start()
    expect((await call(emulator, 'getMe')).result).toMatchObject({
      id: 123456789,
      is_bot: true,
      username: 'emulator_bot',
    })
    expect((await call(emulator, 'GETCHAT', { chat_id: `${chat}` })).result).toMatchObject({
      id: chat,
      title: 'Cluster alerts',
      is_forum: true,
    })
  })

  test('send, edit, delete', async () => {
    const clock = leapingClock()
    const emulator = await start({ clock })
    const keyboard = { inline_keyboard: [[{ text: 'Mute', callback_data: 'm:1' }]] }
    const sent = await send(emulator, ' <b>é😀</b>\r\n\u0001', {
      parse_mode: 'HTML',
      message_thread_id: 42,
      disable_notification: true,
      link_preview_options: { is_disabled: true },
      reply_markup: keyboard,
    })
    expect(sent.result).toMatchObject({
      message_id: 1,
      date: 1_700_000_000,
      chat: { id: chat, type: 'supergroup', title: 'Cluster alerts' },
      message_thread_id: 42,
      text: 'é😀',
      entities: [{ type: 'bold', offset: 0, length: 3 }],
    })
    const content = { text: 'é😀', entities: [{ type: 'bold', offset: 0, length: 3 }], replyMarkup: keyboard }
    expect(emulator.messages(chat)).toEqual([
      {
        id: 1,
        chatId: chat,
        threadId: 42,
        date: 1_700_000_000_000,
        ...content,
        isSilent: true,
        linkPreviewDisabled: true,
        revisions: [{ at: 1_700_000_000_000, ...content }],
      },
    ])
    clock.leap(5_000)
    const edited = await call(emulator, 'editMessageText', { chat_id: chat, message_id: 1, text: 'new' })
    expect(edited.result).toMatchObject({ message_id: 1, text: 'new', edit_date: 1_700_000_005 })
    expect(emulator.messages()).toMatchObject([{ text: 'new', replyMarkup: undefined, editedAt: 1_700_000_005_000 }])
    expect(await call(emulator, 'deleteMessage', { chat_id: chat, message_id: 1 })).toMatchObject({
      ok: true,
      result: true,
    })
    expect(emulator.messages()).toEqual([])
    expect(emulator.journal.map(({ method, accepted }) => [method, accepted])).toEqual([
      ['sendMessage', true],
      ['editMessageText', true],
      ['deleteMessage', true],
    ])
  })

  test('accepts forms, queries and @username', async () => {
    const emulator = await start({ chats: [{ id: -5, type: 'channel', title: 'Ops', username: '@ops' }] })
    const url = `${emulator.apiRoot}/bot${emulator.token}/sendMessage`
    const body = new URLSearchParams({ chat_id: '@OPS', text: 'form' })
    expect((await fetch(url, { method: 'POST', body })).status).toBe(200)
    expect((await fetch(`${url}?chat_id=@ops&text=query`)).status).toBe(200)
    expect(emulator.messages(-5).map(({ text }) => text)).toEqual(['form', 'query'])
  })
})
