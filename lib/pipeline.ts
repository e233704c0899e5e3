import type { Clock } from './clock.ts'
import { type Decoded, decode } from './event/decode.ts'
import type { KubeEvent } from './event/event.ts'
import { type KafkaRecord, readRecords } from './event/record.ts'
import { card } from './format/card.ts'
import { recordKey } from './incident/key.ts'
import { observeBatch } from './observe/batch.ts'
import type { Log } from './observe/log.ts'
import { type KafkaBatchResponse, type Outcome, returned, type Settled, toResponse } from './outcome.ts'
import type { Rest } from './rest.ts'
import type { Target } from './route/target.ts'
import type { Deliver, Report } from './telegram/deliver.ts'
import type { Delivery } from './telegram/delivery.ts'

export interface Dependencies {
  route: (event: KubeEvent) => Target[]
  deliver: Deliver
  hash: (text: string) => string
  rest: Rest
  clock: Clock
  log: Log
  redact: (text: string) => string
  /** Undefined: each record's topic stands for its cluster. */
  cluster: string | undefined
  timeZone: string
  failureMode: 'partial' | 'throw'
  functionName: string
}

/**
 * The way of a batch: records → events → a delivery for each target → messages → what goes back to Kafka.
 * Ends before `deadline` (ms since the epoch). Rejects if the event is no Kafka event, if Telegram refuses the token, with
 * FAILURE_MODE=throw if a record is deferred, and for bugs; Lambda then delivers the batch again.
 */
export async function processBatch(
  kafkaEvent: unknown,
  deadline: number,
  dependencies: Dependencies,
): Promise<KafkaBatchResponse> {
  const { clock, deliver } = dependencies
  const startedAt = clock.now()
  const items = readRecords(kafkaEvent).map((record) => toItem(record, decode(record.value), dependencies))
  const report = await deliver(
    items.flatMap(({ deliveries }) => deliveries),
    deadline,
  )
  const settled = items.flatMap((item) => settle(item, report))
  const isReturned = returned(settled)
  observeBatch({ ...report, settled, isReturned, records: items.length, startedAt, now: clock.now() }, dependencies)
  await dependencies.rest(isFruitless(settled), deadline)
  return respond(
    settled.filter(({ record }) => isReturned(record)),
    report,
    dependencies,
  )
}

interface Item {
  record: KafkaRecord
  decoded: Decoded
  deliveries: Delivery[]
}

function toItem(record: KafkaRecord, decoded: Decoded, { route, hash, timeZone, ...settings }: Dependencies): Item {
  if ('problem' in decoded) return { record, decoded, deliveries: [] }
  const { event } = decoded
  const cluster = settings.cluster ?? record.topic
  const key = recordKey(cluster, event, record.value, hash)
  const render: Delivery['render'] = (options) => card(event, { cluster, timeZone, ...options })
  return { record, decoded, deliveries: route(event).map((target) => ({ recordKey: key, record, target, render })) }
}

function settle({ record, decoded, deliveries }: Item, { delivered }: Report): Settled[] {
  if ('problem' in decoded) {
    return [
      {
        record,
        event: undefined,
        target: undefined,
        result: { outcome: 'rejected', why: decoded.problem },
        milliseconds: 0,
      },
    ]
  }
  return deliveries.map((delivery) => {
    const end = delivered.get(delivery)
    if (!end) throw new Error('a delivery has no outcome')
    return { record, event: decoded.event, target: delivery.target, ...end }
  })
}

function isFruitless(settled: Settled[]): boolean {
  const has = (outcome: Outcome) => settled.some(({ result }) => result.outcome === outcome)
  return has('deferred') && !has('sent')
}

function respond(failed: Settled[], { refusedToken }: Report, { failureMode }: Dependencies): KafkaBatchResponse {
  if (refusedToken !== undefined) throw new TokenRefused(refusedToken)
  const response = toResponse(failed.map(({ record }) => record))
  const { length } = response.batchItemFailures
  if (failureMode === 'throw' && length > 0)
    throw new Error(`the batch goes back to Kafka (records not done: ${length})`)
  return response
}

/** Telegram does not know the token, or nothing of the Bot API answers at the API root. */
export class TokenRefused extends Error {
  constructor(said: string) {
    super(
      `Telegram refuses the bot token (${said}): check TELEGRAM_BOT_TOKEN, or the parameter or secret that holds it, and TELEGRAM_API_ROOT`,
    )
    this.name = 'TokenRefused'
  }
}
