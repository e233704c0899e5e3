import { systemClock } from '../../adapters/clock.ts'
import type { Client } from '../broker.ts'

export interface OutgoingRecord {
  value: Buffer | null
  /** The partition that it was recorded from. */
  partition?: number
}

export interface WrittenRange {
  partition: number
  first: number
  last: number
  records: number
}

interface Sending {
  client: Client
  topic: string
  partitions: number
  records: AsyncIterable<OutgoingRecord>
  /** Records per second; undefined: as fast as possible. */
  rate: number | undefined
  signal: AbortSignal
  /** Called after each request with everything that was written so far. */
  onSent: (sent: ReadonlyMap<number, WrittenRange>) => void
}

// By default, brokers accept at most one megabyte per partition and request.
const mostBytes = 500_000
const mostRecords = 500
const requestsInSecond = 10

/** Writes records into a topic as kube-eventer does: without key, headers and timestamp, to the partitions in turn. */
export async function sendAll({ client, topic, partitions, records, rate, signal, onSent }: Sending): Promise<void> {
  const sent = new Map<number, WrittenRange>()
  const { createPartitioner } = await import('../../adapters/kafka/client.ts')
  const producer = client.producer({ createPartitioner, allowAutoTopicCreation: false })
  const most = rate === undefined ? mostRecords : Math.max(1, Math.floor(rate / requestsInSecond))
  const startedAt = systemClock.now()
  let count = 0
  let turn = 0
  await producer.connect()
  try {
    for await (const some of gathered(records, most)) {
      if (rate !== undefined) await systemClock.sleep(startedAt + (count / rate) * 1_000 - systemClock.now(), signal)
      if (signal.aborted) return
      const messages = some.map(({ value, partition = turn++ }) => ({
        key: null,
        value,
        partition: partition % partitions,
        // kube-eventer's protocol version has no timestamps: the broker stores −1, or its own time with LogAppendTime.
        timestamp: '-1',
      }))
      const taken = await producer.send({ topic, messages })
      for (const { partition, baseOffset } of taken) {
        const size = messages.filter((message) => message.partition === partition).length
        add({ partition, first: Number(baseOffset), last: Number(baseOffset) + size - 1, records: size })
      }
      count += some.length
      onSent(sent)
    }
  } finally {
    await producer.disconnect()
  }

  function add({ partition, first, last, records: size }: WrittenRange) {
    const known = sent.get(partition) ?? { first, records: 0 }
    sent.set(partition, { partition, first: known.first, last, records: known.records + size })
  }
}

async function* gathered(records: AsyncIterable<OutgoingRecord>, most: number): AsyncGenerator<OutgoingRecord[]> {
  let some: OutgoingRecord[] = []
  let bytes = 0
  for await (const record of records) {
    const size = record.value?.length ?? 0
    if (some.length > 0 && (some.length >= most || bytes + size > mostBytes)) {
      yield some
      some = []
      bytes = 0
    }
    some.push(record)
    bytes += size
  }
  if (some.length > 0) yield some
}
