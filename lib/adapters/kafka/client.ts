import { promisify } from 'node:util'
import { gzip, zstdCompress } from 'node:zlib'
import kafkajs, { type Kafka, type SASLOptions } from 'kafkajs'
import snappy from 'kafkajs-snappy'
import { decompress } from './codecs.ts'
import { replaceFetchDecoder } from './fetch-response.ts'
import { mostBatchBytes } from './record-batch.ts'

const { CompressionCodecs, CompressionTypes, Partitioners, logLevel } = kafkajs

/** How to reach the brokers. */
export interface KafkaSetting {
  /** `host:port` */
  brokers: string[]
  /** Undefined: no TLS. */
  tls: Tls | undefined
  /** Undefined: no login (SASL). */
  login: Login | undefined
}

/** PEM texts; without `ca` Node's own list of authorities applies. */
export interface Tls {
  ca?: string
  certificate?: string
  key?: string
}

export type Login =
  | { mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512'; username: string; password: string }
  | { mechanism: 'aws-msk-iam'; region: string }

export type DebugLog = (message: string, fields: Record<string, unknown>) => void

interface Options {
  /** How often a request is retried before it fails. */
  retries?: number
  /** Receives kafkajs's debug log. */
  debug?: DebugLog | undefined
}

// kafkajs decompresses only what it produces and record formats before Kafka 0.11; batches are read in record-batch.ts.
const compressors = [
  { type: CompressionTypes.GZIP, compress: ({ buffer }: CompressionInput) => promisify(gzip)(buffer) },
  { type: CompressionTypes.Snappy, compress: snappy().compress },
  { type: CompressionTypes.ZSTD, compress: ({ buffer }: CompressionInput) => promisify(zstdCompress)(buffer) },
] as const

interface CompressionInput {
  buffer: Buffer
}

let isPrepared = false

/** Once per process: kafkajs's codecs and its fetch decoder are global. */
function prepareKafkajs() {
  if (isPrepared) return
  isPrepared = true
  for (const { type, compress } of compressors)
    CompressionCodecs[type] = () => ({ compress, decompress: (buffer: Buffer) => decompressOrThrow(buffer, type) })
  replaceFetchDecoder()
  muteTimerWarning()
}

async function decompressOrThrow(buffer: Buffer, codec: number): Promise<Buffer> {
  const decompressed = await decompress(buffer, codec, mostBatchBytes)
  if ('problem' in decompressed) throw new Error(decompressed.problem)
  return decompressed.records
}

/** kafkajs 2.2.4 passes a negative time to a timer to mean "at once". Node 24 warns about it, and the user can do nothing about that. */
function muteTimerWarning() {
  process.removeAllListeners('warning')
  process.on('warning', ({ name, message }) => {
    if (name !== 'TimeoutNegativeWarning') process.stderr.write(`${name}: ${message}\n`)
  })
}

/** kafkajs's default partitioner; naming it avoids kafkajs's warning that the default has changed. */
export const createPartitioner = Partitioners.DefaultPartitioner

/** The only place that creates a Kafka client. It has not connected yet. Use explainError for the errors it rejects with. */
export function createKafkaClient({ brokers, tls, login }: KafkaSetting, { retries = 2, debug }: Options = {}): Kafka {
  prepareKafkajs()
  return new kafkajs.Kafka({
    clientId: 'kube-eventer-telegram',
    brokers,
    ...(tls ? { ssl: { ...(tls.ca ? { ca: [tls.ca] } : {}), ...certificateOf(tls) } } : {}),
    ...(login ? { sasl: saslOf(login) } : {}),
    connectionTimeout: 10_000,
    authenticationTimeout: 10_000,
    // consumer.ts restarts a failed consumer: kafkajs restarts after some failures and gives up after others.
    retry: { retries, initialRetryTime: 300, restartOnFailure: async () => false },
    logLevel: debug ? logLevel.DEBUG : logLevel.NOTHING,
    logCreator:
      () =>
      ({ namespace, log: { message, timestamp: _, ...fields } }) =>
        debug?.(`kafkajs: ${namespace}: ${message}`, fields),
  })
}

function certificateOf({ certificate, key }: Tls) {
  return certificate === undefined || key === undefined ? {} : { cert: certificate, key }
}

function saslOf(login: Login): SASLOptions {
  if (login.mechanism !== 'aws-msk-iam') return login
  const { region } = login
  return { mechanism: 'oauthbearer', oauthBearerProvider: async () => ({ value: await mskToken(region) }) }
}

/** Loads the signer only when it is used. It finds the credentials of the pod or machine. */
async function mskToken(region: string): Promise<string> {
  const { generateAuthToken } = await import('aws-msk-iam-sasl-signer-js')
  const { token } = await generateAuthToken({ region })
  return token
}
