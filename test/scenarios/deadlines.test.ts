import { describe, expect, it } from 'vitest'
import { interceptStore, type StoreMethod } from '../../lib/adapters/store/intercept.ts'
import { memoryStore } from '../../lib/adapters/store/memory.ts'
import { StateUnavailable, type Store } from '../../lib/pipeline/ports.ts'
import type { TestApp } from '../support/app.ts'
import { crash, endsOf, openApps, startAt } from '../support/crashes.ts'
import { record, records } from '../support/records.ts'

const { start } = openApps()

interface Setting {
  /** How long a call takes until it fails: SQLite's busy time-out; DynamoDB's tries (lib/adapters/store/dynamodb-call.ts). */
  milliseconds: number
  environment: Record<string, string>
  /** The store that the app gets. */
  open: (store: Store, app: () => TestApp) => Store
}

const access = { AWS_REGION: 'eu-central-1', AWS_ACCESS_KEY_ID: 'id', AWS_SECRET_ACCESS_KEY: 'secret' }
const settings: Record<string, Setting> = {
  sqlite: { milliseconds: 1_000, environment: {}, open: (store) => store },
  dynamodb: {
    milliseconds: 4_500,
    environment: { STATE: 'dynamodb:incidents', ...access },
    open: (_, app) => ({ ...memoryStore({ clock: app().clock }), isDurable: true }),
  },
}

describe.each(Object.entries(settings))('while %s is slow and fails', (_, { milliseconds, environment, open }) => {
  /** All calls fail from `outAt` on (milliseconds since the start), except those of one method. */
  async function startOut(outAt: number, but?: StoreMethod, others: Record<string, string> = {}): Promise<TestApp> {
    const app: TestApp = await start({
      environment: { ...environment, ...others },
      decorate: (store) =>
        interceptStore(
          open(store, () => app),
          async (method, call) => {
            if (method === but || app.clock.now() < startAt + outAt) return call()
            await app.clock.sleep(milliseconds)
            throw new StateUnavailable('a test')
          },
        ),
    })
    return app
  }

  it('answers a batch of records that can never be shown in time', async () => {
    const app = await startOut(0)
    const batch = Array.from({ length: 100 }, (_, number) => record(number, { value: `not JSON ${number}` }))
    await app.notify(batch, 30_000)
    expect(app.clock.now() - startAt).toBeLessThanOrEqual(30_000)
    expect(new Set(endsOf(app))).toEqual(new Set(['rejected: not JSON']))
  })

  it('answers a batch of 1,500 incidents that cannot be saved in time', async () => {
    const app = await startOut(0, 'readIncidents', { INCIDENTS: 'off' })
    const { batchItemFailures } = await app.notify(records(1_500), 30_000)
    expect(app.clock.now() - startAt).toBeLessThanOrEqual(30_000)
    expect(batchItemFailures).toHaveLength(1_500)
  })

  it('answers a batch of 600 incidents in time if the store is slow but works', async () => {
    const app: TestApp = await start({
      environment: { ...environment, INCIDENTS: 'off' },
      decorate: (store) =>
        interceptStore(
          open(store, () => app),
          async (_method, call) => {
            await app.clock.sleep(milliseconds)
            return call()
          },
        ),
    })
    await app.notify(records(600), 30_000)
    expect(app.clock.now() - startAt).toBeLessThanOrEqual(30_000)
    expect(endsOf(app).at(-1)).toMatch(/^returned: deadline/)
  })

  it('answers in time if the delivery of a message cannot be recorded', async () => {
    const app = await startOut(1)
    app.emulator.inject({ kind: 'slow', milliseconds: 2 })
    await app.notify([crash(0)], 30_000)
    expect(app.clock.now() - startAt).toBeLessThanOrEqual(30_000)
    expect(endsOf(app)).toEqual(['sent: shown'])
    expect(app.output.join()).toContain('unsaved: incident ')
  })

  it('ends a sweep in time if the delivery of a message cannot be recorded', async () => {
    const app = await startOut(10_001)
    app.emulator.inject({ kind: 'too many requests', retryAfter: 5 })
    await app.notify([crash(0)])
    await app.clock.sleep(startAt + 10_000 - app.clock.now())
    app.emulator.inject({ kind: 'slow', milliseconds: 2 })
    await app.sweep(60_000)
    expect(app.clock.now() - startAt).toBeLessThanOrEqual(70_000)
    expect(app.output.join()).toContain('unsaved: incident ')
  })
})
