import { describe, expect, it } from 'vitest'
import { openApps, textsIn } from '../../support/crashes.ts'
import { at, node } from '../../support/rules.ts'

const { start, newFolder } = openApps()

/** Bare pods, each of which is an incident of its own. */
const pod = (name: string) => ({
  metadata: { name: `${name}.0`, namespace: 'shop', uid: name, resourceVersion: '7' },
  involvedObject: { kind: 'Pod', namespace: 'shop', name },
})

describe('routes', () => {
  const chats = [-1001, -1002, -1003].map((id) => ({ id, type: 'supergroup' as const, title: String(id) }))

  it('lead to several targets, may continue, and TELEGRAM_CHAT_ID gets the rest', async () => {
    const rules = `
defaults: false
targets: { oncall: -1001, payments: -1002 }
routes:
  - { match: { severity: critical }, to: oncall, continue: true }
  - { match: { namespace: shop }, to: [payments, oncall] }`
    const app = await start({ rules, chats, targets: ['-1003'] })
    const critical = {
      involvedObject: node,
      reason: 'NodeNotReady',
      message: 'Node worker-1 status is now: NodeNotReady',
    }
    await app.notify([
      at(app, 0),
      at(app, 1, critical),
      at(app, 2, { involvedObject: node, reason: 'Rebooted', message: 'x' }),
    ])
    const lines = app.log.filter(({ message }) => message === 'record').map(({ offset, chat }) => `${offset} ${chat}`)
    expect(lines.sort()).toEqual(['0 oncall', '0 payments', '1 oncall', '2 -1003'])
    expect(chats.map(({ id }) => textsIn(app, id).length)).toEqual([2, 1, 1])
  })

  it('give each target its own incident, and a record is returned for either', async () => {
    const app = await start({ rules: '{ defaults: false, routes: [{ to: [-1001, -1002] }] }', chats })
    app.emulator.inject({ kind: 'too many requests', retryAfter: 30 })
    const { batchItemFailures } = await app.notify([at(app, 0)])
    expect(batchItemFailures).toHaveLength(1)
    await app.sweepUntilDelivered()
    expect([textsIn(app, -1001).length, textsIn(app, -1002).length]).toEqual([1, 1])
  })

  it('show no open incident again when a chat gets a name', async () => {
    const folder = newFolder()
    const before = await start({ rules: 'defaults: false', chats, targets: ['-1003'] }, folder)
    await before.notify([at(before, 0)])
    const rules = '{ defaults: false, targets: { ops: -1003 }, routes: [{ to: [ops, -1003] }] }'
    const after = await start({ rules, beside: before, targets: ['-1003'] }, folder)
    await after.notify([at(after, 1)])
    await after.sweepUntilDelivered()
    expect(textsIn(after, -1003)).toHaveLength(1)
  })

  it('that are removed leave pending incidents, which become one line in the default chat after a day', async () => {
    const folder = newFolder()
    const before = await start(
      { rules: '{ defaults: false, targets: { old: -1001 }, routes: [{ to: old }] }', chats, targets: ['-1003'] },
      folder,
    )
    before.emulator.inject({ kind: 'too many requests', retryAfter: 30 })
    await before.notify(['web', 'api', 'mail'].map((name, number) => at(before, number, pod(name))))
    const after = await start({ rules: 'defaults: false', beside: before, targets: ['-1003'] }, folder)
    await after.sweep()
    expect([textsIn(after, -1001), textsIn(after, -1003)]).toEqual([[], []])
    await after.sweepUntilDelivered(25 * 60)
    expect(textsIn(after, -1001)).toEqual([])
    expect(textsIn(after, -1003)).toEqual([
      expect.stringMatching(
        /^🟠 Incidents not delivered · NotDelivered\nold\nNot delivered since 2026-11-24 00:00 UTC\. /,
      ),
    ])
    expect(textsIn(after, -1003)[0]).toContain('×3')
    await after.clock.sleep(48 * 3_600_000)
    await after.sweep()
    expect(textsIn(after, -1003)).toHaveLength(1)
  })
})

describe('clusters', () => {
  it('are named by topic', async () => {
    const app = await start({ rules: '{ defaults: false, clusters: { kube-prod: prod } }' })
    await app.notify([at(app, 0, {}, 'kube-prod'), at(app, 0, {}, 'kube-other')])
    expect(textsIn(app).map((text) => /in (\w+)$/m.exec(text)?.[1])).toEqual(['test', 'prod'])
  })
})
