import { afterEach, describe, expect, test } from 'vitest'
import type { ChatSetup } from '../../lib/standin/chats.ts'
import type { Fault } from '../../lib/standin/faults.ts'
import { type Standin, type StandinOptions, startStandin } from '../../lib/standin/server.ts'
import { leapingClock } from './clock.ts'

const chat = -1001234567890
const running: Standin[] = []

afterEach(async () => {
  await Promise.all(running.splice(0).map((standin) => standin.close()))
})

async function start(options: StandinOptions = {}): Promise<Standin> {
  const standin = await startStandin({ clock: leapingClock(), ...options })
  running.push(standin)
  return standin
}

interface Reply {
  status: number
  ok: boolean
  result: Record<string, unknown>
  description: string
  parameters?: Record<string, unknown>
}

async function call(standin: Standin, method: string, parameters: object = {}, token = standin.token): Promise<Reply> {
  const body = JSON.stringify(parameters)
  const headers = { 'content-type': 'application/json' }
  const response = await fetch(`${standin.apiRoot}/bot${token}/${method}`, { method: 'POST', headers, body })
  return { status: response.status, ...((await response.json()) as Omit<Reply, 'status'>) }
}

const send = (standin: Standin, text = 'hello', more: object = {}) =>
  call(standin, 'sendMessage', { chat_id: chat, text, ...more })

describe('methods', () => {
  test('getMe and getChat', async () => {
    const standin = await start()
    expect((await call(standin, 'getMe')).result).toMatchObject({
      id: 123456789,
      is_bot: true,
      username: 'standin_bot',
    })
    expect((await call(standin, 'GETCHAT', { chat_id: `${chat}` })).result).toMatchObject({
      id: chat,
      title: 'Cluster alerts',
      is_forum: true,
    })
  })

  test('send, edit, delete', async () => {
    const clock = leapingClock()
    const standin = await start({ clock })
    const keyboard = { inline_keyboard: [[{ text: 'Mute', callback_data: 'm:1' }]] }
    const sent = await send(standin, ' <b>é😀</b>\r\n\u0001', {
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
    expect(standin.messages(chat)).toEqual([
      {
        id: 1,
        chatId: chat,
        threadId: 42,
        date: 1_700_000_000_000,
        text: 'é😀',
        entities: [{ type: 'bold', offset: 0, length: 3 }],
        isSilent: true,
        linkPreviewDisabled: true,
        replyMarkup: keyboard,
      },
    ])
    clock.leap(5_000)
    const edited = await call(standin, 'editMessageText', { chat_id: chat, message_id: 1, text: 'new' })
    expect(edited.result).toMatchObject({ message_id: 1, text: 'new', edit_date: 1_700_000_005 })
    expect(standin.messages()).toMatchObject([{ text: 'new', replyMarkup: undefined, editedAt: 1_700_000_005_000 }])
    expect(await call(standin, 'deleteMessage', { chat_id: chat, message_id: 1 })).toMatchObject({
      ok: true,
      result: true,
    })
    expect(standin.messages()).toEqual([])
    expect(standin.journal.map(({ method, accepted }) => [method, accepted])).toEqual([
      ['sendMessage', true],
      ['editMessageText', true],
      ['deleteMessage', true],
    ])
  })

  test('a form, a query and @username do as well', async () => {
    const standin = await start({ chats: [{ id: -5, type: 'channel', title: 'Ops', username: '@ops' }] })
    const url = `${standin.apiRoot}/bot${standin.token}/sendMessage`
    const body = new URLSearchParams({ chat_id: '@OPS', text: 'form' })
    expect((await fetch(url, { method: 'POST', body })).status).toBe(200)
    expect((await fetch(`${url}?chat_id=@ops&text=query`)).status).toBe(200)
    expect(standin.messages(-5).map(({ text }) => text)).toEqual(['form', 'query'])
  })
})

describe('refusals', () => {
  const html = { parse_mode: 'HTML' }
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
    const standin = await start()
    const reply = await send(standin, text, more)
    expect(reply).toEqual({ status: 400, ok: false, error_code: 400, description: `Bad Request: ${why}` })
    expect(standin.messages()).toEqual([])
    expect(standin.journal).toMatchObject([{ status: 400, accepted: false, description: `Bad Request: ${why}` }])
  })

  test('4096 code points of 8192 units, and what fits only after parsing', async () => {
    const standin = await start()
    expect((await send(standin, '😀'.repeat(4096))).ok).toBe(true)
    expect((await send(standin, `<b>${'&amp;'.repeat(4096)}</b>`, html)).ok).toBe(true)
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
    const standin = await start()
    await send(standin)
    const reply = await call(standin, 'editMessageText', { chat_id: chat, ...edit })
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
    const standin = await start()
    Object.assign(standin.chats.get(chat)?.setup ?? {}, setup)
    expect(await send(standin, 'x', { message_thread_id: 42 })).toMatchObject({ status, description })
  })

  test('a group that was upgraded, and its new id', async () => {
    const standin = await start({ chats: [{ id: -7, type: 'group', title: 'Ops', migratedTo: -1007 }] })
    const description = 'Bad Request: group chat was upgraded to a supergroup chat'
    const reply = await send(standin, 'x', { chat_id: -7 })
    expect(reply).toMatchObject({ status: 400, description, parameters: { migrate_to_chat_id: -1007 } })
    expect((await send(standin, 'x', { chat_id: -1007 })).result).toMatchObject({
      chat: { type: 'supergroup', title: 'Ops' },
    })
  })

  test.each<[string, string, number, string]>([
    ['/nothing', '', 404, 'Not Found'],
    ['/bot123456789:stand-in-token-for-demo-and-tests/sendPhoto', '', 404, 'Not Found: method not found'],
    ['/bot1:other/getMe', '', 401, 'Unauthorized'],
    ['/bottoken/getMe', '', 401, 'Unauthorized: invalid token specified'],
  ])('%s', async (path, body, status, description) => {
    const standin = await start()
    const response = await fetch(standin.apiRoot + path, { method: 'POST', body })
    expect(await response.json()).toEqual({ ok: false, error_code: status, description })
    expect(response.status).toBe(status)
  })
})

describe('pacing', () => {
  test('20 in a minute to a group, edits included; the next is held up to 8 s, else refused', async () => {
    const clock = leapingClock()
    const standin = await start({ clock })
    for (let n = 0; n < 19; n++) await send(standin, `${n}`)
    await call(standin, 'editMessageText', { chat_id: chat, message_id: 1, text: 'edited' })
    clock.leap(51_500)
    const refused = await send(standin)
    expect(refused).toMatchObject({
      status: 429,
      description: 'Too Many Requests: retry after 9',
      parameters: { retry_after: 9 },
    })
    clock.leap(1_000)
    expect((await send(standin)).ok).toBe(true)
    expect(clock.slept).toEqual([7_500])
    expect(standin.journal.filter(({ accepted }) => accepted)).toHaveLength(21)
  })

  test('the header says it too', async () => {
    const standin = await start()
    standin.inject({ kind: 'too many requests', retryAfter: 7 })
    const response = await fetch(`${standin.apiRoot}/bot${standin.token}/sendMessage?chat_id=${chat}&text=x`)
    expect(response.headers.get('retry-after')).toBe('7')
  })

  test('a private chat takes short bursts of about one a second', async () => {
    const clock = leapingClock()
    const standin = await start({ clock, chats: [{ id: 5, type: 'private', title: 'Ann' }] })
    for (let n = 0; n < 6; n++) await send(standin, `${n}`, { chat_id: 5 })
    expect(clock.slept).toEqual([5_000])
  })

  test('none, where it is switched off', async () => {
    const standin = await start({ isPaced: false })
    await Promise.all(Array.from({ length: 30 }, (_, n) => send(standin, `${n}`)))
    expect(standin.messages()).toHaveLength(30)
    expect(standin.mostInFlight(chat)).toBeGreaterThan(1)
    expect(standin.inFlight()).toBe(0)
  })
})

describe('faults', () => {
  const raw = (standin: Standin, text = 'hello') =>
    fetch(`${standin.apiRoot}/bot${standin.token}/sendMessage`, {
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
    const standin = await start()
    standin.inject(fault)
    const response = await raw(standin)
    expect(response.status).toBe(status)
    expect(await response.text()).toContain(body)
    expect(standin.messages()).toHaveLength(isAccepted ? 1 : 0)
    expect(standin.journal).toMatchObject([{ status, accepted: isAccepted }])
    expect((await raw(standin)).status).toBe(200)
  })

  test.each([true, false])('a reset, accepted: %s', async (isAccepted) => {
    const standin = await start()
    standin.inject({ kind: 'reset', isAccepted })
    await expect(raw(standin)).rejects.toThrow()
    expect(standin.messages()).toHaveLength(isAccepted ? 1 : 0)
    expect(standin.journal).toMatchObject([{ status: 'reset', accepted: isAccepted }])
  })

  test.each([true, false])('no answer at all, accepted: %s', async (isAccepted) => {
    const standin = await start()
    standin.inject({ kind: 'slow', milliseconds: Infinity, isAccepted })
    const asking = raw(standin)
    const refused = expect(asking).rejects.toThrow()
    await expect.poll(() => standin.journal[0]?.accepted).toBe(isAccepted)
    expect(standin.journal).toMatchObject([{ status: 'pending', endedAt: Infinity }])
    expect(standin.inFlight()).toBe(1)
    await standin.close()
    running.splice(0)
    await refused
    expect(standin.messages()).toHaveLength(isAccepted ? 1 : 0)
  })

  test('a cool-down answers every request to the chat with what is left', async () => {
    const clock = leapingClock()
    const standin = await start({ clock })
    standin.inject({ kind: 'too many requests', retryAfter: 30, chatId: chat })
    await send(standin)
    clock.leap(10_500)
    expect(await send(standin)).toMatchObject({ status: 429, parameters: { retry_after: 20 } })
    clock.leap(19_500)
    expect((await send(standin)).ok).toBe(true)
    expect(standin.journal.map(({ status }) => status)).toEqual([429, 429, 200])
  })

  test('by method, text and number', async () => {
    const standin = await start()
    standin.inject({ kind: 'internal error', method: 'sendMessage', text: /pod/g, skip: 1, times: 2 })
    const statuses: number[] = []
    for (const text of ['pod 1', 'node', 'pod 2', 'pod 3', 'pod 4']) statuses.push((await send(standin, text)).status)
    expect(statuses).toEqual([200, 200, 500, 500, 200])
  })
})
