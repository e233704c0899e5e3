import type { Result } from '../outcome.ts'
import type { DeliverDependencies, Delivery } from './delivery.ts'
import type { Chat, Lanes } from './lane.ts'
import { type Run, startRun } from './run.ts'
import { send } from './send.ts'

export interface Delivered {
  result: Result
  /** From its turn in the lane to its end, waiting included. */
  milliseconds: number
}

export interface Report {
  /** One for each delivery. */
  delivered: Map<Delivery, Delivered>
  requests: number
  /** How many of them Telegram answered with 429. */
  rateLimited: number
  /** What an operator should mend: a chat that refuses, a group that has a new id. Each said once. */
  notices: string[]
  /** What Telegram said when it refused the token: the invocation has to fail. */
  refusedToken: string | undefined
}

export type Deliver = (deliveries: Delivery[], deadline: number) => Promise<Report>

/**
 * Sends deliveries: one lane per chat, each in the given order, one request at a time. Ends before `deadline` (ms since the epoch).
 * Once a record of a partition is deferred, no later one of it is started. Rejects for bugs only, after every lane has ended.
 */
export function createDeliver(lanes: Lanes, dependencies: DeliverDependencies): Deliver {
  return async (deliveries, deadline) => {
    const run = startRun(deadline)
    const delivered = new Map<Delivery, Delivered>()
    const ends = await Promise.allSettled(
      [...Map.groupBy(deliveries, ({ target }) => target.chat)].map(([chat, lane]) =>
        runLane(chat, lane, { lanes, run, delivered, dependencies }),
      ),
    )
    dependencies.client.close()
    for (const end of ends) if (end.status === 'rejected') throw end.reason
    const { requests, rateLimited, notices, refusedToken } = run
    return { delivered, requests, rateLimited, notices: [...notices], refusedToken: refusedToken?.detail }
  }
}

interface LaneRun {
  lanes: Lanes
  run: Run
  delivered: Map<Delivery, Delivered>
  dependencies: DeliverDependencies
}

async function runLane(name: string, deliveries: Delivery[], { lanes, run, delivered, dependencies }: LaneRun) {
  const { clock } = dependencies
  const turn = await lanes.take(name, run.deadline)
  try {
    for (const delivery of deliveries) {
      const startedAt = clock.now()
      const result = turn ? await settle(delivery, turn.chat, run, dependencies) : late
      if (result.outcome === 'deferred') run.deferredPartitions.add(delivery.record.mapKey)
      delivered.set(delivery, { result, milliseconds: clock.now() - startedAt })
    }
  } finally {
    turn?.giveBack()
  }
}

const late: Result = { outcome: 'deferred', why: 'deadline' }

async function settle(delivery: Delivery, chat: Chat, run: Run, dependencies: DeliverDependencies): Promise<Result> {
  const receipt = dependencies.receipts.find(delivery.recordKey, delivery.target.name)
  if (receipt === 'sent') return { outcome: 'skipped', why: 'already shown' }
  if (receipt === 'rejected') return { outcome: 'rejected', why: 'text refused' }
  if (run.deferredPartitions.has(delivery.record.mapKey)) return { outcome: 'deferred', why: 'behind' }
  const halted = run.refusedToken ?? run.haltedChats.get(delivery.target.chat)
  if (halted) return halted
  return send(delivery, chat, run, dependencies)
}
