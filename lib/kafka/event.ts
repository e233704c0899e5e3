/** A record as a kafkajs consumer gets it, with text where kafkajs has bytes; one line of a recording. */
export interface ConsumedRecord {
  topic: string
  partition: number
  offset: string
  /** Milliseconds since the epoch; "-1" where the producer sent none, as stock kube-eventer does. */
  timestamp: string
  timestampType?: string
  value: string | null
}

interface LambdaRecord {
  topic: string
  partition: number
  offset: number
  timestamp: number
  timestampType: string
  value?: string
  headers: []
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

function toLambdaRecord({
  topic,
  partition,
  offset,
  timestamp,
  timestampType = 'CREATE_TIME',
  value,
}: ConsumedRecord): LambdaRecord {
  return {
    topic,
    partition,
    offset: Number(offset),
    timestamp: Number(timestamp),
    timestampType,
    // A tombstone comes without value.
    ...(value === null ? {} : { value: Buffer.from(value, 'utf8').toString('base64') }),
    headers: [],
  }
}
