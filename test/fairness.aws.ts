import { expect, inject, it } from 'vitest'
import { type Exchange, startRelay } from './state/relay.ts'
import { type Capacity, capacityOf } from './support/capacity.ts'
import {
  expectAllServed,
  fairnessScenarios,
  owedInSixtyChats,
  sixtyChats,
  sweepTwice,
  withOwed,
} from './support/fairness.ts'
import { newTables } from './support/new-table.ts'

const tables = newTables(inject('aws'), 'fairness')

// Fewer than with SQLite: each takes some milliseconds to write.
fairnessScenarios('DynamoDB', tables, { sweep: 1_500, batch: 150 })

/** What README says that a sweep takes at most: for itself, for each chat, and for each message that it sends or edits. */
const most: Record<keyof Capacity, { sweep: number; chat: number; message: number }> = {
  reads: { sweep: 6, chat: 3, message: 0 },
  readUnits: { sweep: 20, chat: 4, message: 2 },
  writes: { sweep: 0, chat: 2, message: 3 },
  writeUnits: { sweep: 0, chat: 4, message: 10 },
}

it('a sweep of 5,000 owed in 60 chats stays within the reads and writes that README names', async () => {
  const exchanges: Exchange[] = []
  const relay = await startRelay(inject('aws').endpoint ?? '', (exchange) => exchanges.push(exchange))
  const relayed = async () => {
    const { environment, remove } = await tables()
    return { environment: { ...environment, AWS_ENDPOINT_URL: relay.endpoint }, remove }
  }
  try {
    await withOwed(relayed, sixtyChats, owedInSixtyChats, async (app, textsIn) => {
      exchanges.length = 0
      await sweepTwice(app)
      expectAllServed(textsIn)
      const taken = capacityOf(exchanges)
      const messages = app.standin.journal.filter(({ accepted }) => accepted).length
      const allowed = Object.fromEntries(
        Object.entries(most).map(([name, { sweep, chat, message }]) => [
          name,
          2 * (sweep + chat * sixtyChats.length) + message * messages,
        ]),
      )
      console.log(`two sweeps, ${sixtyChats.length} chats, ${messages} messages:`, taken, 'allowed:', allowed)
      const exceeded = Object.entries(taken).filter(([name, count]) => count > (allowed[name] ?? 0))
      expect(exceeded).toEqual([])
    })
  } finally {
    await relay.close()
  }
}, 300_000)
