import type { AwsAccess } from '../../app/config/aws.ts'
import { StateUnavailable } from '../../pipeline/ports.ts'
import { AwsError, callAws } from '../aws/request.ts'
import type { Clock } from '../clock.ts'
import { type Attributes, fromAttributes, type Values } from './dynamodb-layout.ts'

export interface Table {
  table: string
  access: AwsAccess
  clock: Clock
}

/** What DynamoDB answered. */
export interface Answered {
  answer: Record<string, unknown>
  /** The item that did not meet the condition; `{}` where there is none. */
  unmet?: Values
  /** Nobody knows what became of an earlier try, so what is found may be this very write. */
  wasUnclear: boolean
}

export const patienceMilliseconds = 3_000
const timeoutMilliseconds = 1_500
const longestPauseMilliseconds = 800

/** One operation, sent until DynamoDB has answered it, for about 3 s. Rejects with StateUnavailable. */
export async function callTable(operation: string, body: object, { table, access, clock }: Table): Promise<Answered> {
  const call = { service: 'dynamodb', target: `DynamoDB_20120810.${operation}`, body, version: '1.0' } as const
  const giveUpAt = clock.now() + patienceMilliseconds
  let wasUnclear = false
  for (let tries = 0; ; tries += 1) {
    try {
      const answer = await callAws({ ...call, retries: 0, timeoutMilliseconds }, access, clock)
      return { answer: answer as Record<string, unknown>, wasUnclear }
    } catch (error) {
      if (!(error instanceof AwsError)) throw error
      if (error.type === 'ConditionalCheckFailedException') {
        const { Item: item = {} } = error.answer
        return { answer: {}, unmet: fromAttributes(item as Attributes), wasUnclear }
      }
      const pause = pauseAfter(tries)
      if (!isTransient(error) || clock.now() + pause > giveUpAt) throw judge(error, { table, access })
      wasUnclear ||= isUnclear(error)
      await clock.sleep(pause)
    }
  }
}

/** With jitter, so that invocations throttled together don't come back together. */
export function pauseAfter(tries: number): number {
  return Math.min(longestPauseMilliseconds, 50 * 2 ** tries) * (0.5 + Math.random() / 2)
}

// Amazon DynamoDB developer guide, Error handling: DynamoDB throttles with 400.
const throttled = new Set([
  'ThrottlingException',
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'Throttling',
])

function isTransient(error: AwsError): boolean {
  return isUnclear(error) || throttled.has(error.type ?? '')
}

/** No answer, an answer that is not DynamoDB's, or its own failure: the write may have been done. */
function isUnclear({ status = 0, type }: AwsError): boolean {
  return status >= 500 || type === undefined
}

const bugs = new Set(['ValidationException', 'SerializationException', 'UnknownOperationException'])

function judge(error: AwsError, { table, access }: Omit<Table, 'clock'>): Error {
  const { type = '' } = error
  if (bugs.has(type)) return error
  const place = `DynamoDB table ${table} in ${access.region}`
  if (type === 'ResourceNotFoundException') return new StateUnavailable(`there is no ${place}`, error)
  if (type === 'AccessDeniedException') return new StateUnavailable(`AWS does not allow it for ${place}`, error)
  if (throttled.has(type)) return new StateUnavailable(`${place} is throttled`, error)
  return new StateUnavailable(place, error)
}
