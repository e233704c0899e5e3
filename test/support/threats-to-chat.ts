import { expect } from 'vitest'
import { examples } from '../core/event/cause.examples.ts'
import { chatId, type TestApp } from './app.ts'
import { crash } from './crashes.ts'
import { buttonsOf, copiesOf, everywhere, forged, lastOf, messagesOf, outsideOfCode, type Threats } from './threats.ts'

/** What a writer of events can't do to the readers of the chat, by its line in SECURITY.md. */
export const cannotInChat: Threats = {
  async 'inject markup'({ start }) {
    const app = await start()
    const text = '</code></blockquote><b>x</b> <a href="https://x.example">y</a> &lt;i&gt; *b* [l](https://x.example)'
    await app.notify([forged(1, everywhere(text))])
    expect(app.outcomes()).toEqual(['0/1 sent: shown'])
    expect(lastOf(app).text).toContain(`\n${text}\n`)
    const own = ['bold', 'italic', 'code', 'blockquote', 'expandable_blockquote', 'date_time']
    for (const { type } of lastOf(app).entities) expect(own).toContain(type)
  },

  async 'create a link, a mention, a hashtag or a bot command'({ start }) {
    const app = await start()
    const text = '@oncall https://x.example t.me/x a@b.example /start #tag $USD tg://resolve?domain=x'
    const message = `0/9 nodes are available: 1 ${text}, 2 Insufficient ${text}.`
    await app.notify([forged(1, everywhere(text)), forged(2, { reason: 'FailedScheduling', message })])
    expect(messagesOf(app)).toHaveLength(2)
    for (const shown of messagesOf(app)) expect(outsideOfCode(shown)).not.toMatch(/[@/#$]|\w\.\w/)
  },

  async 'make text clickable when Telegram refuses the markup of a card'({ start }) {
    const app = await start()
    const description = "Bad Request: can't parse entities: Unsupported start tag"
    app.emulator.inject({ kind: 'answer', status: 400, body: { ok: false, error_code: 400, description } })
    await app.notify([forged(1, everywhere('@team https://evil.example /start #tag'))])
    expect(app.outcomes()).toEqual(['0/1 sent: shown as plain text'])
    expect(lastOf(app).text).toContain('@team https://evil.example /start #tag')
    expect(outsideOfCode(lastOf(app))).toBe('')
  },

  async 'use future times to reorder or end anything, to keep others below a threshold, or to have a message refused'({
    start,
  }) {
    const app = await start({ rules: 'rules: [{ name: often, match: {}, atLeast: 3, within: 10m }]' })
    const later = (number: number) =>
      crash(number, {
        fields: {
          metadata: { name: 'forged', uid: 'forged', resourceVersion: String(number) },
          lastTimestamp: `2099-01-01T00:00:${10 + number}Z`,
          message: 'Back-off restarting failed container: planned maintenance',
        },
      })
    await app.notify(Array.from({ length: 40 }, (_, number) => later(number)))
    await app.notify([1, 2, 3].map((count) => crash(99 + count, { at: count, count })))
    expect(messagesOf(app)).toHaveLength(1)
    expect(lastOf(app).text).toMatch(/Back-off restarting failed container web/)
    expect(lastOf(app).text).not.toMatch(/2099|planned/)
    expect(app.emulator.journal.map(({ status }) => status)).toEqual([200])
  },

  async 'open a link preview'({ start }) {
    const app = await start()
    await app.notify([forged(1, { message: 'https://x.example' })])
    expect(lastOf(app).linkPreviewDisabled).toBe(true)
  },

  async 'make a button copy anything but a read-only kubectl command with valid names'({ start }) {
    const app = await start({ environment: { STATE: 'memory' } })
    const pod = { kind: 'Pod', namespace: 'shop', name: 'web-0', fieldPath: 'spec.containers{web}' }
    const odd = ['$(reboot)', 'a;b', '-all', '--all', 'a b', '`id`', 'a\nb', 'a/b', 'a|b', 'a,b', "a'", 'deploy web']
    const hostile = odd.flatMap((text) => [
      everywhere(text),
      ...['kind', 'namespace', 'name'].map((field) => ({ involvedObject: { ...pod, [field]: text } })),
      { involvedObject: { ...pod, fieldPath: `spec.containers{${text}}` }, source: { host: text } },
    ])
    const usual = examples.map(([reason, message]) => ({ reason, message, involvedObject: pod }))
    await app.notify(
      [...hostile, ...usual].map((fields, number) => forged(number, fields)),
      36_000_000,
    )
    expect(messagesOf(app)).toHaveLength(hostile.length + usual.length)
    const copies = messagesOf(app).flatMap(copiesOf)
    expect(copies.length).toBeGreaterThan(100)
    for (const copy of copies) {
      expect(copy).toMatch(/^kubectl (?:describe|get|logs|top) [\w ./=,:-]+$/)
      for (const text of odd) expect(copy.split(/[ =/]/)).not.toContain(text)
    }
  },

  async 'change the host or the path depth of the address behind the link button'({ start }) {
    const LINK_TEMPLATE = 'https://grafana.example.com/d/{namespace}/{name}?reason={reason}'
    const app = await start({ environment: { LINK_TEMPLATE } })
    const texts = [
      '../..',
      '..',
      '.',
      '//x.example',
      'https://x.example',
      '@x.example',
      '\\x',
      'a?b#c',
      'a&b=c',
      '%2e%2e',
    ]
    await app.notify(texts.map((text, number) => forged(number, everywhere(text))))
    await app.sweepUntilDelivered()
    const urls = messagesOf(app).flatMap((message) => buttonsOf(message).flatMap(({ url }) => url ?? []))
    // ".." and "." would change the path, so there is no button for them.
    expect(urls).toHaveLength(texts.length - 2)
    for (const url of urls) {
      const { origin, pathname, searchParams, hash } = new URL(url)
      expect({ origin, levels: pathname.split('/').length, hash }).toEqual({
        origin: 'https://grafana.example.com',
        levels: 4,
        hash: '',
      })
      expect([...searchParams.keys()]).toEqual(['reason'])
    }
  },

  async 'reach a chat that is not configured, or make the bot do anything but send and edit its own messages'({
    start,
  }) {
    const app = await start()
    const other = { chat_id: -1009999999999, method: 'deleteMessage', message_thread_id: 42, message_id: 1 }
    await app.notify([forged(1, { ...other, metadata: other, message: JSON.stringify(other) }), crash(2)])
    for (const { chatId: chat, method, payload } of app.emulator.journal) {
      expect({ chat, thread: payload.message_thread_id }).toEqual({ chat: chatId, thread: undefined })
      expect(['sendMessage', 'editMessageText']).toContain(method)
    }
  },

  async 'change the cluster that a card names'({ start }) {
    const app = await start()
    const named = { clusterName: 'prod', cluster: 'prod', namespace: 'shop' }
    await app.notify([forged(1, { ...named, metadata: named })])
    expect(lastOf(app).text).toContain(' in test\n')
    expect(lastOf(app).text).not.toContain('prod')
  },

  async "forge one of the program's own marks outside of code"({ start }) {
    const app = await start()
    const text =
      'x\n🔇 muted by all\n↻ possibly repeated\n⏱ delivered 3 h late\n↓ continues in a newer message\n💡 Run this'
    await app.notify([forged(1, everywhere(text))])
    expect(lastOf(app).text).toContain('\n⏱ delivered 3 h late\n')
    expect(outsideOfCode(lastOf(app))).not.toMatch(/[↻⏱↓💡]/u)
  },

  async 'reverse the reading direction, or hide text with invisible characters'({ start }) {
    const app = await start()
    const hidden = '\u202E\u2066\u200F\u061C\u200B\u2060\u00AD\uFEFF\u{E0041}\u3164\u2800\u001B[8m\u0007\u009B8m'
    await app.notify([forged(1, everywhere(`ev${hidden}il`))])
    expect(lastOf(app).text).toMatch(/ev {0,2}il/)
    expect(lastOf(app).text).not.toMatch(/(?!\n)\p{Cc}|\p{Cf}|\p{Default_Ignorable_Code_Point}|\u2800/u)
  },

  async 'hide text in a long message: both ends are shown, and the omitted characters are counted'({ start }) {
    const app = await start()
    await app.notify([forged(1, { message: `first ${'x '.repeat(50_000)}last` })])
    expect(lastOf(app).text).toMatch(/\nfirst .* … \(\+9\d,\d{3} characters\) … .* last\n/s)
  },

  async 'block one target by flooding another'({ start }) {
    const rules = `
defaults: false
targets: { team: -1001, other: -1002 }
routes: [{ match: { namespace: team }, to: team }, { match: { namespace: other }, to: other }]`
    const chats = [-1001, -1002].map((id) => ({ id, type: 'supergroup' as const, title: String(id) }))
    const app = await start({ rules, chats })
    const flood = (number: number) => ({
      type: 'Error',
      reason: `Forged${number}`,
      involvedObject: { kind: 'Pod', namespace: 'team', name: 'a' },
    })
    await app.notify(Array.from({ length: 200 }, (_, number) => forged(number, flood(number))))
    app.emulator.inject({ kind: 'too many requests', retryAfter: 5, chatId: -1002 })
    const real = { type: 'Warning', reason: 'Real', involvedObject: { kind: 'Pod', namespace: 'other', name: 'b' } }
    await app.notify([forged(999, real)])
    await app.clock.sleep(30_000)
    await app.notify([forged(1_000, flood(1_000))])
    expect(app.emulator.messages(-1002).map(({ text }) => text)).toEqual([expect.stringContaining('Real')])
  },

  async 'break a sum or a card with a huge or invalid count'({ start }) {
    const counts = ['9007199254740991', '9007199254740993', '1e308', '1e999', '-9', '0.5', '[7]', '{}', 'true', 'null']
    const values = [...counts, ...counts.map((count) => `\\"${count}\\"`)]
    for (const count of values) {
      const app = await start()
      const { value, ...place } = crash(0, { count: 7 })
      const odd = { ...place, value: String(value).replace('\\"count\\": 7', `\\"count\\": ${count}`) }
      expect(odd.value).not.toBe(value)
      await app.notify([odd, crash(1, { pod: 'db-0', count: 4 })])
      const before = totalOf(textOf(app, 'shop/web'))
      await app.clock.sleep(60_000)
      await app.notify([crash(2, { count: 2, at: 60, pod: 'web-7d9f8c6b5-bbbbb' })])
      await app.sweepUntilDelivered()
      expect(totalOf(textOf(app, 'shop/web')) - before).toBe(2n)
      expect(totalOf(textOf(app, 'shop/db'))).toBe(4n)
      expect(app.outcomes().map((line) => line.replace(/^\S+ /, ''))).toEqual([
        'sent: shown',
        'sent: shown',
        'sent: updated',
      ])
    }
  },

  async 'hide later events, or end an incident of another object, with an event named like a real one'({ start }) {
    const app = await start({ rules: 'defaults: false' })
    await app.notify([crash(0, { count: 3 })])
    const { metadata } = { metadata: { name: 'web-7d9f8c6b5-x2k4p.0', uid: 'forged', resourceVersion: '9999999' } }
    const elsewhere = { involvedObject: { kind: 'Pod', namespace: 'shop', name: 'api-5c6d7f8b9-zzzzz' } }
    const good = { ...elsewhere, metadata, type: 'Normal', reason: 'Started', message: 'Started container api' }
    await app.notify([crash(1, { count: 1_000_000, at: 5, fields: { metadata } }), crash(2, { at: 6, fields: good })])
    await app.clock.sleep(60_000)
    const message = 'Back-off restarting failed container web: disk full'
    await app.notify([crash(3, { count: 4, at: 60, fields: { message } })])
    await app.sweepUntilDelivered()
    const ofWeb = messagesOf(app).filter(({ text }) => text.includes('shop/web in test'))
    expect(ofWeb.map(({ text }) => text)).toEqual([expect.stringMatching(/disk full(.|\n)* in 60 s/)])
  },
}

function textOf(app: TestApp, workload: string): string {
  return messagesOf(app).find(({ text }) => text.includes(`${workload} in test`))?.text ?? ''
}

/** The count on a card; a card without a count means one. */
function totalOf(text: string): bigint {
  expect(text).not.toMatch(/NaN|Infinity|undefined|null|e\+/)
  return BigInt(/×([\d,]+)/.exec(text)?.[1]?.replaceAll(',', '') ?? 1)
}
