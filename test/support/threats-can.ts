import { expect } from 'vitest'
import { crash, endsOf, textsIn } from './crashes.ts'
import { record } from './records.ts'
import { copiesOf, forged, lastOf, messagesOf, type Threats } from './threats.ts'

/** What a writer of events can do, by its line in SECURITY.md. */
export const can: Threats = {
  async 'put any text into the chat'({ start }) {
    const app = await start()
    await app.notify([forged(1, { message: 'All is well. Ask Mallory for the new password.' })])
    expect(lastOf(app).text).toContain('All is well. Ask Mallory for the new password.')
  },

  async 'report events that never happened, with any object, reason and severity'({ start }) {
    const app = await start()
    const involvedObject = { kind: 'Node', name: 'worker-9' }
    await app.notify([
      forged(1, { reason: 'Meltdown', type: 'Error', involvedObject }),
      forged(2, { reason: 'NodeReady', type: 'Normal', involvedObject }),
    ])
    const [worst, best] = textsIn(app)
    expect(worst).toMatch(/^🔴 Meltdown · Error\nNode worker-9 in test\n/)
    expect(best).toMatch(/^🟢 .*\nNode worker-9 in test\n/)
  },

  async 'choose which rule matches, and which of your targets receives the message'({ start }) {
    const rules = `
targets: { oncall: -1001 }
rules: [{ name: tests, match: { namespace: test-* }, action: drop }]
routes: [{ match: { namespace: payments }, to: oncall }]`
    const chats = [-1001, -1001234567890].map((id) => ({ id, type: 'supergroup' as const, title: String(id) }))
    const app = await start({ rules, chats })
    const inNamespace = (number: number, namespace: string) =>
      forged(number, {
        metadata: { name: `e${number}`, namespace },
        involvedObject: { kind: 'Pod', namespace, name: 'a' },
      })
    await app.notify([inNamespace(1, 'payments'), inNamespace(2, 'test-x'), inNamespace(3, 'shop')])
    expect(messagesOf(app).map((message) => message.chatId)).toEqual([-1001, -1001234567890])
  },

  async 'use names that look like other names'({ start }) {
    const app = await start()
    const payments = 'p\u0430yments'
    await app.notify([forged(1, { involvedObject: { kind: 'Service', namespace: 'shop', name: payments } })])
    expect(lastOf(app).text).toContain(`Service shop/${payments} in test`)
    expect(copiesOf(lastOf(app))).toEqual([])
  },

  async 'choose the times of an event, and so how late its message seems'({ start }) {
    const app = await start()
    const past = '2026-11-23T21:00:00Z'
    await app.notify([forged(1, { firstTimestamp: past, lastTimestamp: past })])
    expect(lastOf(app).text).toMatch(/\n⏱ delivered 3 h late$/)
  },

  async 'choose the hint, and point the command at an object and a log of their own'({ start }) {
    const app = await start()
    await app.notify([crash(1, { pod: 'mallory-0' })])
    expect(lastOf(app).text).toContain('💡')
    expect(copiesOf(lastOf(app))).toEqual(['kubectl logs mallory-0 -n shop --previous'])
  },

  async 'take over the card of a real incident, so that it neither rings nor says why'({ start }) {
    const app = await start()
    const metadata = { name: 'forged', uid: 'forged' }
    const message = 'Back-off restarting failed container: planned maintenance'
    await app.notify([crash(0, { at: 299, fields: { metadata, message } })])
    await app.clock.sleep(60_000)
    await app.notify([crash(1, { at: 60, fields: { message: 'Back-off restarting failed container: disk full' } })])
    await app.sweepUntilDelivered()
    expect(messagesOf(app)).toHaveLength(1)
    expect(lastOf(app).text).toContain('planned maintenance')
    expect(lastOf(app).text).not.toContain('disk full')
  },

  async 'raise the count of any event with an event of the same name'({ start }) {
    const app = await start()
    await app.notify([crash(0, { count: 3 })])
    await app.clock.sleep(60_000)
    await app.notify([crash(1, { at: 10, count: 1_000_000_000 })])
    await app.clock.sleep(60_000)
    await app.notify([crash(2, { at: 120, count: 5 })])
    await app.sweepUntilDelivered()
    expect(textsIn(app)).toEqual([expect.stringContaining('×1,000,000,000 in 2 min')])
  },

  async 'use up the rate limit of a chat, so that other messages come later'({ start }) {
    const app = await start()
    const storm = Array.from({ length: 40 }, (_, number) =>
      forged(number, { type: 'Error', reason: `Forged${number}` }),
    )
    await app.notify(storm)
    await app.notify([crash(99, { pod: 'db-0' })])
    expect(endsOf(app).at(-1)).toBe('pending: next sweep')
    await app.sweepUntilDelivered()
    expect(textsIn(app).at(-1)).toContain('db-0')
  },

  async 'fill the log, the store and the dead letters, and change the metrics'({ start }) {
    const app = await start()
    const past = '1971-01-01T00:00:00Z'
    const poison = Array.from({ length: 30 }, (_, number) => record(number, { value: `poison ${number}` }))
    await app.notify([...poison, forged(99, { firstTimestamp: past, lastTimestamp: past })])
    expect(await (await app.deadLetters()).list(app.clock.now())).toHaveLength(30)
    expect(app.log.filter(({ level }) => level === 'error')).toHaveLength(30)
    const metrics = app.log.find(({ message }) => message === 'batch')
    expect(metrics?.Rejected).toBe(30)
    expect(metrics?.OldestSent).toBeGreaterThan(1_000_000_000)
  },

  async 'replace a record whose uid and version they know, if each record gets its own message'({ start }) {
    const app = await start({ environment: { INCIDENTS: 'off' } })
    await app.notify([crash(1, { fields: { reason: 'Pulled', message: 'Image is present' } })])
    await app.notify([crash(1)])
    expect(endsOf(app)).toEqual(['sent: shown', 'skipped: already shown'])
    expect(textsIn(app)).toHaveLength(1)
  },

  async 'show a secret in an unknown format'({ start }) {
    const app = await start()
    const message = 'the password is hunter2, in base64 aHVudGVyMg=='
    await app.notify([forged(1, { message })])
    expect(lastOf(app).text).toContain(message)
  },
}
