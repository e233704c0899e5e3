import type { Problem } from './event/decode.ts'
import type { KubeEvent } from './event/event.ts'
import type { KafkaRecord } from './event/record.ts'
import type { Target } from './route/target.ts'

/** What became of a record for a target: a closed union, each with a reason from a closed set (CONTRIBUTING.md explains each). */
export type Result =
  | { outcome: 'sent'; why: 'shown' | 'shown as plain text' | 'shown without thread' | 'possibly repeated' }
  | { outcome: 'skipped'; why: 'already shown' }
  | { outcome: 'rejected'; why: Problem | 'text refused'; detail?: string }
  | Deferred

export interface Deferred {
  outcome: 'deferred'
  why: DeferredWhy
  /** What Telegram or the network said. */
  detail?: string
}

export type DeferredWhy =
  /** An earlier record of its partition is deferred. */
  | 'behind'
  /** Too little time was left to start its request. */
  | 'deadline'
  /** Telegram said 429 and its `retry_after` does not fit before the deadline. */
  | 'cool-down'
  /** The request certainly did not reach Telegram. */
  | 'unreachable'
  /** Telegram answered 500. */
  | 'Telegram error'
  /** Telegram takes no message from this bot for this chat. */
  | 'target broken'
  /** A 400 that nobody knows, also without markup: only its own partition waits. */
  | 'refused'
  /** The request was written, and no answer says what became of it. */
  | 'unknown'
  /** Telegram does not know the token, or the API root is wrong. */
  | 'token refused'

/** What is remembered of a record for a target across invocations. `unknown`: its next try says that it may be a repeat. */
export type Receipt = 'sent' | 'rejected' | 'unknown'

export type Outcome = Result['outcome']

/** What became of a record, for one of its targets. */
export interface Settled {
  record: KafkaRecord
  /** Undefined, as is the target, for a record that is no event. */
  event: KubeEvent | undefined
  target: Target | undefined
  result: Result
  milliseconds: number
}

/** The answer of a function with ReportBatchItemFailures (AWS Lambda Developer Guide, Kafka); `@types/aws-lambda` has none for Kafka. */
export interface KafkaBatchResponse {
  batchItemFailures: { itemIdentifier: { partition: string; offset: number } }[]
}

/**
 * True for the records that go back to Kafka: per partition the first deferred one and every later one, whatever became of those.
 * This is right whether Lambda resumes from the first named offset or retries only the named records.
 */
export function returned(settled: Pick<Settled, 'record' | 'result'>[]): (record: KafkaRecord) => boolean {
  const first = new Map<string, number>()
  for (const { record, result } of settled) {
    if (result.outcome !== 'deferred') continue
    first.set(record.mapKey, Math.min(first.get(record.mapKey) ?? Number.POSITIVE_INFINITY, record.offset))
  }
  return ({ mapKey, offset }) => offset >= (first.get(mapKey) ?? Number.POSITIVE_INFINITY)
}

/** Names each of these records once. */
export function toResponse(records: KafkaRecord[]): KafkaBatchResponse {
  const once = new Map(records.map(({ mapKey, offset }) => [`${mapKey} ${offset}`, { partition: mapKey, offset }]))
  return { batchItemFailures: [...once.values()].map((itemIdentifier) => ({ itemIdentifier })) }
}
