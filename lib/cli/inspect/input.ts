import { type ConsumedRecord, toLambdaEvent } from '../../adapters/kafka/lambda-event.ts'
import { type Decoded, decode } from '../../core/event/decode.ts'
import { type KafkaRecord, readRecords } from '../../core/event/record.ts'
import { isObject, parseJson } from '../../core/json.ts'
import { UserError } from '../command.ts'
import { inputName, readLines } from './lines.ts'

/** A record of a file, in whatever form it was given. */
export interface InputRecord {
  record: KafkaRecord
  decoded: Decoded
  /** False: an event alone, whose number stands for an offset. */
  isPlaced: boolean
  /** When it reached Kafka, as far as something recorded tells, in ms since the epoch. */
  arrivedAt: number | undefined
}

const forms = `a Lambda batch ({"records": …}), consumed records ({"topic":"…","partition":0,"offset":"0","value":"…"}), what
kube-eventer writes ({"EventValue": …}), Kubernetes Events, or what kubectl get events -o json prints`

/** The topic of events that came without one. */
export const topicOfEvents = 'kube-events'

/** The records of a file, some at a time as they are read; `-` is what comes in. A UserError names the line that has none of the forms. */
export async function* readInput(file: string): AsyncGenerator<InputRecord[]> {
  const read = inputReader(inputName(file))
  let number = 0
  let isBegun = false
  // JSON that goes on in the next line.
  let whole: string[] | undefined
  for await (const lines of readLines(file)) {
    const found: InputRecord[] = []
    for (const line of lines) {
      number += 1
      if (whole) whole.push(line)
      else if (line.trim() !== '') {
        const value = parseJson(line)
        if (value === undefined && !isBegun) whole = [line]
        else found.push(...read(value, `, line ${number}`))
        isBegun = true
      }
    }
    yield found
  }
  if (whole) yield read(parseJson(whole.join('\n')), '')
  if (!isBegun) throw new UserError(`${inputName(file)}: is empty, expected ${forms}`)
}

/** All records of a file that fits into memory. */
export async function readWholeInput(file: string): Promise<InputRecord[]> {
  const all: InputRecord[] = []
  for await (const some of readInput(file)) all.push(...some)
  return all
}

/** Reads one JSON value at a time. `place` is the value's line, for errors. */
export function inputReader(file: string): (value: unknown, place: string) => InputRecord[] {
  let events = 0
  let at: number | undefined

  const problem = (place: string) => new UserError(`${file}${place}: expected ${forms}`)

  function alone(value: unknown, isRecorded: boolean): InputRecord {
    const record = {
      mapKey: `${topicOfEvents}-0`,
      topic: topicOfEvents,
      partition: 0,
      offset: events,
      value: base64(value),
    }
    events += 1
    const decoded = decode(record.value)
    return { record, decoded, isPlaced: false, arrivedAt: isRecorded ? timeOf(decoded) : undefined }
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
      const arrivedAt = records.map(({ decoded }) => timeOf(decoded)).reduce(latest, undefined)
      return records.map((one) => ({ ...one, isPlaced: true, arrivedAt }))
    } catch (error) {
      throw new UserError(`${file}${place}: ${(error as Error).message}`)
    }
  }

  function list(items: unknown[], place: string): InputRecord[] {
    return items.map((item, index) => {
      if (!isAlone(item)) throw problem(`${place}, item ${index + 1}`)
      return alone(item, false)
    })
  }

  return (value, place) => {
    if (Array.isArray(value)) return list(value, place)
    if (!isObject(value)) throw problem(place)
    if (isObject(value.records)) return batch(value, place)
    if (isConsumedRecord(value)) return consumed(value)
    if (Array.isArray(value.items)) return list(value.items, place)
    if (isAlone(value)) return [alone(value, false)]
    if (isObject(value.event)) return [alone(value.event, true)]
    throw problem(place)
  }
}

function isAlone(value: unknown): boolean {
  return isObject(value) && ('EventValue' in value || isObject(value.involvedObject) || isObject(value.regarding))
}

function timeOf(decoded: Decoded): number | undefined {
  return 'event' in decoded ? decoded.event.at : undefined
}

function base64(value: unknown): string {
  return Buffer.from(JSON.stringify(value), 'utf8').toString('base64')
}

/** kube-eventer sends the events of the last half minute at once. */
export const flushMilliseconds = 30_000

/** When kube-eventer sent an event: at the end of the half minute in which it happened. */
export function eventArrival(decoded: Decoded): number | undefined {
  const happenedAt = timeOf(decoded)
  return happenedAt === undefined ? undefined : (Math.floor(happenedAt / flushMilliseconds) + 1) * flushMilliseconds
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

/** One line of a recording. Other tools than ours write numbers as offsets. */
function isConsumedRecord(value: Record<string, unknown>): value is Record<string, unknown> & ConsumedRecord {
  const { topic, partition, offset, value: bytes } = value
  const isPlaced = typeof topic === 'string' && Number.isSafeInteger(partition) && /^\d+$/.test(String(offset))
  return isPlaced && (typeof bytes === 'string' || bytes === null)
}
