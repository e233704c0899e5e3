/** A record as a Kafka consumer gets it, with text instead of bytes; one line of a recording. */
export interface ConsumedRecord {
  topic: string
  partition: number
  offset: string
  /** Milliseconds since the epoch; "-1" if the producer sent none, like stock kube-eventer. */
  timestamp: string
  timestampType?: string
  /** kube-eventer sends neither key nor headers. */
  key?: string | null
  headers?: Record<string, string>
  value: string | null
  /** Encoding of value, key and headers; without it they are UTF-8 text. */
  encoding?: 'base64'
}

/** Replaces the value of a record that cannot be read. Topic and partition make each of these values unique: dead letters are keyed by value. */
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
  /** One object per header: its name and its bytes. */
  headers: Record<string, number[]>[]
}

export interface LambdaKafkaEvent {
  eventSource: 'SelfManagedKafka'
  bootstrapServers: string
  records: Record<string, LambdaRecord[]>
}

/** Converts consumed records to Lambda's Kafka event (AWS Lambda Developer Guide, Kafka example event). */
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
    // Lambda omits the value of a tombstone.
    ...(value === null ? {} : { value: bytes(value).toString('base64') }),
    headers: Object.entries(headers).map(([name, text]) => ({ [name]: [...bytes(text)] })),
  }
}

/** A header may have no value. */
type HeaderValue = Buffer | string | null

/** The fields of kafkajs's messages that are read here. */
export interface KafkaMessage {
  offset: string
  timestamp: string
  key: Buffer | null
  value: Buffer | null
  headers?: Record<string, HeaderValue | HeaderValue[] | undefined>
  /** 0: CreateTime, 1: LogAppendTime. kafkajs's types lack it. */
  batchContext?: { timestampType?: number }
  /** Why this record, and perhaps others before it, cannot be read (record-batch.ts): "offsets 1 to 3 (3 records): …". It then has no value. */
  unreadable?: string
}

/** Converts messages of one partition to Lambda's Kafka event. Total: a message that cannot be converted becomes an unreadable record. */
export function messagesToLambdaEvent(
  topic: string,
  partition: number,
  messages: readonly KafkaMessage[],
  bootstrapServers: string,
): LambdaKafkaEvent {
  const records = messages.map((message) => {
    try {
      return messageToLambdaRecord(topic, partition, message)
    } catch (error) {
      return unconvertedRecord(topic, partition, message.offset, error)
    }
  })
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

/** One message that cannot be converted must not fail its whole batch, which Kafka would then deliver again and again. */
function unconvertedRecord(topic: string, partition: number, offset: string, error: unknown): LambdaRecord {
  const unreadable = `offset ${offset}: cannot be converted (${error instanceof Error ? error.message : error})`
  return {
    topic,
    partition,
    offset: Number(offset),
    timestamp: -1,
    timestampType: 'CREATE_TIME',
    value: { unreadable, topic, partition },
    headers: [],
  }
}

/** Converts a message to one line of a recording: UTF-8 text if all of it is, else base64. Throws if the record cannot be read. */
export function messageToConsumed(topic: string, partition: number, message: KafkaMessage): ConsumedRecord {
  const { offset, timestamp, key, value, unreadable } = message
  if (unreadable !== undefined)
    throw Object.assign(new Error(`partition ${partition}, ${unreadable}`), { code: 'UNREADABLE_RECORD' })
  const headers = headersOf(message)
  const isText = [key, value, ...headers.map(([, bytes]) => bytes)].every((bytes) => bytes === null || isUtf8(bytes))
  const text = (bytes: Buffer | null) => (bytes === null ? null : bytes.toString(isText ? 'utf8' : 'base64'))
  return {
    topic,
    partition,
    offset,
    timestamp,
    timestampType: timeTypeOf(message),
    key: text(key),
    headers: Object.fromEntries(headers.map(([name, bytes]) => [name, text(bytes) ?? ''])),
    value: text(value),
    ...(isText ? {} : { encoding: 'base64' as const }),
  }
}

function timeTypeOf({ batchContext }: KafkaMessage): string {
  return batchContext?.timestampType === 1 ? 'LOG_APPEND_TIME' : 'CREATE_TIME'
}

/** A name may occur several times; a recording has only the last one. */
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
