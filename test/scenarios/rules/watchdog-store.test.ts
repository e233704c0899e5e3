import { describe, expect, it } from 'vitest'
import { interceptStore } from '../../../lib/adapters/store/intercept.ts'
import { StateUnavailable, type Store } from '../../../lib/pipeline/ports.ts'
import { startApp } from '../../support/app.ts'
import { openApps, textsIn } from '../../support/crashes.ts'
import { at, minutes, normal, pass } from '../../support/rules.ts'

const { start, newFolder } = openApps()

const hour = 60
const rules = '{ watchdog: { after: 30m }, rules: [{ name: all, action: drop }], defaults: false, suppressed: off }'

describe('the watchdog’s stored times', () => {
  it('need one write a minute for each cluster', async () => {
    let writes = 0
    const decorate = (store: Store): Store =>
      interceptStore(store, (method, call) => {
        if (method === 'lastSeen.save') writes += 1
        return call()
      })
    const app = await start({ rules, decorate })
    const clusters = ['prod', 'staging']
    for (let seconds = 0; seconds < 300; seconds += 10) {
      await app.notify(clusters.map((topic, number) => ({ ...at(app, seconds + number, normal, topic) })))
      await app.clock.sleep(10_000)
    }
    expect(writes).toBeLessThanOrEqual(6)
    expect(writes).toBeGreaterThanOrEqual(5)
  })

  it('survive an outage of the store: the gap is reported late, and once', async () => {
    let isAway = false
    const decorate = (store: Store): Store =>
      interceptStore(store, (_, call) => (isAway ? Promise.reject(new StateUnavailable('gone')) : call()))
    const app = await start({ rules, decorate })
    await app.notify([at(app, 0, normal)])
    await pass(20, app)
    isAway = true
    for (let passed = 0; passed < hour; passed += 1) {
      await expect(app.sweep()).rejects.toThrow(StateUnavailable)
      await minutes(app, 1)
    }
    isAway = false
    await pass(5, app)
    expect(textsIn(app)).toHaveLength(1)
    expect(textsIn(app)[0]).toMatch(/No events received from cluster test since .*⏱ delivered 50 min late$/s)
    // The end cannot be saved during the outage; the next record ends the gap.
    isAway = true
    await app.notify([at(app, 1, normal)])
    isAway = false
    await pass(2, app)
    expect(textsIn(app)[0]).toContain('No events received')
    await app.notify([at(app, 2, normal)])
    await pass(2, app)
    expect(textsIn(app)).toEqual([expect.stringContaining('Events received again since')])
  })

  it('include records that come during a sweep', async () => {
    let between = async () => {}
    const decorate = (store: Store): Store =>
      interceptStore(store, async (method, call) => {
        const answer = await call()
        if (method === 'lastSeen.list') await between()
        return answer
      })
    const folder = newFolder()
    const app = await start({ rules, decorate }, folder)
    const other = await start({ rules, beside: app }, folder)
    await other.notify([at(app, 0, normal)])
    await pass(30, app)
    between = async () => void (await other.notify([at(app, 1, normal)]))
    await app.sweep()
    between = async () => {}
    await pass(29, app)
    expect(textsIn(app)).toEqual([])
    await pass(3, app)
    expect(textsIn(app)).toHaveLength(1)
  })

  it('let the next sweep report a gap that one sweep could not save', async () => {
    let failures = 0
    const decorate = (store: Store): Store =>
      interceptStore(store, async (method, call) => {
        if (method !== 'saveBody') return call()
        failures += 1
        if (failures <= 2) throw new StateUnavailable('gone')
        return call()
      })
    const folder = newFolder()
    const app = await start({ rules, decorate }, folder)
    await app.notify([at(app, 0, normal)])
    await pass(32, app)
    expect(failures).toBe(2)
    expect(textsIn(app)).toEqual([])
    // Another process, without memory of what was reported.
    app.restart()
    await pass(2, app)
    expect(textsIn(app)).toHaveLength(1)
    app.restart()
    await pass(2, app)
    expect(textsIn(app)).toHaveLength(1)
  })

  it('are not used with STATE=memory, which a warning says at start', async () => {
    const app = await startApp({ rules })
    expect(app.log.map(({ message }) => message)).toContain(
      'rules.yml, line 1, watchdog: the watchdog needs STATE=sqlite:<file> or STATE=dynamodb:<table>; it is off',
    )
    await app.notify([at(app, 0, normal)])
    await pass(2 * hour, app)
    expect(textsIn(app)).toEqual([])
    await app.close()
  })
})
