import { buffer } from 'node:stream/consumers'
import { createGzip } from 'node:zlib'
import kafkajs, { type CompressionTypes, type Message } from 'kafkajs'
import { createPartitioner } from '../../lib/adapters/kafka/client.ts'
import { varint } from './fetch-answer.ts'
import { client } from './topic.ts'

/** All of them in one batch of partition 0, whatever their number. */
export async function produceBatch(topic: string, compression: CompressionTypes, messages: Message[]): Promise<void> {
  const producer = client().producer({ createPartitioner })
  await producer.connect()
  try {
    await producer.send({ topic, compression, messages: messages.map((message) => ({ ...message, partition: 0 })) })
  } finally {
    await producer.disconnect()
  }
}

/** A batch of one record with so many megabytes of zeros as its value, in partition 0. */
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

/** The record without ever being in memory as a whole. */
async function gzippedZeros(megabytes: number): Promise<Buffer> {
  const megabyte = Buffer.alloc(1_048_576)
  const gzip = createGzip({ level: 9 })
  const size = varint(megabytes * megabyte.length)
  // Attributes, time, offset and no key before the value; no headers behind it.
  const head = Buffer.from([0, 0, 0, 1, ...size])
  gzip.write(Buffer.from(varint(head.length + megabytes * megabyte.length + 1)))
  gzip.write(head)
  for (let count = 0; count < megabytes; count += 1) gzip.write(megabyte)
  gzip.end(Buffer.from([0]))
  return buffer(gzip)
}
