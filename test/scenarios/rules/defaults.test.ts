import { describe, expect, it } from 'vitest'
import { endsOf, openApps, textsIn } from '../../support/crashes.ts'
import { at, minutes, normal, probe, rulesOf } from '../../support/rules.ts'

const { start } = openApps()

describe('the default rules', () => {
  it('drop the events of a healthy rollout, and the log names the rule', async () => {
    const app = await start({ rules: 'default' })
    await app.notify([
      at(app, 0, normal),
      at(app, 1, { type: 'Normal', reason: 'Started', message: 'Started container web' }),
    ])
    expect(endsOf(app)).toEqual(['skipped: dropped by rule', 'skipped: recovery'])
    expect(rulesOf(app)).toEqual(['rollouts', 'rollouts'])
    expect(app.emulator.messages()).toEqual([])
    const [batch] = app.log.filter(({ message }) => message === 'batch')
    expect(batch).toMatchObject({ Skipped: 2, suppressed: { rollouts: 2 } })
  })

  it('show nothing of a rollout of thirty pods that each fail one readiness probe', async () => {
    const app = await start({ rules: 'default' })
    const set = { type: 'Normal', involvedObject: { kind: 'ReplicaSet', namespace: 'shop', name: 'web-7d9f8c6b5' } }
    const probe = {
      reason: 'Unhealthy',
      message: 'Readiness probe failed: dial tcp 10.0.0.7:8080: connect: connection refused',
    }
    const steps = ['Scheduled', 'Pulling', 'Pulled', 'Created', 'Started', 'Unhealthy', 'Killing'].map((reason) =>
      reason === 'Unhealthy' ? probe : { type: 'Normal', reason, message: `${reason} container web` },
    )
    const letters = 'bcdfghjklmnpqrstvwxz'
    for (let pod = 0; pod < 30; pod += 1) {
      const name = `web-7d9f8c6b5-x${letters[pod % 20]}${letters[Math.floor(pod / 20)]}4p`
      const involvedObject = { kind: 'Pod', namespace: 'shop', name }
      await app.notify([
        at(app, 10 * pod, { ...set, reason: 'SuccessfulCreate', message: `Created pod: ${name}` }),
        ...steps.map((fields, step) => at(app, 10 * pod + step + 1, { ...fields, involvedObject })),
      ])
      await minutes(app, 0.5)
    }
    await app.sweepUntilDelivered()
    expect(textsIn(app)).toEqual([])
    const kinds = new Set(endsOf(app))
    expect([...kinds].sort()).toEqual(['skipped: below atLeast', 'skipped: dropped by rule', 'skipped: recovery'])
  })

  it('show a failing probe from its third time on, with all earlier ones', async () => {
    const app = await start({ rules: 'default' })
    for (let number = 0; number < 4; number += 1) {
      const metadata = { name: 'web.1', uid: 'web.1', resourceVersion: String(number + 1) }
      const firstTimestamp = '2026-11-24T00:00:00Z'
      await app.notify([at(app, number, { ...probe, metadata, count: number + 1, firstTimestamp })])
      await minutes(app, 2)
    }
    expect(endsOf(app)).toEqual(['skipped: below atLeast', 'skipped: below atLeast', 'sent: shown', 'sent: updated'])
    expect(textsIn(app)).toEqual([expect.stringContaining('×4 in 6 min')])
  })

  it('use each event’s own count with one message per record', async () => {
    const app = await start({ rules: 'default', environment: { STATE: 'memory' } })
    await app.notify([at(app, 0, probe), at(app, 1, { ...probe, count: 3 })])
    expect(endsOf(app)).toEqual(['skipped: below atLeast', 'sent: shown'])
  })
})
