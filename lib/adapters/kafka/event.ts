/** A record as a Kafka consumer gets it, with text where it has bytes; one line of a recording. */
export interface ConsumedRecord {
  topic: string
  partition: number
  offset: string
  /** Milliseconds since the epoch; "-1" where the producer sent none, as stock kube-eventer does. */
  timestamp: string
  timestampType?: string
  /** kube-eventer sends neither key nor headers. */
  key?: string | null
  headers?: Record<string, string>
  value: string | null
  /** What value, key and headers are then; without it UTF-8 text. */
  encoding?: 'base64'
}

/** In place of the value of records that can't be read; with its place, so that each is another one. */
interface Unreadable {
  unreadable: string
  topic: string
  partition: number
}

interface LambdaRecord {
  topic: string
  partition: number
  offset: number
  timestamp: number
  timestampType: string
  key?: string
  value?: string | Unreadable
  /** Each as bytes, by name. */
  headers: Record<string, number[]>[]
}

export interface LambdaKafkaEvent {
  eventSource: 'SelfManagedKafka'
  bootstrapServers: string
  records: Record<string, LambdaRecord[]>
}

/** Consumed records in the shape in which Lambda hands a batch over (AWS Lambda Developer Guide, Kafka example event). */
export function toLambdaEvent(
  consumed: ConsumedRecord[],
  bootstrapServers = 'broker-1.example.com:9092',
): LambdaKafkaEvent {
  const groups = Map.groupBy(consumed, ({ topic, partition }) => `${topic}-${partition}`)
  return {
    eventSource: 'SelfManagedKafka',
    bootstrapServers,
    records: Object.fromEntries([...groups].map(([mapKey, list]) => [mapKey, list.map(toLambdaRecord)])),
  }
}

function toLambdaRecord(record: ConsumedRecord): LambdaRecord {
  const { topic, partition, timestampType = 'CREATE_TIME', key, headers = {}, value, encoding = 'utf8' } = record
  const bytes = (text: string) => Buffer.from(text, encoding)
  return {
    topic,
    partition,
    offset: Number(record.offset),
    timestamp: Number(record.timestamp),
    timestampType,
    ...(typeof key === 'string' ? { key: bytes(key).toString('base64') } : {}),
    // A tombstone comes without value.
    ...(value === null ? {} : { value: bytes(value).toString('base64') }),
    headers: Object.entries(headers).map(([name, text]) => ({ [name]: [...bytes(text)] })),
  }
}

/** A header may have no value. */
type HeaderValue = Buffer | string | null

/** What of kafkajs' messages is read. */
export interface KafkaMessage {
  offset: string
  timestamp: string
  key: Buffer | null
  value: Buffer | null
  headers?: Record<string, HeaderValue | HeaderValue[] | undefined>
  /** 0 CreateTime, 1 LogAppendTime; kafkajs' types lack it. */
  batchContext?: { timestampType?: number }
  /** Why it, and perhaps records before it, can't be read: "offsets 1 to 3 (3 records): …" (records.ts). It has no value then. */
  unreadable?: string
}

/** Messages of one topic-partition in the same shape. */
export function messagesToLambdaEvent(
  topic: string,
  partition: number,
  messages: readonly KafkaMessage[],
  bootstrapServers: string,
): LambdaKafkaEvent {
  const records = messages.map((message) => messageToLambdaRecord(topic, partition, message))
  return { eventSource: 'SelfManagedKafka', bootstrapServers, records: { [`${topic}-${partition}`]: records } }
}

function messageToLambdaRecord(topic: string, partition: number, message: KafkaMessage): LambdaRecord {
  const { offset, timestamp, key, value, unreadable } = message
  return {
    topic,
    partition,
    offset: Number(offset),
    timestamp: Number(timestamp),
    timestampType: timeTypeOf(message),
    ...(key ? { key: key.toString('base64') } : {}),
    ...(value ? { value: value.toString('base64') } : {}),
    ...(unreadable === undefined ? {} : { value: { unreadable, topic, partition } }),
    headers: headersOf(message).map(([name, bytes]) => ({ [name]: [...bytes] })),
  }
}

/** The same message as one line of a recording: as text, or in base64 where some of it is none. Throws for what can't be read. */
export function messageToConsumed(topic: string, partition: number, message: KafkaMessage): ConsumedRecord {
  const { offset, timestamp, key, value, unreadable } = message
  if (unreadable !== undefined)
    throw Object.assign(new Error(`partition ${partition}, ${unreadable}`), { code: 'UNREADABLE_RECORD' })
  const headers = headersOf(message)
  const isText = [key, value, ...headers.map(([, bytes]) => bytes)].every((bytes) => bytes === null || isUtf8(bytes))
  const text = (bytes: Buffer | null) => (bytes === null ? null : bytes.toString(isText ? 'utf8' : 'base64'))
  return {
    ...{ topic, partition, offset, timestamp, timestampType: timeTypeOf(message), key: text(key) },
    headers: Object.fromEntries(headers.map(([name, bytes]) => [name, text(bytes) ?? ''])),
    value: text(value),
    ...(isText ? {} : { encoding: 'base64' as const }),
  }
}

function timeTypeOf({ batchContext }: KafkaMessage): string {
  return batchContext?.timestampType === 1 ? 'LOG_APPEND_TIME' : 'CREATE_TIME'
}

/** One name may come several times; of a recording's the last is kept. */
function headersOf({ headers = {} }: KafkaMessage): [string, Buffer][] {
  return Object.entries(headers).flatMap(([name, values]) =>
    [values]
      .flat()
      .flatMap((value): [string, Buffer][] => (value === undefined ? [] : [[name, Buffer.from(value ?? '')]])),
  )
}

function isUtf8(bytes: Buffer): boolean {
  return Buffer.from(bytes.toString('utf8'), 'utf8').equals(bytes)
}
