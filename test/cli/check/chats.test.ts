import { expect, test } from 'vitest'
import type { ChatSetup } from '../../../lib/emulator/chats.ts'
import { cli } from '../spawn.ts'
import { fileOf, type Output, supergroup, withEmulator } from './bot.ts'

test.each<[string, ChatSetup | undefined, string, string, string]>([
  [
    'a group that was upgraded',
    { id: -123, type: 'group', title: 'Ops', migratedTo: -100456 },
    '-123',
    'the group was upgraded to a supergroup and has a new id',
    'replace -123 with -100456 in targets.oncall',
  ],
  [
    'an unknown id',
    undefined,
    '-1009',
    'the chat id is wrong, or the bot was never in the chat',
    'add @emulator_bot to the chat, or correct -1009 in targets.oncall',
  ],
  [
    'an id without -100',
    undefined,
    '-1234567891',
    'the chat id is wrong, or the bot was never in the chat',
    'ids of supergroups and channels begin with -100',
  ],
  ['an unknown name', undefined, "'@nobody'", 'no public group or channel is named @nobody', 'targets.oncall'],
  [
    'a person who never started the bot',
    { id: 7, type: 'private', title: 'Ann', state: 'never started' },
    '7',
    'the id is wrong, or this person has never started the bot',
    'they must open @emulator_bot and press Start',
  ],
  [
    'kicked from a group',
    { id: -5, type: 'group', title: 'Ops', state: 'kicked' },
    '-5',
    'the bot was kicked from the group',
    'remove @emulator_bot from the removed users',
  ],
  [
    'kicked from a channel',
    { id: -5, type: 'channel', title: 'Ops', state: 'kicked' },
    '-5',
    'the bot was kicked from the channel',
    'then add it to the channel again',
  ],
  [
    'not in a supergroup',
    { id: -5, type: 'supergroup', title: 'Ops', state: 'not a member' },
    '-5',
    'the bot is not in the group',
    'add @emulator_bot to the group',
  ],
  [
    'not in a public one',
    { id: -5, type: 'supergroup', title: 'Ops', state: 'not a member', username: '@ops_chat' },
    "'@ops_chat'",
    'the bot is not in the group',
    'add @emulator_bot to the group',
  ],
  [
    'not in a channel',
    { id: -5, type: 'channel', title: 'Ops', state: 'not a member' },
    '-5',
    'the bot is not in the channel',
    'as an administrator with the right to post messages',
  ],
  [
    'a deleted group',
    { id: -5, type: 'group', title: 'Ops', state: 'deleted' },
    '-5',
    'was deleted',
    'replace the chat in targets.oncall',
  ],
  [
    'a channel where it may not post',
    { id: -5, type: 'channel', title: 'Ops', state: 'not admin' },
    '-5',
    'the bot may not post in the channel',
    'make @emulator_bot an administrator with the right to post messages',
  ],
  [
    'a group where nobody may write',
    { id: -5, type: 'supergroup', title: 'Ops', state: 'no rights' },
    '-5',
    'members are not allowed to send messages',
    "or let members send messages (the group's settings, Permissions)",
  ],
  [
    'a restricted bot',
    { id: -5, type: 'supergroup', title: 'Ops', state: 'no rights', bot: 'restricted' },
    '-5',
    'the bot is restricted and may not write',
    'remove the restriction of @emulator_bot',
  ],
  [
    'a thread in a group without topics',
    { id: -5, type: 'supergroup', title: 'Ops' },
    '-5:42',
    'thread 42 does not exist: the group has no topics',
    'or remove “:42” from targets.oncall',
  ],
  [
    'a thread in a channel',
    { id: -5, type: 'channel', title: 'Ops' },
    '-5:42',
    'thread 42 does not exist: channels have no threads',
    'remove “:42” from targets.oncall',
  ],
])('%s', async (_name, setup, target, says, advice) => {
  const { emulator, env } = await withEmulator([supergroup, ...(setup ? [setup] : [])])
  const file = fileOf(`targets: { oncall: ${target} }\nroutes: [{ to: oncall }]`)
  const { code, stdout } = await cli(['check', file, '--telegram', '--json'], env)
  const found = (JSON.parse(stdout) as Output).telegram.filter(({ level }) => level === 'problem')
  expect(found).toEqual([expect.objectContaining({ targets: ['oncall'] })])
  expect(found[0]?.says).toContain(says)
  expect(found[0]?.advice).toContain(advice)
  expect(code).toBe(1)
  expect(emulator.journal.filter(({ method }) => /^send/i.test(method))).toEqual([])
})
