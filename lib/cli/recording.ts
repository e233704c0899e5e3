import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { type ConsumedRecord, toLambdaEvent } from '../adapters/kafka/lambda-event.ts'
import { decode } from '../core/event/decode.ts'
import { readRecords } from '../core/event/record.ts'
import { isObject, parseJson } from '../core/json.ts'
import { UserError } from './command.ts'

/** What one invocation gets. */
export interface RecordedBatch {
  /** When the records reached Kafka, in ms since the epoch; undefined if none of them tells. */
  at: number | undefined
  event: { records: Record<string, unknown[]> }
  size: number
}

/**
 * The batches in a file: one from a Lambda batch (JSON), or those that made up a recording (NDJSON of consumed records, also gzipped).
 * Throws a UserError for a file that is neither.
 */
export function readRecording(file: string, mostRecords: number): RecordedBatch[] {
  const text = readText(file)
  const whole = parseJson(text)
  if (isObject(whole) && whole.records !== undefined) return [lambdaBatch(file, whole)]
  const lines = text.split('\n')
  const records = lines.flatMap((line, index) =>
    line.trim() === '' ? [] : [consumedRecord(line, `${file}, line ${index + 1}`)],
  )
  if (records.length === 0)
    throw new UserError(`${file}: is empty, expected a Lambda batch (JSON) or consumed records (NDJSON)`)
  return batchesOf(records, mostRecords)
}

/** kube-eventer's own step: it sends what it saw in the last half minute. */
const flushMilliseconds = 30_000

/** The bursts in which kube-eventer sent these records, in their order, in batches of at most so many. */
export function batchesOf(records: readonly ConsumedRecord[], mostRecords: number): RecordedBatch[] {
  let at: number | undefined
  const bursts: { at: number | undefined; records: ConsumedRecord[] }[] = []
  for (const record of records) {
    // What arrives late has come with its neighbours.
    at = latest(at, arrival(record))
    const last = bursts.at(-1)
    if (last && stepOf(last.at) === stepOf(at)) Object.assign(last, { at }).records.push(record)
    else bursts.push({ at, records: [record] })
  }
  return bursts.flatMap((burst) =>
    Array.from({ length: Math.ceil(burst.records.length / mostRecords) }, (_, index) => {
      const part = burst.records.slice(index * mostRecords, (index + 1) * mostRecords)
      return { at: burst.at, event: toLambdaEvent(part), size: part.length }
    }),
  )
}

function arrival({ value, encoding, ...record }: ConsumedRecord): number | undefined {
  return arrivalOf(record, () =>
    eventTime(value === null ? null : Buffer.from(value, encoding ?? 'utf8').toString('base64')),
  )
}

/** By the broker's clock where it wrote the time, else the end of the half minute in which it happened. */
export function arrivalOf(
  { timestamp, timestampType }: Pick<ConsumedRecord, 'timestamp' | 'timestampType'>,
  happenedAt: () => number | undefined,
): number | undefined {
  const appended = timestampType === 'LOG_APPEND_TIME' || timestampType === 'LogAppendTime' ? Number(timestamp) : -1
  if (appended > 0) return appended
  const happened = happenedAt()
  return happened === undefined ? undefined : (Math.floor(happened / flushMilliseconds) + 1) * flushMilliseconds
}

function eventTime(value: unknown): number | undefined {
  const decoded = decode(value)
  return 'event' in decoded ? decoded.event.at : undefined
}

/** The later of two times, of which either may be unknown. */
export function latest(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined || other === undefined ? (one ?? other) : Math.max(one, other)
}

function stepOf(at: number | undefined): number | undefined {
  return at === undefined ? undefined : Math.floor(at / flushMilliseconds)
}

function lambdaBatch(file: string, event: Record<string, unknown>): RecordedBatch {
  try {
    const records = readRecords(event)
    const times = records.map(({ value }) => eventTime(value))
    return { at: times.reduce(latest, undefined), event: event as RecordedBatch['event'], size: records.length }
  } catch (error) {
    throw new UserError(`${file}: ${(error as Error).message}`)
  }
}

function consumedRecord(line: string, place: string): ConsumedRecord {
  const record = parseJson(line)
  if (isConsumedRecord(record)) return withTexts(record)
  throw new UserError(
    `${place}: expected a Lambda batch (JSON with "records") or, line by line, consumed records: {"topic":"…","partition":0,"offset":"0","value":"…"}`,
  )
}

/** Other tools than kafkajs write numbers. */
export function withTexts(record: ConsumedRecord): ConsumedRecord {
  return { ...record, offset: String(record.offset), timestamp: String(record.timestamp ?? -1) }
}

/** One line of a recording. */
export function isConsumedRecord(value: unknown): value is ConsumedRecord {
  if (!isObject(value)) return false
  const { topic, partition, offset, value: bytes } = value
  const isPlaced = typeof topic === 'string' && Number.isSafeInteger(partition) && /^\d+$/.test(String(offset))
  return isPlaced && (typeof bytes === 'string' || bytes === null)
}

function readText(file: string): string {
  try {
    const bytes = readFileSync(file)
    const isGzip = bytes[0] === 0x1f && bytes[1] === 0x8b
    return (isGzip ? gunzipSync(bytes) : bytes).toString('utf8')
  } catch (error) {
    throw unreadable(file, error)
  }
}

/** Why a file can't be read, in words. */
export function unreadable(file: string, error: unknown): UserError {
  const { code, message } = error as NodeJS.ErrnoException
  const reasons: Record<string, string> = { ENOENT: 'there is no such file', EISDIR: 'is a folder' }
  return new UserError(`${file}: ${reasons[code ?? ''] ?? message}`)
}
