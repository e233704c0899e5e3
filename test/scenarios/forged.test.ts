import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { crash, hugeCrash, openApps, textsIn } from '../support/crashes.ts'
import { envelope, event, record } from '../support/records.ts'
import { watchStoredSize } from '../support/stored-size.ts'

const { start, newFolder } = openApps()

describe('a forged record', () => {
  const states: [string, Record<string, string>][] = [
    ['memory', { STATE: 'memory' }],
    ['sqlite, INCIDENTS=off', { INCIDENTS: 'off' }],
    ['sqlite', {}],
  ]
  it.each(states)('with names and versions of any length blocks no other record (%s)', async (_, environment) => {
    const app = await start({ environment })
    const texts = ['x', '"', '\u0000', '\ud83d', '🚀'].map((unit) => unit.repeat(20_000))
    const fields = [...texts, '9'.repeat(1_000_000)].flatMap((text) => [
      { metadata: { uid: text } },
      { metadata: { resourceVersion: text, name: text, namespace: text }, involvedObject: { kind: text, name: text } },
    ])
    const forged = fields.map((field, index) => record(index + 1, { value: envelope(event(index + 1, field)) }))
    const batch = [crash(0), ...forged, crash(99, { pod: 'db-0' })]
    for (const _ of ['at first', 'again']) expect(await app.notify(batch)).toEqual({ batchItemFailures: [] })
    // A batch sends a chat its five worst.
    await app.sweepUntilDelivered()
    expect(textsIn(app)[0]).toContain('pod web-7d9f8c6b5-x2k4p')
    expect(textsIn(app).at(-1)).toContain('pod db-0')
  })

  it('cannot fill an incident beyond what the store accepts, even with many others and a long topic name', async () => {
    const size = watchStoredSize()
    const app = await start({
      environment: { CLUSTER_NAME: '' },
      decorate: size.decorate,
    })
    for (let hour = 0; hour < 10; hour += 2) {
      const batch = Array.from({ length: 100 }, (_, number) => hugeCrash(number, hour * 3_600 + number))
      const answer = await app.notify(batch.map((item) => ({ ...item, topic: 't'.repeat(249) })))
      expect(answer).toEqual({ batchItemFailures: [] })
      await app.clock.sleep(7_200_000)
    }
    expect(textsIn(app)).toHaveLength(5)
    expect(size.mostBytes()).toBeLessThan(16_384)
  })
})

describe('a bot token in an event', () => {
  const token = '123456789:emulator-token-for-demo-and-tests'
  const cases: [string, Record<string, unknown>][] = [
    ['in its message', { message: `Back-off: TELEGRAM_BOT_TOKEN=${token}` }],
    ['where its message is cut', { message: `${'x'.repeat(1_975)} ${token}` }],
    ['in its reason', { reason: `Failed ${token}` }],
    ['in names', { metadata: { name: token }, involvedObject: { kind: 'Pod', namespace: token, name: token } }],
    ['where it comes from', { source: { component: token, host: token }, reportingInstance: token }],
  ]
  it.each(cases)('%s appears neither in the store’s files nor in a message', async (_, fields) => {
    const folder = newFolder()
    const app = await start({}, folder)
    expect(app.emulator.token).toBe(token)
    await app.notify([crash(0, { fields })])
    await app.notify([record(1, { value: `not JSON, with ${token}` })])
    const files = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'latin1'))
    expect(files.length).toBeGreaterThan(0)
    const [, secret = ''] = token.split(':')
    expect(textsIn(app)).toHaveLength(1)
    for (const text of [...files, ...textsIn(app), ...app.output])
      expect(text.includes(secret.slice(0, 12))).toBe(false)
  })
})
