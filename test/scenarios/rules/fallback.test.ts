import { describe, expect, it } from 'vitest'
import { endsOf, openApps, textsIn } from '../../support/crashes.ts'
import { at, minutes } from '../../support/rules.ts'

const { start } = openApps()

describe('a target that Telegram refuses', () => {
  const setUp = () => [
    { id: -1001, type: 'supergroup' as const, title: 'oncall', state: 'kicked' as const },
    { id: -1002, type: 'supergroup' as const, title: 'ops' },
  ]
  const rules = '{ defaults: false, targets: { oncall: -1001, ops: -1002 }, routes: [{ to: oncall }], fallback: ops }'

  it.each(['sqlite', 'memory'])(
    'is reported to the fallback target once, and pending incidents are shown when it works again (%s)',
    async (state) => {
      const chats = setUp()
      const app = await start({ rules, chats, ...(state === 'memory' ? { environment: { STATE: 'memory' } } : {}) })
      for (let minute = 0; minute < 12; minute += 1) {
        await app.notify([
          at(app, minute, {
            involvedObject: { kind: 'Pod', namespace: 'shop', name: `pod-${'abcdefghijkl'[minute]}` },
          }),
        ])
        if (state === 'sqlite') await app.sweep()
        await minutes(app, 1)
      }
      expect(textsIn(app, -1002)).toEqual([
        expect.stringMatching(
          /^🟠 Telegram refuses a target · TargetRefused\noncall\n403 Forbidden: .* tried again every five minutes\.\n/,
        ),
      ])
      expect(app.emulator.messages(-1002)[0]?.replyMarkup).toBeUndefined()
      expect(textsIn(app, -1001)).toEqual([])
      if (state === 'memory') return
      for (const { setup } of app.emulator.chats.values()) delete setup.state
      await app.sweepUntilDelivered()
      expect(textsIn(app, -1001)).toHaveLength(12)
      expect(textsIn(app, -1002)).toHaveLength(1)
    },
  )

  it.each(['sqlite', 'memory'])(
    'is in the log with a fallback target that Telegram refuses, too (%s)',
    async (state) => {
      const chats = setUp().map((chat) => ({ ...chat, state: 'kicked' as const }))
      const app = await start({ rules, chats, ...(state === 'memory' ? { environment: { STATE: 'memory' } } : {}) })
      await app.notify([at(app, 0)])
      const warnings = app.log.filter(({ level, outcome }) => level === 'warn' && outcome === undefined)
      expect(warnings.map(({ message }) => String(message).split(':')[0])).toEqual(['oncall', 'ops'])
    },
  )

  it('is not reported to itself', async () => {
    const app = await start({ rules: rules.replace('fallback: ops', 'fallback: oncall'), chats: setUp() })
    await app.notify([at(app, 0)])
    expect(endsOf(app)).toEqual(['pending: target broken'])
    expect(app.emulator.journal).toHaveLength(1)
  })
})
