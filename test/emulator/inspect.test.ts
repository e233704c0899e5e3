import { describe, expect, test } from 'vitest'
import type { ChatSetup } from '../../lib/emulator/chats.ts'
import { call, chat, send, start } from './call.ts'

const bot = 123456789
const group: ChatSetup = { id: chat, type: 'group', title: 'Ops' }
const supergroup: ChatSetup = { ...group, type: 'supergroup' }
const channel: ChatSetup = { ...group, type: 'channel' }
const person: ChatSetup = { id: chat, type: 'private', title: 'Ann' }

const kicked = 'Forbidden: bot was kicked from the TYPE chat'
const out = 'Forbidden: bot is not a member of the TYPE chat'

// Client.cpp, check_chat_access: what can be seen of a chat that takes no message.
describe('getChat and getChatMember of a chat that refuses messages', () => {
  const found = 'found'
  test.each<[string, ChatSetup, string, string]>([
    ['a group the bot was kicked from', { ...group, state: 'kicked' }, found, kicked],
    ['a group it has left', { ...group, state: 'not a member' }, found, out],
    ['a group that is gone', { ...group, state: 'deleted' }, found, 'Forbidden: the group chat was deleted'],
    [
      'a group that was upgraded',
      { ...group, migratedTo: -1007 },
      found,
      'Bad Request: group chat was upgraded to a supergroup chat',
    ],
    ['a group where it may not write', { ...group, state: 'no rights' }, found, found],
    ['a supergroup it was kicked from', { ...supergroup, state: 'kicked' }, kicked, kicked],
    ['a supergroup it is not in', { ...supergroup, state: 'not a member' }, out, out],
    ['a public one it is not in', { ...supergroup, state: 'not a member', username: '@ops' }, found, found],
    ['a public one it was kicked from', { ...supergroup, state: 'kicked', username: '@ops' }, kicked, kicked],
    ['a channel where it may not post', { ...channel, state: 'not admin' }, found, found],
    ['somebody who blocked it', { ...person, state: 'blocked' }, found, found],
    [
      'somebody who never wrote to it',
      { ...person, state: 'never started' },
      'Bad Request: chat not found',
      'Bad Request: chat not found',
    ],
  ])('%s', async (_name, setup, getChat, getChatMember) => {
    const emulator = await start({ chats: [setup] })
    const told = async (method: string, more: object = {}) => {
      const { ok, description } = await call(emulator, method, { chat_id: chat, ...more })
      return ok ? found : description
    }
    const named = (text: string) => text.replace('TYPE', setup.type)
    expect(await told('getChat')).toBe(named(getChat))
    expect(await told('getChatMember', { user_id: bot })).toBe(named(getChatMember))
    expect((await send(emulator)).ok).toBe(false)
  })
})

describe('rights', () => {
  test.each<[string, ChatSetup, object]>([
    ['a member', supergroup, { status: 'member' }],
    ['an administrator', { ...supergroup, bot: 'administrator' }, { status: 'administrator', can_manage_chat: true }],
    ['one of a channel', channel, { status: 'administrator', can_post_messages: true }],
    [
      'one of a channel who may not post',
      { ...channel, state: 'not admin' },
      { status: 'administrator', can_post_messages: false },
    ],
    [
      'restricted',
      { ...supergroup, bot: 'restricted', state: 'no rights' },
      { status: 'restricted', can_send_messages: false, is_member: true },
    ],
    ['out', { ...supergroup, state: 'not a member', username: '@ops' }, { status: 'left' }],
  ])('%s', async (_name, setup, member) => {
    const emulator = await start({ chats: [setup] })
    const { result } = await call(emulator, 'getChatMember', { chat_id: chat, user_id: bot })
    expect(result).toMatchObject({ user: { id: bot, is_bot: true }, ...member })
  })

  test.each<[ChatSetup, object]>([
    [group, { permissions: { can_send_messages: true } }],
    [
      { ...supergroup, state: 'no rights', slowModeSeconds: 30 },
      { permissions: { can_send_messages: false }, slow_mode_delay: 30 },
    ],
    [{ ...supergroup, bot: 'restricted', state: 'no rights' }, { permissions: { can_send_messages: true } }],
  ])('of the members of %j', async (setup, more) => {
    const emulator = await start({ chats: [setup] })
    expect((await call(emulator, 'getChat', { chat_id: chat })).result).toMatchObject(more)
  })

  test('there are no threads in channels and private chats', async () => {
    for (const setup of [channel, person]) {
      const emulator = await start({ chats: [setup] })
      expect((await call(emulator, 'getChat', { chat_id: chat })).result).not.toHaveProperty('permissions')
    }
  })
})

test('an upgraded group answers requests for its members with its new id', async () => {
  const emulator = await start({ chats: [{ ...group, migratedTo: -1007 }] })
  const { parameters } = await call(emulator, 'getChatMember', { chat_id: chat, user_id: bot })
  expect(parameters).toEqual({ migrate_to_chat_id: -1007 })
})

test.each<[object, string]>([
  [{ user_id: 5 }, 'Bad Request: user not found'],
  [{ user_id: 'me' }, 'Bad Request: invalid user_id specified'],
  [{}, 'Bad Request: invalid user_id specified'],
  [{ chat_id: -9, user_id: bot }, 'Bad Request: chat not found'],
  [{ chat_id: '', user_id: bot }, 'Bad Request: chat_id is empty'],
])('getChatMember with %j', async (parameters, description) => {
  const emulator = await start()
  const reply = await call(emulator, 'getChatMember', { chat_id: chat, ...parameters })
  expect(reply).toMatchObject({ status: 400, description })
})
