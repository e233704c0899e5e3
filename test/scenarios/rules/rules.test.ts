import { describe, expect, it } from 'vitest'
import { chatId } from '../../support/app.ts'
import { crash, endsOf, openApps, textsIn } from '../../support/crashes.ts'
import { at, minutes, node, normal, rulesOf } from '../../support/rules.ts'

const { start } = openApps()

describe('rules', () => {
  it('show events that no rule matches', async () => {
    const app = await start({ rules: 'defaults: false' })
    await app.notify([at(app, 0, normal)])
    expect(endsOf(app)).toEqual(['sent: shown'])
    expect(rulesOf(app)).toEqual([undefined])
  })

  it('change severity, sound, hint and link', async () => {
    const rules = `
rules:
  - { name: payments, match: { namespace: shop }, severity: critical, silent: true, hint: Call Ann., link: 'https://wiki.example.com/{workload}' }`
    const app = await start({ rules })
    await app.notify([at(app, 0)])
    const [message] = app.emulator.messages()
    expect(message).toMatchObject({ isSilent: true, text: expect.stringMatching(/^🔴 [\s\S]*\n💡 Call Ann\.\n/) })
    expect(JSON.stringify(message?.replyMarkup)).toContain('"https://wiki.example.com/web"')
  })

  it('send a new message with a sound when a silent incident gets louder', async () => {
    const app = await start({
      rules: `{ defaults: false, rules: [{ name: still, match: { node: worker-2 }, silent: true }] }`,
    })
    const message = 'Back-off restarting failed container'
    await app.notify([at(app, 0, { message, source: { component: 'kubelet', host: 'worker-2' } })])
    await app.clock.sleep(60_000)
    await app.notify([at(app, 1, { message })])
    await app.notify([at(app, 2, { message })])
    await app.sweepUntilDelivered()
    expect(app.emulator.messages().map(({ isSilent }) => isSilent)).toEqual([true, false])
  })

  it('match the namespace of the object, and a Node has none', async () => {
    const rules = `
rules:
  - { name: all of default, match: { namespace: default }, action: drop }
  - { name: clusterwide, match: { namespace: '' }, severity: critical }`
    const app = await start({ rules })
    await app.notify([at(app, 0, { metadata: { namespace: 'default' }, involvedObject: node, reason: 'Rebooted' })])
    expect(rulesOf(app)).toEqual(['clusterwide'])
  })

  it('judge age by the event’s own time', async () => {
    const rules = '{ defaults: false, rules: [{ name: stale, match: { olderThan: 1h }, action: drop }] }'
    const app = await start({ rules })
    const record = at(app, 0)
    await minutes(app, 61)
    await app.notify([record, at(app, 1)])
    expect(endsOf(app)).toEqual(['skipped: dropped by rule', 'sent: shown'])
  })
})

describe(`the chat ${chatId}`, () => {
  it('shows one message of a rule’s incident, even if records are delivered again', async () => {
    const app = await start({ rules: 'default' })
    const batch = [crash(0), crash(1, { count: 2, at: 10 }), at(app, 2, normal)]
    for (let times = 0; times < 3; times += 1) await app.notify(batch)
    await app.sweepUntilDelivered()
    expect(textsIn(app)).toHaveLength(1)
  })
})
