import { describe, expect, it } from 'vitest'
import type { Fault } from '../../lib/emulator/faults.ts'
import { chatId, type TestApp } from '../support/app.ts'
import { crash, openApps, textsIn } from '../support/crashes.ts'
import { envelope, event, record } from '../support/records.ts'

const { start, newFolder } = openApps()

const link = 'https://grafana.example.com/d/pods?var-namespace={namespace}'
const command = 'kubectl logs web-7d9f8c6b5-x2k4p -n shop -c web --previous'
const copyButton = { text: 'kubectl logs --previous', copy_text: { text: command } }
const linkButton = { text: 'grafana.example.com', url: 'https://grafana.example.com/d/pods?var-namespace=shop' }

const inContainer = { fieldPath: 'spec.containers{web}' }
const of = (fields: Record<string, unknown>, number = 0) => record(number, { value: envelope(event(number, fields)) })
const crashIn = (number: number, fields: Record<string, unknown> = {}, at = 0) =>
  crash(number, {
    at,
    count: number + 1,
    fields: {
      involvedObject: { kind: 'Pod', namespace: 'shop', name: 'web-7d9f8c6b5-x2k4p', ...inContainer },
      ...fields,
    },
  })

function only({ emulator }: TestApp) {
  const [message, ...others] = emulator.messages(chatId)
  expect(others).toEqual([])
  return message
}

describe('the buttons of a message', () => {
  it('are the command and the configured link, and stay after an edit', async () => {
    const app = await start({ environment: { LINK_TEMPLATE: link } })
    await app.notify([crashIn(0)])
    expect(only(app)?.replyMarkup).toEqual({ inline_keyboard: [[copyButton], [linkButton]] })
    await app.clock.sleep(30_000)
    await app.notify([crashIn(3, {}, 30)])
    expect(only(app)).toMatchObject({
      text: expect.stringContaining('×4'),
      replyMarkup: { inline_keyboard: [[copyButton], [linkButton]] },
    })
  })

  it('is no command if its name is forged', async () => {
    const app = await start()
    const names = ['web; rm -rf /', 'web$(id)', '--all', '-n', 'WEB', 'web`id`', '../web', 'w'.repeat(254)]
    const forged = names.map((name, number) => of({ involvedObject: { kind: 'Pod', namespace: 'shop', name } }, number))
    await app.notify(forged)
    await app.sweepUntilDelivered()
    expect(app.emulator.messages(chatId)).toHaveLength(names.length)
    expect(app.emulator.messages(chatId).map(({ replyMarkup }) => replyMarkup)).toEqual(names.map(() => undefined))
  })
})

describe('a message', () => {
  it.each([
    ['a warning', { reason: 'BackOff', message: 'Back-off restarting failed container' }, false],
    ['something critical', { reason: 'SystemOOM', message: 'System OOM encountered' }, false],
    ['something of severity info', { reason: 'Scheduled', type: 'Normal' }, true],
    ['a good event', { reason: 'NodeReady', type: 'Normal' }, true],
    ['a failure that Kubernetes calls Normal', { reason: 'NodeNotReady', type: 'Normal' }, false],
  ])('about %s arrives with the right loudness', async (_, fields, isSilent) => {
    const app = await start()
    await app.notify([of(fields)])
    expect(only(app)).toMatchObject({ isSilent, linkPreviewDisabled: true })
  })
})

describe('a late message', () => {
  it('says how late it is by the time of its event, until an edit is in time', async () => {
    const app = await start()
    await app.clock.sleep(16 * 60_000)
    await app.notify([crashIn(0)])
    expect(only(app)?.text).toMatch(/\n⏱ delivered 16 min late$/)
    await app.clock.sleep(60_000)
    await app.notify([crashIn(3, {}, 17 * 60)])
    expect(only(app)?.text).not.toContain('late')
  })

  it.each([0, 14 * 60])('is not one that comes after %i seconds', async (seconds) => {
    const app = await start()
    await app.clock.sleep(seconds * 1_000)
    await app.notify([crashIn(0)])
    expect(only(app)?.text).not.toContain('late')
  })
})

// Telegram's literal answers (tdlib/telegram-bot-api Client.cpp; tdlib/td MessageEntity.cpp, MessageContent.cpp, ReplyMarkup.cpp).
const refusals = [
  'can\'t parse entities: Unsupported start tag "none" at byte offset 2',
  'can\'t parse entities: Unmatched end tag at byte offset 9, expected "</b>", found "</i>"',
  'can\'t parse entities: Can\'t find end tag corresponding to start tag "b"',
  "can't parse entities: Invalid date format used",
  'ENTITY_DATE_INVALID',
  'unsupported parse_mode',
  'message text is empty',
  'text must be non-empty',
  'message is too long',
  'MESSAGE_TOO_LONG',
  'text is too long',
  "can't parse MessageEntity: Unsupported type specified",
  'entity beginning at UTF-16 offset 0 ends in a middle of a UTF-16 symbol at byte offset 4',
  'entity begins after the end of the text at UTF-16 offset 9',
  "entity URL 'http://localhost:3000' is invalid: Wrong HTTP URL",
  'strings must be encoded in UTF-8',
  'text must be encoded in UTF-8',
  "inline keyboard button URL 'http://grafana:3000' is invalid: Wrong HTTP URL",
  'BUTTON_DATA_INVALID',
  'BUTTON_COPY_TEXT_INVALID',
  'reply markup is too long',
  "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard",
]

describe('a message that Telegram refuses', () => {
  const refused = (description: string): Fault => ({
    kind: 'answer',
    status: 400,
    body: { ok: false, error_code: 400, description: `Bad Request: ${description}` },
  })
  const plain = [
    '🟠 Crash loop · BackOff',
    'Deployment shop/web in test',
    'Back-off restarting failed container <web> & co',
    '💡 The container exits soon after it starts. Check its previous log.',
    '00:00:00 UTC',
    'pod web-7d9f8c6b5-x2k4p · node worker-1',
    command,
    linkButton.url,
  ].join('\n')
  const message = 'Back-off restarting failed container <web> & co'

  it.each(refusals)('is sent again as plain text with everything in it: %s', async (description) => {
    const app = await start({ environment: { LINK_TEMPLATE: link } })
    app.emulator.inject(refused(description))
    await app.notify([crashIn(0, { message })])
    expect(app.outcomes()).toEqual(['0/0 sent: shown as plain text'])
    expect(textsIn(app)).toEqual([plain])
    expect(only(app)).toMatchObject({
      entities: [{ type: 'pre', offset: 0, length: plain.length }],
      linkPreviewDisabled: true,
    })
    expect(only(app)?.replyMarkup).toBeUndefined()
    expect(app.emulator.journal).toHaveLength(2)
  })

  it('is edited as plain text and loses its buttons', async () => {
    const app = await start({ environment: { LINK_TEMPLATE: link } })
    await app.notify([crashIn(0, { message })])
    await app.clock.sleep(30_000)
    app.emulator.inject(refused('MESSAGE_TOO_LONG'))
    await app.notify([crashIn(3, { message }, 30)])
    expect(textsIn(app)).toEqual([plain.replace('00:00:00 UTC', '×4 in 30 s · 00:00:00 – 00:00:30 UTC')])
    expect(only(app)?.replyMarkup).toBeUndefined()
  })
})

describe('a date too far in the future for Telegram', () => {
  it.each(['2028-01-01T00:00:00Z', '2029-12-01T00:00:00Z', '2037-01-01T00:00:00Z', '9999-12-31T23:59:59Z'])(
    'is not shown as the time of an event: %s',
    async (time) => {
      const app = await start()
      await app.notify([of({ firstTimestamp: time, lastTimestamp: time, eventTime: time, count: 1 })])
      expect(app.outcomes()).toEqual(['0/0 sent: shown'])
      expect(textsIn(app)).toEqual([expect.not.stringContaining(time.slice(0, 10))])
      expect(only(app)?.entities.map(({ type }) => type)).toContain('code')
      expect(only(app)?.replyMarkup).toBeDefined()
      expect(app.emulator.journal).toHaveLength(1)
    },
  )

  it.each(['2027-01-31', '2037-01-31', '9999-12-31'])('is plain text if a mute ends then: %s', async (day) => {
    const folder = newFolder()
    const app = await start({}, folder)
    await app.notify([crashIn(0)])
    const rules = `mutes: [{ name: move, match: { reason: BackOff }, until: '${day}T00:00:00Z', reason: we move }]`
    const muted = await start({ rules, beside: app }, folder)
    await muted.notify([crashIn(1, {}, 60)])
    await muted.sweepUntilDelivered()
    expect(textsIn(muted)[0]).toContain(`🔇 muted by move until ${day} 00:00:00 UTC: we move`)
    expect(muted.emulator.journal.flatMap(({ description }) => description ?? [])).toEqual([])
  })
})

describe('a message that arrived without a sound', () => {
  const sandbox = (reason: string, type: string, number: number) =>
    of({ reason, type, message: 'Pod sandbox changed', lastTimestamp: `2026-11-23T23:5${number}:00Z` }, number)

  it('is followed by one with a sound once it is a warning, and leads to it', async () => {
    const app = await start()
    await app.notify([sandbox('SandboxChanged', 'Normal', 1)])
    await app.clock.sleep(30_000)
    await app.notify([sandbox('FailedCreatePodSandBox', 'Warning', 2)])
    await app.sweepUntilDelivered()
    const [first, second] = app.emulator.messages(chatId)
    expect(first).toMatchObject({ isSilent: true, text: expect.stringContaining('↓ continues in a newer message') })
    expect(second).toMatchObject({ isSilent: false, replyToId: first?.id, text: expect.stringMatching(/^🟠/) })
    const address = `https://t.me/c/${-1_000_000_000_000 - chatId}/${second?.id}`
    expect(first?.entities).toContainEqual(expect.objectContaining({ type: 'text_link', url: address }))
  })

  it('has no link in a private chat, where messages have no address', async () => {
    const app = await start({
      environment: { TELEGRAM_CHAT_ID: '4242' },
      chats: [{ id: 4242, type: 'private', title: 'Ada' }],
    })
    await app.notify([sandbox('SandboxChanged', 'Normal', 1)])
    await app.clock.sleep(30_000)
    await app.notify([sandbox('FailedCreatePodSandBox', 'Warning', 2)])
    await app.sweepUntilDelivered()
    const [first] = app.emulator.messages(4242)
    expect(first?.text).toContain('↓ continues in a newer message')
    expect(first?.entities.map(({ type }) => type)).not.toContain('text_link')
  })
})

describe('the date of a card', () => {
  it('is below a message that was sent on the day after, also after an edit', async () => {
    const app = await start()
    await app.clock.sleep(24 * 3_600_000)
    await app.notify([crashIn(0)])
    expect(only(app)?.text).toMatch(/\n00:00:00 UTC\n(.|\n)*\n📅 2026-11-24\n⏱ delivered 24 h late$/)
    await app.clock.sleep(60_000)
    await app.notify([crashIn(3, {}, 60)])
    expect(only(app)?.text).toMatch(/ · 00:00:00 – 00:01:00 UTC\n(.|\n)*\n📅 2026-11-24\n⏱/)
  })

  it('is not there if the message was sent on the same day and is edited on the next one', async () => {
    const app = await start()
    await app.clock.sleep(23 * 3_600_000)
    const late = 23 * 3_600
    await app.notify([crashIn(0, {}, late)])
    await app.clock.sleep(2 * 3_600_000)
    await app.notify([crashIn(3, {}, late + 60)])
    expect(only(app)?.text).toContain('×4')
    expect(only(app)?.text).not.toContain('2026-11-24')
  })
})

describe('the language of messages', () => {
  it('is CARD_LANGUAGE', async () => {
    const app = await start({ environment: { CARD_LANGUAGE: 'de' } })
    await app.clock.sleep(42 * 60_000)
    await app.notify([crashIn(0)])
    expect(textsIn(app)[0]?.split('\n')).toEqual([
      '🟠 Crash-Loop · BackOff',
      'Deployment shop/web in test',
      '💡 Der Container endet kurz nach dem Start. Prüfe sein voriges Log.',
      '00:00:00 UTC',
      'Pod web-7d9f8c6b5-x2k4p · Node worker-1',
      '⏱ 42 min verspätet zugestellt',
    ])
  })
})

describe('a long event message', () => {
  it('is cut in its middle; the log has all of it, without secrets', async () => {
    const app = await start()
    const lines = Array.from({ length: 300 }, (_, line) => `\tat step${line}(Checkout.java:${line})`).join('\n')
    await app.notify([of({ message: `Error: password=hunter2 refused\n${lines}\nCaused by: no quorum` })])
    expect(textsIn(app)[0]).toMatch(
      /Error: password=<secret> refused\n(.|\n)*\n… \(\+[\d,]+ characters\) …\n(.|\n)*Caused by: no quorum\n/,
    )
    const line = app.log.find(({ message }) => message === 'record')
    expect(line?.eventMessage).toMatch(/^Error: password=<secret> refused\n(.|\n)*step150(.|\n)*Caused by: no quorum$/)
    expect(app.output.join('')).not.toContain('hunter2')
  })
})
