import { type ConsumedRecord, toLambdaEvent } from '../../adapters/kafka/lambda-event.ts'
import { type Decoded, decode } from '../../core/event/decode.ts'
import { type KafkaRecord, readRecords } from '../../core/event/record.ts'
import { isObject, parseJson } from '../../core/json.ts'
import { UserError } from '../command.ts'
import { readLines } from './lines.ts'

/** A record of a file, whatever the file's form. */
export interface InputRecord {
  record: KafkaRecord
  decoded: Decoded
  /** False: the file has only the value. Its number in the file stands for the offset. */
  isPlaced: boolean
  /** When it reached Kafka, in milliseconds since the epoch; undefined if the file does not tell. */
  arrivedAt: number | undefined
}

const forms = `a Lambda batch ({"records": …}), consumed records ({"topic":"…","partition":0,"offset":"0","value":"…"}), the
output of kube-eventer ({"EventValue": …}), Kubernetes Events, or the output of kubectl get events -o json`

/** The topic of values that come without a record. */
export const topicOfEvents = 'kube-events'

/** The records of a file or of standard input (`-`), as they are read. A UserError names the line that has none of the forms. */
export async function* readInput(file: string): AsyncGenerator<InputRecord> {
  const name = file === '-' ? 'standard input' : file
  const read = inputReader(name)
  let number = 0
  let isEmpty = true
  // The lines of one JSON value that spans several lines.
  let whole: string[] | undefined
  for await (const lines of readLines(file, name))
    for (const line of lines) {
      number += 1
      if (whole) whole.push(line)
      else if (line.trim() !== '') {
        const value = parseJson(line)
        if (value === undefined && isEmpty) whole = [line]
        else yield* read(value, `, line ${number}`)
        isEmpty = false
      }
    }
  if (whole) yield* read(parseJson(whole.join('\n')), '')
  if (isEmpty) throw new UserError(`${name}: the file is empty; expected ${forms}`)
}

/** All records of a file that fits into memory. */
export async function readWholeInput(file: string): Promise<InputRecord[]> {
  const all: InputRecord[] = []
  for await (const one of readInput(file)) all.push(one)
  return all
}

/** Reads one JSON value at a time. `place` is the value's line, for errors. */
export function inputReader(file: string): (value: unknown, place: string) => InputRecord[] {
  let values = 0
  let at: number | undefined

  const wrongForm = (place: string) => new UserError(`${file}${place}: expected ${forms}`)

  function valueAlone(value: unknown): InputRecord {
    const record = {
      mapKey: `${topicOfEvents}-0`,
      topic: topicOfEvents,
      partition: 0,
      offset: values,
      value: Buffer.from(JSON.stringify(value), 'utf8').toString('base64'),
    }
    values += 1
    return { record, decoded: decode(record.value), isPlaced: false, arrivedAt: undefined }
  }

  function consumed(record: ConsumedRecord): InputRecord[] {
    return readRecords(toLambdaEvent([{ ...record, timestamp: String(record.timestamp ?? -1) }])).map((one) => {
      const decoded = decode(one.value)
      // An old event arrived together with its neighbours.
      at = latest(at, appendTime(record) ?? eventArrival(decoded))
      return { record: one, decoded, isPlaced: true, arrivedAt: at }
    })
  }

  function batch(value: object, place: string): InputRecord[] {
    try {
      const records = readRecords(value).map((record) => ({ record, decoded: decode(record.value) }))
      const arrivedAt = records.map(({ decoded }) => eventTime(decoded)).reduce(latest, undefined)
      return records.map((one) => ({ ...one, isPlaced: true, arrivedAt }))
    } catch (error) {
      throw new UserError(`${file}${place}: ${(error as Error).message}`)
    }
  }

  function list(items: unknown[], place: string): InputRecord[] {
    return items.map((item, index) => {
      if (isEventLike(item)) return valueAlone(item)
      throw wrongForm(`${place}, item ${index + 1}`)
    })
  }

  return (value, place) => {
    if (Array.isArray(value)) return list(value, place)
    if (!isObject(value)) throw wrongForm(place)
    if (isObject(value.records)) return batch(value, place)
    if (isConsumedRecord(value)) return consumed(value)
    if (Array.isArray(value.items)) return list(value.items, place)
    if ('topic' in value || 'records' in value) throw wrongForm(place)
    // The pipeline decides whether any other object is an event.
    return [valueAlone(value)]
  }
}

function isEventLike(value: unknown): boolean {
  return isObject(value) && ('EventValue' in value || isObject(value.involvedObject) || isObject(value.regarding))
}

/** One line of a recording. Some tools write the offset as a number. */
function isConsumedRecord(value: Record<string, unknown>): value is Record<string, unknown> & ConsumedRecord {
  const { topic, partition, offset, value: bytes } = value
  const isPlaced = typeof topic === 'string' && Number.isSafeInteger(partition) && /^\d+$/.test(String(offset))
  return isPlaced && (typeof bytes === 'string' || bytes === null)
}

/** kube-eventer sends the events of the last half minute at once. */
export const flushMilliseconds = 30_000

/** When kube-eventer sent an event: at the end of the half minute in which it happened. */
export function eventArrival(decoded: Decoded): number | undefined {
  const happenedAt = eventTime(decoded)
  return happenedAt === undefined ? undefined : (Math.floor(happenedAt / flushMilliseconds) + 1) * flushMilliseconds
}

function eventTime(decoded: Decoded): number | undefined {
  return 'event' in decoded ? decoded.event.at : undefined
}

/** The broker's time, if the broker wrote it. */
function appendTime({ timestamp, timestampType }: ConsumedRecord): number | undefined {
  const isAppendTime = timestampType === 'LOG_APPEND_TIME' || timestampType === 'LogAppendTime'
  return isAppendTime && Number(timestamp) > 0 ? Number(timestamp) : undefined
}

/** The later of two times. Either may be unknown. */
function latest(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined || other === undefined ? (one ?? other) : Math.max(one, other)
}
