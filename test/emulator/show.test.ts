import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Chat, ChatMessage } from '../../lib/emulator/chats.ts'
import { renderPage } from '../../lib/emulator/view/page.ts'
import { renderTerminal } from '../../lib/emulator/view/terminal.ts'

const formatTime = (milliseconds: number) => `t${milliseconds}`
const formatDay = () => 'Today'
const times = { formatTime, formatDay }

function chatOf(...messages: Partial<ChatMessage>[]): Chat {
  const plain = { chatId: -1, date: 5, text: 'x', entities: [], isSilent: false, linkPreviewDisabled: true }
  const setup: Chat['setup'] = {
    id: -1,
    type: 'supergroup',
    title: 'Ops',
    threads: { 42: { title: 'Warnings', state: 'open' } },
  }
  return {
    setup,
    messages: messages.map((message, index) => withRevisions({ id: index + 1, ...plain, ...message })),
    nextMessageId: 1,
  }
}

/** As sent, and as edited where it was. */
function withRevisions(message: Omit<ChatMessage, 'revisions'> & Partial<ChatMessage>): ChatMessage {
  const { text, entities, replyMarkup, date, editedAt } = message
  const last = { at: editedAt ?? date, text, entities, replyMarkup }
  const before = editedAt === undefined ? [] : [{ at: date, text: 'before', entities: [] }]
  return { revisions: [...before, last], ...message }
}

const alert: Partial<ChatMessage> = {
  threadId: 42,
  editedAt: 9,
  isSilent: true,
  text: 'pod 日本 down\nquoted\nlink',
  entities: [
    { type: 'bold', offset: 0, length: 3 },
    { type: 'code', offset: 4, length: 2 },
    { type: 'blockquote', offset: 12, length: 6 },
    { type: 'text_link', offset: 19, length: 4, url: 'https://a.b/' },
  ],
  replyMarkup: {
    inline_keyboard: [
      [
        { text: 'Logs', url: 'https://a.b/' },
        { text: 'Mute', callback_data: 'm' },
      ],
    ],
  },
}

describe('renderPage', () => {
  test('shows what Telegram shows', () => {
    const html = renderPage({ chats: [chatOf(alert)], ...times })
    expect(html).toContain(
      '<b>pod</b> <code>日本</code> down<blockquote>quoted</blockquote><a href="https://a.b/" target',
    )
    for (const part of ['# Warnings', '>edited<', '🔕', '<time>t5</time>', 'Today', 'Logs<sup>↗</sup>', '>Mute<'])
      expect(html).toContain(part)
  })

  test('escapes every text', () => {
    const evil = `<img src=x onerror="alert('1')">`
    const chat = chatOf({ text: evil, threadId: 42, replyMarkup: { inline_keyboard: [[{ text: evil, url: evil }]] } })
    chat.setup.title = evil
    chat.setup.threads = { 42: { title: evil, state: 'open' } }
    const link = chatOf({ entities: [{ type: 'text_link', offset: 0, length: 1, url: 'javascript:alert(1)' }] })
    const code = chatOf({ entities: [{ type: 'pre', offset: 0, length: 1, language: evil }] })
    const html = renderPage({
      title: evil,
      chats: [chat, link, code],
      botName: evil,
      formatTime: () => evil,
      formatDay: () => evil,
    })
    expect(html).not.toContain('<img')
    expect(html).not.toContain('javascript:')
    expect(html).not.toMatch(/(src|href)="?(?!")(https?:)?\/\//)
  })
})

describe('renderTerminal', () => {
  test('plain', () => {
    expect(renderTerminal([chatOf(alert)], { width: 30, ...times })).toMatchInlineSnapshot(`
      "Ops (forum)

      ─────────── Today ───────────

      ▌ kube-eventer  # Warnings
      ▌ pod 日本 down
      ▌ ┃ quoted
      ▌ link (https://a.b/)
      ▌ [ Logs ] [ Mute ]
      ▌ t5 · edited t9 · silent
      "
    `)
  })

  test('in colour', () => {
    const lines = renderTerminal([chatOf(alert)], { hasColor: true, ...times }).split('\n')
    expect(lines.find((line) => line.includes('pod'))).toBe(
      '\x1b[36m▌\x1b[39m \x1b[1mpod\x1b[22m \x1b[33m日本\x1b[39m down',
    )
  })

  test.each([
    ['at spaces', 'aaaaaaaaaaaa bbbbbbbbbbbb', ['aaaaaaaaaaaa', 'bbbbbbbbbbbb']],
    ['where there are none', 'a'.repeat(30), ['a'.repeat(22), 'a'.repeat(8)]],
    ['wide characters by columns', '日'.repeat(12), ['日'.repeat(11), '日']],
    ['a family as one character', '👨‍👩‍👧'.repeat(12), ['👨‍👩‍👧'.repeat(11), '👨‍👩‍👧']],
  ])('wraps %s', (_name, text, expected) => {
    const lines = renderTerminal([chatOf({ text })], { width: 24, ...times }).split('\n')
    expect(lines.slice(5, -2)).toEqual(expected.map((line) => `▌ ${line}`))
  })

  test('removes control characters from any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.integer({ min: 1, max: 60 }), (text, width) => {
        const evil = `\x1b[2J${text}\x9b1m\u202e`
        const chat = chatOf({
          text: evil,
          threadId: 42,
          replyMarkup: { inline_keyboard: [[{ text: evil, callback_data: 'x' }]] },
        })
        chat.setup.title = evil
        chat.setup.threads = { 42: { title: evil, state: 'open' } }
        const output = renderTerminal([chat], { width, ...times })
        expect(output.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/u)
      }),
    )
  })
})
