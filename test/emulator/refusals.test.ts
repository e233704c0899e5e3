import { describe, expect, test } from 'vitest'
import type { ChatSetup } from '../../lib/emulator/chats.ts'
import { call, chat, send, start } from './call.ts'

describe('refusals', () => {
  const html = { parse_mode: 'HTML' }
  const entity = (type: string, offset: number, length: number) => ({ entities: [{ type, offset, length }] })
  const keyboard = (button: object) => ({ reply_markup: { inline_keyboard: [[{ text: 'x', ...button }]] } })
  test.each<[string, string, object, string]>([
    ['empty text', '', {}, 'message text is empty'],
    ['blank text', ' \n\t', {}, 'text must be non-empty'],
    ['nothing in the markup', '<b></b>', html, 'text must be non-empty'],
    ['raw text over 32768 bytes', 'é'.repeat(16_385), {}, 'text is too long'],
    ['unknown parse mode', 'x', { parse_mode: 'XML' }, 'unsupported parse_mode'],
    ['HTML', 'a < 5', html, 'can\'t parse entities: Unsupported start tag "" at byte offset 2'],
    ['lone surrogate', 'x\ud83d', {}, 'strings must be encoded in UTF-8'],
    ['lone surrogate in HTML', 'x\ud83d', html, 'text must be encoded in UTF-8'],
    [
      'entity of an unknown type',
      'x',
      entity('sparkle', 0, 1),
      "can't parse MessageEntity: Unsupported type specified",
    ],
    ['entity that is none', 'x', { entities: ['x'] }, "can't parse MessageEntity: expected an Object"],
    ['entity without a type', 'x', { entities: [{}] }, `can't parse MessageEntity: Can't find field "type"`],
    ['entity behind the end', 'x', entity('pre', 9, 1), 'entity begins after the end of the text at UTF-16 offset 9'],
    [
      'entity too long',
      'aba caba',
      entity('pre', 3, 6),
      'entity beginning at UTF-16 offset 3 ends after the end of the text at UTF-16 offset 9',
    ],
    [
      'entity from half a character',
      '🔴 x',
      entity('pre', 1, 2),
      'entity begins in a middle of a UTF-16 symbol at byte offset 4',
    ],
    [
      'entity to half a character',
      '🔴 x',
      entity('pre', 0, 1),
      'entity beginning at UTF-16 offset 0 ends in a middle of a UTF-16 symbol at byte offset 4',
    ],
    ['4097 code points', '😀'.repeat(4097), {}, 'message is too long'],
    ['no chat', 'x', { chat_id: '' }, 'chat_id is empty'],
    ['unknown chat', 'x', { chat_id: 77 }, 'chat not found'],
    ['unknown name', 'x', { chat_id: '@nobody' }, 'chat not found'],
    ['unknown thread', 'x', { message_thread_id: 9 }, 'message thread not found'],
    ['General by its number', 'x', { message_thread_id: 1 }, 'message thread not found'],
    [
      'button without a dot',
      'x',
      keyboard({ url: 'http://grafana:3000' }),
      "inline keyboard button URL 'http://grafana:3000' is invalid: Wrong HTTP URL",
    ],
    [
      'button that does nothing',
      'x',
      keyboard({}),
      "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard",
    ],
    ['callback data of 65 bytes', 'x', keyboard({ callback_data: `${'é'.repeat(32)}x` }), 'BUTTON_DATA_INVALID'],
    [
      'copied text of 257 characters',
      'x',
      keyboard({ copy_text: { text: 'x'.repeat(257) } }),
      'BUTTON_COPY_TEXT_INVALID',
    ],
    [
      'a parse error wins over an unknown chat',
      '<b',
      { ...html, chat_id: 77 },
      "can't parse entities: Unclosed start tag at byte offset 0",
    ],
  ])('%s', async (_name, text, more, why) => {
    const emulator = await start()
    const reply = await send(emulator, text, more)
    expect(reply).toEqual({ status: 400, ok: false, error_code: 400, description: `Bad Request: ${why}` })
    expect(emulator.messages()).toEqual([])
    expect(emulator.journal).toMatchObject([{ status: 400, accepted: false, description: `Bad Request: ${why}` }])
  })

  test('accepts 4096 code points, counted after parsing', async () => {
    const emulator = await start()
    expect((await send(emulator, '😀'.repeat(4096))).ok).toBe(true)
    expect((await send(emulator, `<b>${'&amp;'.repeat(4096)}</b>`, html)).ok).toBe(true)
  })

  test.each<[string, object, string]>([
    ['gone', { message_id: 9, text: 'x' }, 'message to edit not found'],
    ['too long', { message_id: 1, text: 'x'.repeat(4097) }, 'MESSAGE_TOO_LONG'],
    [
      'the same',
      { message_id: 1, text: ' hello ' },
      'message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message',
    ],
  ])('an edit of a message that is %s', async (_name, edit, why) => {
    const emulator = await start()
    await send(emulator)
    const reply = await call(emulator, 'editMessageText', { chat_id: chat, ...edit })
    expect(reply).toMatchObject({ status: 400, description: `Bad Request: ${why}` })
  })

  test.each<[Partial<ChatSetup>, number, string]>([
    [{ state: 'kicked' }, 403, 'Forbidden: bot was kicked from the supergroup chat'],
    [{ state: 'not a member', type: 'channel' }, 403, 'Forbidden: bot is not a member of the channel chat'],
    [{ state: 'blocked', type: 'private' }, 403, 'Forbidden: bot was blocked by the user'],
    [{ state: 'no rights' }, 400, 'Bad Request: not enough rights to send text messages to the chat'],
    [{ threads: { 42: { title: 'x', state: 'closed' } } }, 400, 'Bad Request: TOPIC_CLOSED'],
    [{ threads: { 42: { title: 'x', state: 'deleted' } } }, 400, 'Bad Request: message thread not found'],
  ])('a chat that is %j', async (setup, status, description) => {
    const emulator = await start()
    Object.assign(emulator.chats.get(chat)?.setup ?? {}, setup)
    expect(await send(emulator, 'x', { message_thread_id: 42 })).toMatchObject({ status, description })
  })

  test('an upgraded group answers with its new id', async () => {
    const emulator = await start({ chats: [{ id: -7, type: 'group', title: 'Ops', migratedTo: -1007 }] })
    const description = 'Bad Request: group chat was upgraded to a supergroup chat'
    const reply = await send(emulator, 'x', { chat_id: -7 })
    expect(reply).toMatchObject({ status: 400, description, parameters: { migrate_to_chat_id: -1007 } })
    expect((await send(emulator, 'x', { chat_id: -1007 })).result).toMatchObject({
      chat: { type: 'supergroup', title: 'Ops' },
    })
  })

  test.each<[string, string, number, string]>([
    ['/nothing', '', 404, 'Not Found'],
    ['/bot123456789:emulator-token-for-demo-and-tests/sendPhoto', '', 404, 'Not Found: method not found'],
    ['/bot1:other/getMe', '', 401, 'Unauthorized'],
    ['/bottoken/getMe', '', 401, 'Unauthorized: invalid token specified'],
  ])('%s', async (path, body, status, description) => {
    const emulator = await start()
    const response = await fetch(emulator.apiRoot + path, { method: 'POST', body })
    expect(await response.json()).toEqual({ ok: false, error_code: status, description })
    expect(response.status).toBe(status)
  })
})
