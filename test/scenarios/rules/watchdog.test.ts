import { describe, expect, it } from 'vitest'
import { interceptStore } from '../../../lib/adapters/store/intercept.ts'
import type { Store } from '../../../lib/pipeline/ports.ts'
import type { TestApp } from '../../support/app.ts'
import { openApps, textsIn } from '../../support/crashes.ts'
import { at, minutes, normal, pass } from '../../support/rules.ts'

const { start, newFolder } = openApps()

const hour = 60
const day = 24 * hour
// The events are dropped, so that only own events are shown.
const rules = '{ watchdog: { after: 30m }, rules: [{ name: all, action: drop }], defaults: false, suppressed: off }'

const reportOf = (text: string) => text.split('\n')
const sendsOf = ({ emulator }: TestApp) => emulator.journal.filter(({ method }) => method === 'sendMessage').length

describe('a cluster from which no record comes', () => {
  it('is not reported unless configured, and nothing is written', async () => {
    const calls: string[] = []
    const counting = (store: Store): Store =>
      interceptStore(store, (method, call) => {
        if (method.startsWith('lastSeen.')) calls.push(method)
        return call()
      })
    const app = await start({ rules: 'default', decorate: counting })
    await app.notify([at(app, 0, normal)])
    await pass(2 * hour, app)
    expect(textsIn(app)).toEqual([])
    expect(calls).toEqual([])
  })

  it('is reported once by any sweep, and so is the end of the gap', async () => {
    const folder = newFolder()
    const app = await start({ rules }, folder)
    const other = await start({ rules, beside: app }, folder)
    await pass(6, app, other)
    await app.notify([at(app, 0, normal)])
    await pass(30, app, other)
    expect(textsIn(app)).toEqual([])
    await pass(10, other, app)
    expect(textsIn(app).map(reportOf)).toEqual([
      [
        '🟠 No events from a cluster · NoEventsReceived',
        'test',
        'No events received from cluster test since 2026-11-24 00:06 UTC (30 min).',
        expect.stringMatching(/^💡 Check the pod and log of kube-eventer/),
        '00:06 – 00:36 UTC',
      ],
    ])
    await pass(12, app, other)
    // An old event: the time of its arrival counts.
    await other.notify([at(other, 1, { ...normal, firstTimestamp: null, lastTimestamp: '2026-11-23T20:00:00Z' })])
    await pass(10, other, app)
    expect(textsIn(app).map(reportOf)).toEqual([
      [
        '🟠 No events from a cluster · EventsReceivedAgain',
        'test',
        'Events received again since 2026-11-24 00:58 UTC, after 52 min without any.',
        '00:06 – 00:58 UTC',
      ],
    ])
    expect(sendsOf(app)).toBe(1)
    expect(app.emulator.messages().map(({ isSilent }) => isSilent)).toEqual([false])
  })

  it('is reported in German, and in the configured target', async () => {
    const app = await start({
      rules: '{ watchdog: { after: 2h, target: "-1001234567890" } }',
      environment: { CARD_LANGUAGE: 'de', TZ: 'Europe/Berlin' },
    })
    await app.notify([at(app, 0, normal)])
    await pass(2 * hour + 2, app)
    const [text] = textsIn(app)
    expect(text).toContain('Keine Events aus Cluster test seit 2026-11-24 01:00 UTC+1 (2 h).')
    expect(text).toContain('💡 Prüfe Pod und Log von kube-eventer')
    await app.notify([at(app, 1, normal)])
    await pass(2, app)
    expect(textsIn(app)[0]).toContain('Wieder Events seit 2026-11-24 03:02 UTC+1, nach 2 h 2 min ohne Events.')
    expect(textsIn(app)[0]).not.toContain('💡')
  })

  it('is reported with a sound each time', async () => {
    const app = await start({ rules })
    for (let silences = 1; silences <= 3; silences += 1) {
      await app.notify([at(app, silences, normal)])
      await pass(40, app)
      expect(textsIn(app)).toHaveLength(silences)
    }
    await pass(3 * hour, app)
    await app.notify([at(app, 9, normal)])
    await pass(3, app)
    expect(sendsOf(app)).toBe(3)
    expect(textsIn(app)[2]).toContain('after 3 h 40 min without any')
  })

  it('is reported for each cluster, whatever its topics', async () => {
    const clusters = '{ a-1: a, a-2: a, b-1: b }'
    const app = await start({ rules: rules.replace('{', `{ clusters: ${clusters},`) })
    await app.notify(['a-1', 'a-2', 'b-1', 'c-1'].map((topic, number) => at(app, number, normal, topic)))
    await pass(20, app)
    await app.notify([at(app, 5, normal, 'a-2')])
    await pass(20, app)
    const names = textsIn(app).map((text) => reportOf(text)[1])
    // CLUSTER_NAME stands for all other topics.
    expect(names.sort()).toEqual(['b', 'test'])
  })

  it('is not reported before its first record, again after days, or after it was removed', async () => {
    const app = await start({ rules })
    await pass(2 * hour, app)
    expect(textsIn(app)).toEqual([])
    await app.notify([at(app, 0, normal)])
    await pass(hour, app)
    expect(textsIn(app)).toHaveLength(1)
    for (let days = 0; days < 9; days += 1) {
      await minutes(app, day)
      // A process without memory.
      app.restart()
      await pass(7, app)
    }
    expect(textsIn(app)).toHaveLength(1)
    await app.notify([at(app, 1, normal)])
    await pass(10, app)
    expect(textsIn(app)).toHaveLength(1)
  })

  it('is not reported for a time in which the program did not run', async () => {
    const app = await start({ rules })
    await app.notify([at(app, 0, normal)])
    await minutes(app, 5 * hour)
    app.restart()
    await pass(4, app)
    await app.notify([at(app, 1, normal)])
    await pass(20, app)
    expect(textsIn(app)).toEqual([])
  })

  it('is reported as over without a sound after days, when its first message is forgotten', async () => {
    const app = await start({ rules })
    await app.notify([at(app, 0, normal)])
    await pass(hour, app)
    await minutes(app, 3 * day)
    await pass(7, app)
    await app.notify([at(app, 1, normal)])
    await pass(7, app)
    const texts = textsIn(app)
    expect(texts).toHaveLength(2)
    expect(texts[1]).toContain('after 3 d 1 h without any')
    expect(app.emulator.messages().map(({ isSilent }) => isSilent)).toEqual([false, true])
  })

  it('is also reported with INCIDENTS=off', async () => {
    const app = await start({ rules, environment: { INCIDENTS: 'off' } })
    await app.notify([at(app, 0, normal)])
    await pass(40, app)
    await app.notify([at(app, 1, normal)])
    await pass(5, app)
    expect(textsIn(app).map((text) => reportOf(text)[0])).toEqual([
      '🟠 No events from a cluster · NoEventsReceived',
      '🔵 No events from a cluster · EventsReceivedAgain',
    ])
  })
})
