import { describe, expect, it } from 'vitest'
import { StateUnavailable, type Store } from '../../../lib/pipeline/ports.ts'
import { crash, endsOf, openApps, textsIn } from '../../support/crashes.ts'
import { minutes, rulesOf } from '../../support/rules.ts'

const { start, newFolder } = openApps()

describe('a mute', () => {
  const mute = (until: string) =>
    `{ defaults: false, mutes: [{ name: deploy, match: { namespace: shop }, until: ${until}, reason: planned work }] }`

  it('suppresses events until it is over', async () => {
    const app = await start({ rules: mute('2026-11-24T01:00:00Z') })
    await app.notify([crash(0)])
    await minutes(app, 61)
    await app.notify([crash(1, { count: 2, at: 3_660 })])
    expect(endsOf(app)).toEqual(['skipped: muted', 'sent: shown'])
    expect(rulesOf(app)).toEqual(['deploy', undefined])
  })

  it('that begins during an incident is shown in its message until it is over', async () => {
    const folder = newFolder()
    const before = await start({ rules: 'defaults: false' }, folder)
    await before.notify([crash(0)])
    await minutes(before, 1)
    const after = await start({ rules: mute('2026-11-24T01:00:00Z'), beside: before }, folder)
    await after.notify([crash(1, { count: 2, at: 60 })])
    expect(textsIn(after)).toEqual([
      expect.stringMatching(/^🔇 muted by deploy until 2026-11-24 01:00:00 UTC: planned work$/m),
    ])
    expect(textsIn(after)[0]).not.toContain('×')
    await minutes(after, 60)
    await after.notify([crash(2, { count: 9, at: 1_200 })])
    await after.sweepUntilDelivered()
    expect(textsIn(after)).toEqual([expect.stringContaining('×9')])
    expect(textsIn(after)[0]).not.toContain('muted')
  })

  it('is shown in the message once the store works again and the message was sent', async () => {
    const folder = newFolder()
    const before = await start({ rules: 'defaults: false' }, folder)
    before.emulator.inject({ kind: 'too many requests', retryAfter: 30 })
    await before.notify([crash(0)])
    let isAway = true
    const after = await start(
      {
        rules: mute('2026-11-24T01:00:00Z'),
        beside: before,
        decorate: (store): Store => ({
          ...store,
          readIncidents: (keys) => (isAway ? Promise.reject(new StateUnavailable('away')) : store.readIncidents(keys)),
        }),
      },
      folder,
    )
    await after.notify([crash(1, { count: 2, at: 10 })])
    isAway = false
    // Still pending: there is no message to say it in.
    await after.notify([crash(2, { count: 3, at: 20 })])
    await after.sweepUntilDelivered()
    expect(textsIn(after).join()).not.toContain('muted')
    await after.notify([crash(3, { count: 4, at: 60 })])
    await after.sweepUntilDelivered()
    expect(textsIn(after)).toEqual([expect.stringContaining('🔇 muted by deploy')])
  })

  it.each([
    [
      'a new drop rule is shown in the message',
      '{ name: enough, match: { cause: crash-loop }, action: drop }',
      ['🔇 now suppressed by rule enough'],
    ],
    [
      'a drop rule for other events of the incident is not shown',
      "{ name: enough, match: { message: 'pod other' }, action: drop }",
      [],
    ],
  ])('%s', async (_, rule, told) => {
    const folder = newFolder()
    const before = await start({ rules: 'defaults: false' }, folder)
    await before.notify([crash(0)])
    await minutes(before, 1)
    const after = await start({ rules: `{ defaults: false, rules: [${rule}] }`, beside: before }, folder)
    const fields = { message: 'Back-off restarting failed container web in pod other' }
    await after.notify([crash(1, { count: 2, at: 60, fields })])
    expect(endsOf(after)).toEqual(['skipped: dropped by rule'])
    expect(textsIn(after).flatMap((text) => text.match(/^🔇.*$/gm) ?? [])).toEqual(told)
  })
})
