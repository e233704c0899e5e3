import type { KafkaRecord } from '../core/event/record.ts'
import type { RecordOutcome } from '../core/outcome.ts'
import type { KafkaBatchResponse } from './ports.ts'

/**
 * Tells which records the answer names: per partition the first returned one and every later one, whatever became of those. This is right
 * whether Lambda resumes from the first named offset or retries only the named records.
 */
export function findBatchItemFailures(
  outcomes: Pick<RecordOutcome, 'record' | 'outcome'>[],
): (record: KafkaRecord) => boolean {
  const first = new Map<string, number>()
  for (const { record, outcome } of outcomes) {
    if (outcome !== 'returned') continue
    first.set(record.mapKey, Math.min(first.get(record.mapKey) ?? Number.POSITIVE_INFINITY, record.offset))
  }
  return ({ mapKey, offset }) => offset >= (first.get(mapKey) ?? Number.POSITIVE_INFINITY)
}

/** Names each of these records once. */
export function toResponse(records: KafkaRecord[]): KafkaBatchResponse {
  const once = new Map(records.map(({ mapKey, offset }) => [`${mapKey} ${offset}`, { partition: mapKey, offset }]))
  return { batchItemFailures: [...once.values()].map((itemIdentifier) => ({ itemIdentifier })) }
}

/** Telegram does not know the token, or no Bot API answers at the API root. */
export class TokenRefused extends Error {
  constructor(detail: string) {
    super(
      `Telegram refuses the bot token (${detail}): check TELEGRAM_BOT_TOKEN, or the parameter or secret that holds it, and TELEGRAM_API_ROOT`,
    )
    this.name = 'TokenRefused'
  }
}

export interface RespondOptions {
  failureMode: 'partial' | 'throw'
}

/** The answer to a batch. Throws if Telegram refused the token, and with FAILURE_MODE=throw if a record is returned. */
export function respond(
  outcomes: RecordOutcome[],
  refusedToken: string | undefined,
  { failureMode }: RespondOptions,
): KafkaBatchResponse {
  if (refusedToken !== undefined) throw new TokenRefused(refusedToken)
  const isBatchItemFailure = findBatchItemFailures(outcomes)
  const response = toResponse(outcomes.flatMap(({ record }) => (isBatchItemFailure(record) ? [record] : [])))
  const { length } = response.batchItemFailures
  if (failureMode === 'throw' && length > 0)
    throw new Error(`the batch goes back to Kafka (records not done: ${length})`)
  return response
}
