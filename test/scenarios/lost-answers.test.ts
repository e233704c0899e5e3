import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { StateUnavailable, type Store, type Written } from '../../lib/pipeline/ports.ts'
import { chatId, startApp } from '../support/app.ts'
import { record } from '../support/records.ts'

// DynamoDB's client repeats a write whose answer was lost. The repeated write finds that it was made already, and resolves with the incident as
// it is now: another invocation may have merged into it in between.
test.each(['saveBody', 'takeLease', 'recordDelivery'] as const)(
  'a merge between %s and its repetition is shown',
  async (method) => {
    const environment = { STATE: `sqlite:${join(mkdtempSync(join(tmpdir(), 'lost-')), 'state.db')}` }
    let isArmed = method !== 'recordDelivery'
    let mergeInBetween = async () => {}
    const repeated = async (store: Store, key: string, written: Written): Promise<Written> => {
      if (!isArmed || !('saved' in written)) return written
      isArmed = false
      await mergeInBetween()
      const now = (await store.readIncidents([key])).get(key)
      return now ? { saved: now } : written
    }
    const decorate = (store: Store): Store => ({
      ...store,
      [method]: async (key: string, ...parameters: never[]) => {
        const write = store[method] as (key: string, ...parameters: never[]) => Promise<Written>
        return repeated(store, key, await write(key, ...parameters))
      },
    })
    const onlyMerges = (store: Store): Store => ({
      ...store,
      takeLease: () => Promise.reject(new StateUnavailable('a test')),
    })
    const app = await startApp({ environment, decorate })
    const other = await startApp({ environment, beside: app, decorate: onlyMerges })
    mergeInBetween = async () => {
      await other.notify([record(3)])
    }

    await app.notify([record(1)])
    if (method === 'recordDelivery') {
      // The message to edit is gone, so recording that is followed by a send.
      app.emulator.chats.get(chatId)?.messages.splice(0)
      await app.clock.sleep(60_000)
      isArmed = true
      await app.notify([record(2)])
    }
    await app.sweepUntilDelivered(60)

    expect(isArmed).toBe(false)
    expect(app.emulator.messages().at(-1)?.text).toContain('record 3')
    await other.close()
    await app.close()
  },
)
