import { expect, inject, it } from 'vitest'
import { type Exchange, startRelay } from '../adapters/store/relay.ts'
import { type Capacity, capacityOf } from '../support/capacity.ts'
import { newTables } from '../support/dynamodb-tables.ts'
import {
  expectAllServed,
  fairnessScenarios,
  pendingInSixtyChats,
  sixtyChats,
  sweepTwice,
  withPending,
} from '../support/fairness.ts'

const tables = newTables(inject('aws'), 'fairness')

// Fewer than with SQLite: each takes some milliseconds to write.
fairnessScenarios('DynamoDB', tables, { sweep: 1_500, batch: 150 })

interface Cost {
  sweep: number
  /** For a chat that accepts requests. */
  chat: number
  /** The same every tenth minute, besides: what a wrong clock has put off is looked for. */
  tenth: number
  /** With more due than it can take: a hundred of its incidents are looked at. */
  crowded: number
  message: number
  /** Pending when the sweep ends. */
  thousand: number
}

/**
 * The most reads and writes of a sweep according to docs/aws-costs.md. Once: the list of targets at its start and end, their chats, what rules
 * suppressed and from which clusters records stopped. For each chat: what is due, what is pending, the incidents, the rate limit.
 */
const most: Record<keyof Capacity, Cost> = {
  reads: { sweep: 5, chat: 4, tenth: 1, crowded: 0, message: 0, thousand: 0 },
  readUnits: { sweep: 5, chat: 3, tenth: 1, crowded: 100, message: 1, thousand: 30 },
  writes: { sweep: 0, chat: 1, tenth: 0, crowded: 0, message: 3, thousand: 0 },
  writeUnits: { sweep: 0, chat: 3, tenth: 0, crowded: 0, message: 6, thousand: 0 },
}

it('a sweep with 5,000 pending incidents in 60 chats needs no more reads and writes than docs/aws-costs.md says', async () => {
  const exchanges: Exchange[] = []
  const relay = await startRelay(inject('aws').endpoint ?? '', (exchange) => exchanges.push(exchange))
  const relayed = async () => {
    const { environment, remove } = await tables()
    return { environment: { ...environment, AWS_ENDPOINT_URL: relay.endpoint }, remove }
  }
  try {
    await withPending(relayed, sixtyChats, pendingInSixtyChats, async (app, textsIn) => {
      await app.clock.sleep(600_000)
      exchanges.length = 0
      await sweepTwice(app)
      expectAllServed(textsIn)
      const taken = capacityOf(exchanges)
      const messages = app.emulator.journal.filter(({ accepted }) => accepted).length
      const allowed = Object.fromEntries(
        Object.entries(most).map(([name, { sweep, chat, tenth, crowded, message, thousand }]) => [
          name,
          2 * (sweep + chat * sixtyChats.length + crowded * 2 + thousand * 5) +
            tenth * sixtyChats.length +
            message * messages,
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
