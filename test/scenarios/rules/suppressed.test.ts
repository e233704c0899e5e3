import { describe, expect, it, test } from 'vitest'
import { interceptStore } from '../../../lib/adapters/store/intercept.ts'
import type { ChatMessage } from '../../../lib/emulator/chats.ts'
import type { TestApp } from '../../support/app.ts'
import { openApps, textsIn } from '../../support/crashes.ts'
import { at, minutes, normal, probe } from '../../support/rules.ts'

const { start, newFolder } = openApps()

describe('the summary of suppressed events', () => {
  const hour = 60
  const lines = (app: TestApp) => textsIn(app).flatMap((text) => text.match(/^\d+ suppressed in 24 h.*$/m) ?? [])

  it('is sent once a day and counts each record once, even if records are delivered again', async () => {
    const folder = newFolder()
    const app = await start({ rules: '{ suppressed: { at: 09:00, zone: Europe/Berlin } }' }, folder)
    const batch = [at(app, 0, normal), at(app, 1, normal), at(app, 2, probe), at(app, 3, normal)]
    await app.notify(batch.slice(0, 3))
    await app.notify(batch)
    await app.sweep()
    expect(lines(app)).toEqual([])
    await minutes(app, 8 * hour)
    await app.notify([at(app, 4, normal)])
    const other = await start({ rules: '{ suppressed: { at: 09:00, zone: Europe/Berlin } }', beside: app }, folder)
    for (let sweeps = 0; sweeps < 3; sweeps += 1) {
      await app.sweep()
      await other.sweep()
      await minutes(app, 1)
    }
    // The fifth was after nine o'clock in Berlin.
    expect(lines(app)).toEqual(['4 suppressed in 24 h: rollouts 3 (mostly shop/web), probes 1 (mostly shop/web)'])
    expect(app.emulator.messages().map(({ isSilent }: ChatMessage) => isSilent)).toEqual([true])
    await minutes(app, 24 * hour)
    await app.sweep()
    expect(lines(app)).toHaveLength(2)
    await minutes(app, 24 * hour)
    await app.sweep()
    expect(lines(app)).toHaveLength(2)
  })

  test.each([
    ['put back', '2026-10-23T10:00:00Z', [15, 24, 25, 24]],
    ['put forward', '2027-03-26T10:00:00Z', [16, 23, 24, 24]],
  ])('is sent once a day when clocks are %s', async (_, from, expected) => {
    const app = await start({ rules: '{ suppressed: { at: 02:30, zone: Europe/Berlin } }', startsAt: Date.parse(from) })
    for (let hours = 0; hours < 4 * 24; hours += 1) {
      await app.notify([at(app, hours, normal)])
      await app.sweep()
      await minutes(app, hour)
    }
    const counts = textsIn(app).flatMap((text) => /^(\d+) suppressed in 24 h/m.exec(text)?.[1] ?? [])
    expect(counts.map(Number)).toEqual(expected)
  })

  it('needs one write for each partition with new suppressed events, and none for others', async () => {
    let writes = 0
    const app = await start({
      rules: 'default',
      decorate: (store) =>
        interceptStore(store, (method, call) => {
          if (method === 'counters.save') writes += 1
          return call()
        }),
    })
    const batch = [0, 1, 2, 3].map((number) => ({ ...at(app, number, normal), partition: number % 2 }))
    await app.notify(batch)
    await app.notify([...batch, at(app, 9)])
    expect(writes).toBe(2)
  })

  it('is not sent with suppressed: off', async () => {
    const app = await start({ rules: 'suppressed: off' })
    await app.notify([at(app, 0, normal)])
    await minutes(app, 48 * hour)
    await app.sweep()
    expect(textsIn(app)).toEqual([])
  })
})
