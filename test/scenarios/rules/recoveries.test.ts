import { describe, expect, it } from 'vitest'
import { StateUnavailable, type Store } from '../../../lib/pipeline/ports.ts'
import { endsOf, openApps } from '../../support/crashes.ts'
import { at, minutes, normal } from '../../support/rules.ts'

const { start } = openApps()

describe('what ends a trouble', () => {
  const started = { type: 'Normal', reason: 'Started', message: 'Started container web' }
  const pulling = { reason: 'Failed', message: 'Failed to pull image "web:1": not found' }

  it('reaches its incident although a rule drops it as news, once', async () => {
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
    // Trouble, then its relief a minute later; the same again changes nothing.
    expect(writes.map((objects) => JSON.parse(objects)[0].slice(1, 3))).toEqual([
      [1_795_478_400_000, 0],
      [1_795_478_400_000, 1_795_478_460_000],
    ])
    expect(app.emulator.journal).toHaveLength(1)
  })

  it.each([
    ['drops', 'defaults: true', 'skipped: dropped by rule, batch item failure'],
    ['shows', 'defaults: false', 'returned: state unavailable, batch item failure'],
  ])('comes again if its incident can’t be told, also where a rule %s it', async (_, rules, others) => {
    const app = await start({
      rules,
      decorate: (store): Store => ({
        ...store,
        readIncidents: (keys) =>
          keys.length > 0 ? Promise.reject(new StateUnavailable('away')) : store.readIncidents(keys),
      }),
    })
    const { batchItemFailures } = await app.notify([at(app, 0, started), at(app, 1, normal)])
    expect(endsOf(app)).toEqual(['returned: state unavailable, batch item failure', others])
    expect(batchItemFailures).toHaveLength(2)
  })
})
