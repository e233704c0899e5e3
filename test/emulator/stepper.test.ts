import { Script } from 'node:vm'
import { describe, expect, test } from 'vitest'
import type { Chat, ChatMessage } from '../../lib/emulator/chats.ts'
import { renderPage } from '../../lib/emulator/view/page.ts'
import { chatMoments } from '../../lib/emulator/view/stepper.ts'

const times = {
  formatTime: (milliseconds: number) => `t${milliseconds}`,
  formatMoment: (milliseconds: number) => `m${milliseconds}`,
  formatDay: () => 'Today',
}

/** A message that reads these texts at these times. */
function message(id: number, texts: Record<number, string>, more: Partial<ChatMessage> = {}): ChatMessage {
  const revisions = Object.entries(texts).map(([at, text]) => ({ at: Number(at), text, entities: [] }))
  const first = revisions[0]?.at ?? 0
  const last = revisions.at(-1)
  return {
    id,
    chatId: -1,
    date: first,
    ...(revisions.length > 1 && last ? { editedAt: last.at } : {}),
    text: last?.text ?? '',
    entities: [],
    isSilent: false,
    linkPreviewDisabled: true,
    revisions,
    ...more,
  }
}

const chatOf = (...messages: ChatMessage[]): Chat => ({
  setup: { id: -1, type: 'supergroup', title: 'Ops' },
  messages,
  nextMessageId: 9,
})

const crash = message(1, { 5: 'crash ×1', 20: 'crash ×2', 40: 'crash ×9\nin 3 pods' })
const pull = message(2, { 5: 'pull' })
const again = message(3, { 40: 'crash again' }, { replyToId: 1 })
const page = (...messages: ChatMessage[]) => renderPage({ chats: [chatOf(...messages)], ...times })
const withoutTemplates = (html: string) => html.replace(/<template>.*?<\/template>/gs, '')

describe('chatMoments', () => {
  test('has all times of sends and edits in all chats', () => {
    expect(chatMoments([chatOf(crash, pull, again), chatOf(message(1, { 30: 'x' }))])).toEqual([
      { at: 5, sent: 2, edited: 0 },
      { at: 20, sent: 0, edited: 1 },
      { at: 30, sent: 1, edited: 0 },
      { at: 40, sent: 1, edited: 1 },
    ])
  })
})

describe('the stepper', () => {
  test.each<[string, ChatMessage[]]>([
    ['no message', []],
    ['one moment', [pull, message(3, { 5: 'too' })]],
  ])('is not there for %s', (_name, messages) => {
    expect(page(...messages)).not.toMatch(/stepper|template/)
  })

  test('has the time and the changes of each moment', () => {
    const html = page(crash, pull, again)
    const [, moments = ''] = /data-moments="([^"]*)"/.exec(html) ?? []
    const plain = moments.replace(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)))
    expect(JSON.parse(plain)).toEqual([
      ['m5', '2 new'],
      ['m20', '1 edited'],
      ['m40', '1 new, 1 edited'],
    ])
    expect(html).toContain('<input type="range" min="0" max="2" step="1" value="2"')
  })

  test('without JavaScript the page shows the end, and no bar', () => {
    const html = withoutTemplates(page(crash, pull, again))
    expect(html.match(/<div class="text">[^<]*/g)).toEqual([
      '<div class="text">crash ×9\nin 3 pods',
      '<div class="text">pull',
      '<div class="text">crash again',
    ])
    expect(html).toMatch(/<nav id="stepper"[^>]* hidden>/)
    expect(html).not.toMatch(/<article[^>]*hidden/)
  })

  test('each revision has its moment', () => {
    const html = page(crash, pull, again)
    const steps = [...html.matchAll(/data-step="(\d)".*?<div class="text">([^<]*)/gs)].map(([, step, text]) => [
      step,
      text,
    ])
    expect(steps).toEqual([
      ['0', 'crash ×1'],
      ['1', 'crash ×2'],
      ['2', 'crash ×9\nin 3 pods'],
      ['0', 'pull'],
      ['2', 'crash again'],
    ])
    expect(html.match(/<template>/g)).toHaveLength(2)
    expect(html).toContain('title="edited at t20"')
  })

  test('a reply quotes the original message as it was then, and links to it', () => {
    const [, quote] = /<a class="answered" href="#c0m1">(.*?)<\/a>/.exec(page(crash, pull, again)) ?? []
    expect(quote).toBe('<b>kube-eventer</b>crash ×9 in 3 pods')
    expect(page(pull, again)).toContain('<p class="answered"><i>Deleted message</i></p>')
  })

  test('escapes every text', () => {
    const evil = `"><img src=x onerror='alert(1)'></template></script>`
    const html = renderPage({
      chats: [chatOf(message(1, { 1: evil, 2: `${evil}!` }), message(2, { 3: evil }, { replyToId: 1 }))],
      ...times,
      formatMoment: () => evil,
    })
    expect(html).not.toContain('<img')
    expect(html.match(/<\/template>/g)).toHaveLength(1)
    expect(html.match(/<\/script>/g)).toHaveLength(1)
  })

  test('has no external resources and one script', () => {
    const html = page(crash, pull)
    expect(html).toContain(`content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'"`)
    expect(html).not.toMatch(/(src|href)="?(https?:)?\/\/|@import|url\(/)
    const [, script = ''] = /<script>(.*?)<\/script>/s.exec(html) ?? []
    expect(() => new Script(script)).not.toThrow()
  })
})
