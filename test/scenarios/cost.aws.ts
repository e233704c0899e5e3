import { expect, inject, it } from 'vitest'
import { type Exchange, startRelay } from '../adapters/store/relay.ts'
import { usageAt, volumes } from '../docs/costs-page.ts'
import { startApp } from '../support/app.ts'
import { capacityOf } from '../support/capacity.ts'
import { newTables } from '../support/dynamodb-tables.ts'
import { readRecording } from '../support/recordings.ts'

const tables = newTables(inject('aws'), 'cost')
const day = 86_400_000
const minute = 60_000

// The volume before these, 1,000 a day, only waits longer between the same batches.
it.each([1, 2, 3])(
  'a cluster in trouble needs no more units of the table than docs/aws-costs.md says, volume %i',
  async (column) => {
    const exchanges: Exchange[] = []
    const relay = await startRelay(inject('aws').endpoint ?? '', (exchange) => exchanges.push(exchange))
    const { environment, remove } = await tables()
    const app = await startApp({
      environment: { ...environment, AWS_ENDPOINT_URL: relay.endpoint },
      isPaced: true,
      rules: 'default',
    })
    const records = readRecording('cluster-mixed').slice(0, 120)
    const size = usageAt('events in one invocation of notify', column)
    const millisecondsPerEvent = day / Number(volumes[column]?.replaceAll(',', ''))
    const startedAt = app.clock.now()
    const sleepUntil = (time: number) => app.clock.sleep(Math.max(0, time - app.clock.now()))
    try {
      let nextSweep = startedAt + minute
      for (let at = 0; at < records.length; at += size) {
        const arrivesAt = startedAt + at * millisecondsPerEvent
        for (; nextSweep <= arrivesAt; nextSweep += minute) {
          await sleepUntil(nextSweep)
          await app.sweep()
        }
        await sleepUntil(arrivesAt)
        await app.notify(records.slice(at, at + size))
      }
      await app.sweepUntilDelivered()
      const { readUnits, writeUnits, writes } = capacityOf(exchanges)
      // The index needs none, one or two units for a write, depending on what changed.
      const taken = { read: readUnits / records.length, written: (writeUnits + writes) / records.length }
      console.log(`${volumes[column]} events a day: units for each event`, taken)
      expect(taken.read).toBeLessThanOrEqual(usageAt('read units for each event', column))
      expect(taken.written).toBeLessThanOrEqual(usageAt('write units for each event', column))
    } finally {
      await app.close()
      await relay.close()
      await remove()
    }
  },
)
