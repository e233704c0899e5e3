import { promisify } from 'node:util'
import { gzip, zstdCompress } from 'node:zlib'
import kafkajs, { type Kafka, type SASLOptions } from 'kafkajs'
import snappy from 'kafkajs-snappy'
import type { KafkaSetting, Login } from '../../app/config/kafka.ts'
import { takeOverFetches } from './fetched.ts'
import { mostBatchBytes } from './records.ts'
import { unpack } from './unpack.ts'

const { CompressionCodecs, CompressionTypes, Partitioners, logLevel } = kafkajs
const compressors = [
  { type: CompressionTypes.GZIP, compress: ({ buffer }: Encoder) => promisify(gzip)(buffer) },
  { type: CompressionTypes.Snappy, compress: snappy().compress },
  { type: CompressionTypes.ZSTD, compress: ({ buffer }: Encoder) => promisify(zstdCompress)(buffer) },
] as const
for (const { type, compress } of compressors)
  CompressionCodecs[type] = () => ({ compress, decompress: (buffer: Buffer) => unpackOld(buffer, type) })
takeOverFetches()

interface Encoder {
  buffer: Buffer
}

/** Batches are unpacked by lib/adapters/kafka/records.ts; kafkajs does it for formats before Kafka 0.11 only. */
async function unpackOld(buffer: Buffer, codec: number): Promise<Buffer> {
  const unpacked = await unpack(buffer, codec, mostBatchBytes)
  if ('problem' in unpacked) throw new Error(unpacked.problem)
  return unpacked.records
}

/** kafkajs' own partitioner, named so that it does not warn of having changed. */
export const createPartitioner = Partitioners.DefaultPartitioner

interface Options {
  /** How often a request is tried again before it fails. */
  retries?: number
  /** Is told what the client does. */
  debug?: ((message: string, fields: Record<string, unknown>) => void) | undefined
}

/** A client that has not connected yet: the only place that makes one. What it rejects with, troubleOf puts into words. */
export function connect({ brokers, tls, login }: KafkaSetting, { retries = 2, debug }: Options = {}): Kafka {
  muteTimerWarning()
  return new kafkajs.Kafka({
    clientId: 'kube-eventer-telegram',
    brokers,
    ...(tls ? { ssl: { ...(tls.ca ? { ca: [tls.ca] } : {}), ...certificateOf(tls) } } : {}),
    ...(login ? { sasl: saslOf(login) } : {}),
    connectionTimeout: 10_000,
    authenticationTimeout: 10_000,
    // A consumer that has failed is made anew by who uses it: kafkajs restarts some failures and gives up on others.
    retry: { retries, initialRetryTime: 300, restartOnFailure: async () => false },
    logLevel: debug ? logLevel.DEBUG : logLevel.NOTHING,
    logCreator:
      () =>
      ({ namespace, log: { message, timestamp: _, ...fields } }) =>
        debug?.(`kafkajs: ${namespace}: ${message}`, fields),
  })
}

let isMuted = false

/** kafkajs 2.2.4 hands a negative time to a timer, to mean "at once"; Node 24 tells that to the user, who can do nothing about it. */
function muteTimerWarning() {
  if (isMuted) return
  isMuted = true
  process.removeAllListeners('warning')
  process.on('warning', ({ name, message }) => {
    if (name !== 'TimeoutNegativeWarning') process.stderr.write(`${name}: ${message}\n`)
  })
}

function certificateOf({ certificate, key }: NonNullable<KafkaSetting['tls']>) {
  return certificate === undefined || key === undefined ? {} : { cert: certificate, key }
}

function saslOf(login: Login): SASLOptions {
  if (login.mechanism !== 'aws-msk-iam') return login
  const { region } = login
  return { mechanism: 'oauthbearer', oauthBearerProvider: async () => ({ value: await mskToken(region) }) }
}

/** Only who has an MSK cluster with IAM pays for loading what signs for it, and finds the credentials of a pod or machine. */
async function mskToken(region: string): Promise<string> {
  const { generateAuthToken } = await import('aws-msk-iam-sasl-signer-js')
  const { token } = await generateAuthToken({ region })
  return token
}
