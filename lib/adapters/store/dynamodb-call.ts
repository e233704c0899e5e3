import { type Clock, StateUnavailable } from '../../pipeline/ports.ts'
import { type AwsAccess, AwsError, callAws } from '../aws/request.ts'
import { type Attributes, index } from './dynamodb-layout.ts'

export interface Table {
  table: string
  access: AwsAccess
  clock: Clock
}

export interface TableAnswer {
  answer: Record<string, unknown>
  /** The item that did not meet the condition; `{}` if there is none. */
  unmet?: Attributes
  /** The result of an earlier attempt is unknown, so it may have done this write. */
  wasUnclear: boolean
}

export const patienceMilliseconds = 3_000
const timeoutMilliseconds = 1_500
const longestPauseMilliseconds = 800

/** Sends one operation, and repeats it for about 3 s until DynamoDB answers. Rejects with StateUnavailable. */
export async function callTable(
  operation: string,
  body: object,
  { table, access, clock }: Table,
): Promise<TableAnswer> {
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
        return { answer: {}, unmet: item as Attributes, wasUnclear }
      }
      const pause = pauseAfter(tries)
      if (!isTransient(error) || clock.now() + pause > giveUpAt) throw judge(error, { table, access })
      wasUnclear ||= isUnclear(error)
      await clock.sleep(pause)
    }
  }
}

/** With jitter, so that invocations that were throttled together do not retry together. */
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

/** No answer, an answer that is not DynamoDB's, or a failure of DynamoDB: the write may have been done. */
function isUnclear({ status = 0, type }: AwsError): boolean {
  return status >= 500 || type === undefined
}

const bugs = new Set(['ValidationException', 'SerializationException', 'UnknownOperationException'])

function judge(error: AwsError, { table, access }: Omit<Table, 'clock'>): Error {
  const { type = '' } = error
  if (type === 'ValidationException' && isAboutIndex(error))
    return new StateUnavailable(otherLayout({ table, access }), error)
  if (bugs.has(type)) return error
  const place = placeOf({ table, access })
  if (type === 'ResourceNotFoundException') return new StateUnavailable(`${place} does not exist`, error)
  if (type === 'AccessDeniedException') return new StateUnavailable(`AWS denies access to ${place}`, error)
  if (throttled.has(type)) return new StateUnavailable(`${place} is throttled`, error)
  return new StateUnavailable(place, error)
}

/** "The table does not have the specified index: by-list" */
function isAboutIndex({ answer }: AwsError): boolean {
  const { message = answer.Message } = answer
  return /\bindex\b/i.test(String(message)) && String(message).includes(index)
}

export function otherLayout(place: Omit<Table, 'clock'>): string {
  return `${placeOf(place)} was created by another version of this program. Use a new table, or delete this one if nothing in it is pending`
}

function placeOf({ table, access }: Omit<Table, 'clock'>): string {
  return `DynamoDB table ${table} in ${access.region}`
}
