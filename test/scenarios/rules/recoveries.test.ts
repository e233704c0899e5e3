import { describe, expect, it } from 'vitest'
import { StateUnavailable, type Store } from '../../../lib/pipeline/ports.ts'
import { endsOf, openApps, textsIn } from '../../support/crashes.ts'
import { nameOf, nodeDown, pod } from '../../support/pods.ts'
import { at, minutes, normal } from '../../support/rules.ts'

const { start } = openApps()

describe('a recovery', () => {
  const started = { type: 'Normal', reason: 'Started', message: 'Started container web' }
  const pulling = { reason: 'Failed', message: 'Failed to pull image "web:1": not found' }

  it('is added to its incident once, although a rule drops it', async () => {
    const writes: string[] = []
    const app = await start({
      rules: 'default',
      decorate: (store): Store => ({
        ...store,
        saveBody(key, body, ...rest) {
          writes.push(JSON.stringify(body.merged.objects))
          return store.saveBody(key, body, ...rest)
        },
      }),
    })
    await app.notify([at(app, 0, pulling)])
    await minutes(app, 1)
    const end = at(app, 1, started)
    await app.notify([end])
    await app.notify([end])
    expect(endsOf(app)).toEqual(['sent: shown', 'skipped: recovery', 'skipped: recovery'])
    // A warning, then its recovery a minute later. The second delivery changes nothing.
    expect(writes.map((objects) => JSON.parse(objects)[0].slice(1, 3))).toEqual([
      [1_795_478_400_000, 0],
      [1_795_478_400_000, 1_795_478_460_000],
    ])
    expect(app.emulator.journal).toHaveLength(1)
  })

  it.each([
    ['drops', 'defaults: true', 'skipped: dropped by rule, batch item failure'],
    ['shows', 'defaults: false', 'sent: shown, batch item failure'],
  ])('is returned if it cannot be saved, even if a rule %s it', async (_, rules, others) => {
    let isAway = false
    const app = await start({
      rules,
      decorate: (store): Store => ({
        ...store,
        saveBody: (key, body, ...rest) =>
          isAway && body.merged.latest.reason === pulling.reason
            ? Promise.reject(new StateUnavailable('a test'))
            : store.saveBody(key, body, ...rest),
      }),
    })
    await app.notify([at(app, 0, pulling)])
    await minutes(app, 1)
    isAway = true
    const { batchItemFailures } = await app.notify([at(app, 1, started), at(app, 2, normal)])
    expect(endsOf(app).slice(1)).toEqual(['returned: state unavailable, batch item failure', others])
    expect(batchItemFailures).toHaveLength(2)
  })

  it('does not delay a critical event of its batch, even if 40 recoveries are slow to save and fail', async () => {
    let isFailing = false
    const app = await start({
      rules: 'default',
      decorate: (store): Store => ({
        ...store,
        async saveBody(key, body, ...rest) {
          if (!isFailing || body.merged.severity === 'critical') return store.saveBody(key, body, ...rest)
          await app.clock.sleep(5_000)
          throw new StateUnavailable('a test')
        },
      }),
    })
    const pods = Array.from({ length: 40 }, (_, number) => nameOf(number))
    await app.notify(pods.map((name, number) => at(app, number, pod(name, pulling))))
    await app.sweepUntilDelivered()
    expect(textsIn(app)).toHaveLength(40)
    isFailing = true
    const before = app.clock.now()
    const recoveries = pods.map((name, number) => at(app, 100 + number, pod(name, started)))
    const critical = { ...at(app, 0, nodeDown('master')), partition: 1 }
    const { batchItemFailures } = await app.notify([...recoveries, critical], 30_000)
    expect(endsOf(app).slice(40)).toEqual([
      ...pods.map(() => 'returned: state unavailable, batch item failure'),
      'sent: shown',
    ])
    expect(batchItemFailures).toHaveLength(40)
    expect(textsIn(app).at(-1)).toContain('NodeNotReady')
    expect(app.clock.now() - before).toBeLessThanOrEqual(10_000)
  })
})
