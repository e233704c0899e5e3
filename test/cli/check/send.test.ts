import { describe, expect, test } from 'vitest'
import type { ChatSetup } from '../../../lib/emulator/chats.ts'
import { cli } from '../spawn.ts'
import { chat, fileOf, forum, type Output, supergroup, withEmulator } from './bot.ts'

describe('--send-test', () => {
  test('sends one silent message to each target, which names the target', async () => {
    const { emulator, env } = await withEmulator([forum])
    const file = fileOf('targets: { oncall: -1001234567890:42 }\nroutes: [{ to: oncall }]')
    const { code, stdout } = await cli(['check', file, '--send-test', '--json'], env)
    expect(code).toBe(0)
    const sent = (JSON.parse(stdout) as Output).telegram.filter(({ about }) => about === 'test message')
    expect(sent).toMatchObject([
      { level: 'fine', targets: ['the default'], messageId: 1, advice: null },
      {
        level: 'fine',
        targets: ['oncall'],
        messageId: 2,
        says: 'test message 2 was sent to thread 42 without a sound',
      },
    ])
    expect(emulator.messages().map(({ text, threadId, isSilent }) => ({ text, threadId, isSilent }))).toEqual([
      {
        text: 'Test message of kube-eventer-telegram: events for the default target arrive here. Nothing has happened in the cluster.',
        threadId: undefined,
        isSilent: true,
      },
      {
        text: 'Test message of kube-eventer-telegram: events for target oncall arrive here. Nothing has happened in the cluster.',
        threadId: 42,
        isSilent: true,
      },
    ])
  })

  test.each<[string, string, ChatSetup[], string, string | null]>([
    [
      'a deleted thread',
      `${chat}:43`,
      [forum],
      'thread 43 does not exist',
      'correct targets.oncall; the link to a topic ends with its number',
    ],
    [
      'a closed thread',
      `${chat}:44`,
      [forum],
      'thread 44 is closed',
      'reopen it, or make @emulator_bot an administrator',
    ],
    [
      'a person who blocked the bot',
      '7',
      [forum, { id: 7, type: 'private', title: 'Ann', state: 'blocked' }],
      'this person has blocked the bot',
      'they must unblock @emulator_bot',
    ],
    // The advice was printed with the chat.
    [
      'a channel where it may not post',
      '-5',
      [forum, { id: -5, type: 'channel', title: 'News', state: 'not admin' }],
      'the bot may not post in the channel',
      null,
    ],
  ])('%s', async (_name, target, chats, says, advice) => {
    const { env } = await withEmulator(chats)
    const file = fileOf(`targets: { oncall: ${target} }\nroutes: [{ to: oncall }]`)
    const { code, stdout } = await cli(['check', file, '--send-test', '--json'], env)
    const told = (JSON.parse(stdout) as Output).telegram.filter(({ about }) => about === 'test message')
    expect(told).toMatchObject([{ level: 'fine' }, { level: 'problem', targets: ['oncall'] }])
    expect(told[1]?.says).toContain(`the test message failed: ${says}`)
    if (advice === null) expect(told[1]?.advice).toBeNull()
    else expect(told[1]?.advice).toContain(advice)
    expect(code).toBe(1)
  })

  test('an unknown refusal, and a lost answer', async () => {
    const body = { ok: false, error_code: 400, description: 'Bad Request: STRANGE_THING' }
    const { env } = await withEmulator([supergroup], [{ kind: 'answer', status: 400, body, method: 'sendMessage' }])
    const { code, stdout } = await cli(['check', '--send-test'], env)
    expect(stdout).toContain('the test message failed: Telegram answers: Bad Request: STRANGE_THING')
    expect(code).toBe(1)
    const lost = await withEmulator([supergroup], [{ kind: 'reset', isAccepted: true, method: 'sendMessage' }])
    const { stdout: unsure } = await cli(['check', '--send-test', '--json'], lost.env)
    expect((JSON.parse(unsure) as Output).telegram.at(-1)?.says).toContain('the test message may have been sent anyway')
  })
})
