import { buffer } from 'node:stream/consumers'
import { createGzip } from 'node:zlib'
import kafkajs, { type CompressionTypes, type Message } from 'kafkajs'
import { createPartitioner } from '../../lib/adapters/kafka/client.ts'
import { varint } from './fetch-response.ts'
import { client } from './topic.ts'

/** Sends all messages in one batch to partition 0. */
export async function produceBatch(topic: string, compression: CompressionTypes, messages: Message[]): Promise<void> {
  const producer = client().producer({ createPartitioner })
  await producer.connect()
  try {
    await producer.send({ topic, compression, messages: messages.map((message) => ({ ...message, partition: 0 })) })
  } finally {
    await producer.disconnect()
  }
}

/** Sends one record whose value is this many megabytes of zeros to partition 0. */
export async function produceZeros(topic: string, megabytes: number): Promise<void> {
  const { CompressionCodecs, CompressionTypes } = kafkajs
  const known = CompressionCodecs[CompressionTypes.GZIP]
  const bytes = await gzippedZeros(megabytes)
  CompressionCodecs[CompressionTypes.GZIP] = () => ({ compress: async () => bytes, decompress: async () => bytes })
  try {
    await produceBatch(topic, CompressionTypes.GZIP, [{ value: 'replaced' }])
  } finally {
    CompressionCodecs[CompressionTypes.GZIP] = known
  }
}

/** Compresses the record without having all of it in memory. */
async function gzippedZeros(megabytes: number): Promise<Buffer> {
  const megabyte = Buffer.alloc(1_048_576)
  const gzip = createGzip({ level: 9 })
  const size = varint(megabytes * megabyte.length)
  // Attributes, timestamp, offset and no key before the value; no headers after it.
  const head = Buffer.from([0, 0, 0, 1, ...size])
  gzip.write(Buffer.from(varint(head.length + megabytes * megabyte.length + 1)))
  gzip.write(head)
  for (let count = 0; count < megabytes; count += 1) gzip.write(megabyte)
  gzip.end(Buffer.from([0]))
  return buffer(gzip)
}
