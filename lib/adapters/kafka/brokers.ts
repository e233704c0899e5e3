import { isIP, connect as openSocket } from 'node:net'
import { connect as openTls, type TLSSocket } from 'node:tls'
import type { Admin } from 'kafkajs'
import { isObject } from '../../core/json.ts'
import { createKafkaClient, type DebugLog, type KafkaSetting, type Tls } from './client.ts'

/** What a broker tells any client before a login. */
export interface BrokerProbe {
  /** It runs Kafka 4 or later, which refuses what stock kube-eventer sends. */
  isFour: boolean
  tls: { version: string; endsAt: number | undefined } | undefined
}

interface SocketAddress {
  host: string
  port: number
}

const timeoutMilliseconds = 5_000

/**
 * Connects to one address and asks which API versions it supports. kafkajs does not tell that, nor which of its errors mean that one side
 * uses TLS and the other does not. Rejects with an error that explainError knows.
 */
export async function probeBroker(address: string, tls: Tls | undefined): Promise<BrokerProbe> {
  const place = parseAddress(address)
  const socket = tls ? openTls({ ...place, ...serverNameOf(place), ...credentialsOf(tls) }) : openSocket(place)
  const response = Promise.withResolvers<Buffer>()
  const fail = (code: string, message = code) =>
    response.reject(Object.assign(new Error(message), { code, broker: address }))
  let isOpen = false
  let read: Buffer = Buffer.alloc(0)
  socket.setTimeout(timeoutMilliseconds, () => fail('ETIMEDOUT'))
  socket.on(tls ? 'secureConnect' : 'connect', () => {
    isOpen = true
    socket.write(apiVersionsRequest)
  })
  socket.on('data', (bytes) => {
    read = Buffer.concat([read, bytes])
    if (read[0] === tlsAlert) fail('TLS_REQUIRED')
    else if (read.length >= 4 && read.readInt32BE() > mostResponseBytes) fail('NOT_KAFKA')
    else if (read.length >= 4 && read.length >= 4 + read.readInt32BE()) response.resolve(read.subarray(4))
  })
  socket.on('error', ({ code, message }: NodeJS.ErrnoException) =>
    tls && !isOpen && code === 'ECONNRESET' ? fail('EPROTO', message) : fail(code ?? 'UNKNOWN', message),
  )
  socket.on('close', () => fail('ECONNRESET', 'Closed connection'))
  try {
    return { isFour: isFour(await response.promise, address), tls: tls && tlsOf(socket as TLSSocket) }
  } finally {
    socket.destroy()
  }
}

// The first byte of a TLS alert, with which Java answers a plaintext request. No Kafka response is as long as these bytes would mean.
const tlsAlert = 0x15
const mostResponseBytes = 1_000_000

const correlationId = 4_711
const apiVersionsKey = 18
const fetchKey = 1

/** A request for ApiVersions v0, which every broker since 0.10 answers. */
const apiVersionsRequest = Buffer.concat([int32(10), int16(apiVersionsKey), int16(0), int32(correlationId), int16(0)])

/**
 * Kafka 4.0 removed Fetch before v4 together with Produce before v3 (KIP-896). The versions of Produce prove nothing: it still reports 0, for
 * the sake of an old librdkafka (KAFKA-18659).
 */
function isFour(response: Buffer, broker: string): boolean {
  if (response.length < 10 || response.readInt32BE() !== correlationId)
    throw Object.assign(new Error('NOT_KAFKA'), { code: 'NOT_KAFKA', broker })
  for (let at = 10; at + 6 <= response.length; at += 6)
    if (response.readInt16BE(at) === fetchKey) return response.readInt16BE(at + 2) >= 4
  return false
}

function tlsOf(socket: TLSSocket): BrokerProbe['tls'] {
  const { validToDate } = socket.getPeerX509Certificate() ?? {}
  return { version: socket.getProtocol() ?? 'TLS', endsAt: validToDate?.getTime() }
}

function parseAddress(address: string): SocketAddress {
  const colon = address.lastIndexOf(':')
  return { host: address.slice(0, colon).replace(/^\[|\]$/g, ''), port: Number(address.slice(colon + 1)) }
}

function serverNameOf({ host }: SocketAddress) {
  return isIP(host) === 0 ? { servername: host } : {}
}

function credentialsOf({ ca, certificate, key }: Tls) {
  return { ...(ca ? { ca } : {}), ...(certificate ? { cert: certificate } : {}), ...(key ? { key } : {}) }
}

function int16(value: number): Buffer {
  const bytes = Buffer.alloc(2)
  bytes.writeInt16BE(value)
  return bytes
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(value)
  return bytes
}

/** A broker of the cluster, at the address to which it redirects clients (its advertised.listeners). */
export interface AdvertisedBroker {
  node: number
  address: string
}

/**
 * Logs in and asks for the brokers of the cluster. The answer is read from kafkajs's debug log: its admin client answers only after it has
 * connected to all of them, so nobody could say which one is wrong. Empty if Kafka does not name them.
 */
export async function listBrokers(
  kafka: KafkaSetting,
  { topics, debug }: { topics: string[]; debug: DebugLog | undefined },
): Promise<AdvertisedBroker[]> {
  const found = Promise.withResolvers<AdvertisedBroker[]>()
  const admin = listeningAdmin(kafka, debug, (message, { data }) => {
    const brokers = message.includes(': Response Metadata(') ? readMetadata(data) : []
    if (brokers.length > 0) found.resolve(brokers)
  })
  try {
    await admin.connect()
    return await Promise.race([found.promise, askForBrokers(admin, topics)])
  } finally {
    await admin.disconnect().catch(() => {})
  }
}

/**
 * Why the brokers refuse this consumer group, or undefined. This, too, is only in kafkajs's debug log: for any reason its error says that it
 * found no coordinator.
 */
export async function groupRefusal(kafka: KafkaSetting, group: string, debug?: DebugLog): Promise<unknown> {
  let refusal: unknown
  const admin = listeningAdmin(kafka, debug, (message, { error }) => {
    if (message.endsWith('Tried to find group coordinator')) refusal = error
  })
  try {
    await admin.connect()
    await admin.describeCluster()
    await admin.describeGroups([group])
    return undefined
  } catch (error) {
    return refusal ?? error
  } finally {
    await admin.disconnect().catch(() => {})
  }
}

function listeningAdmin(kafka: KafkaSetting, debug: DebugLog | undefined, listen: DebugLog): Admin {
  return createKafkaClient(kafka, {
    retries: 1,
    debug(message, fields) {
      debug?.(message, fields)
      listen(message, fields)
    },
  }).admin()
}

/** kafkajs answers nothing if a partition of a requested topic has no leader, and describeCluster requests all topics. */
async function askForBrokers(admin: Admin, topics: string[]): Promise<AdvertisedBroker[]> {
  for (const topic of topics) {
    try {
      await admin.fetchTopicMetadata({ topics: [topic] })
    } catch (error) {
      if (protocolTypesOf(error).length === 0) throw error
    }
  }
  try {
    const { brokers } = await admin.describeCluster()
    return brokers.map(({ nodeId, host, port }) => ({ node: nodeId, address: `${host}:${port}` }))
  } catch (error) {
    if (protocolTypesOf(error).includes('LEADER_NOT_AVAILABLE')) return []
    throw error
  }
}

/** The protocol errors among an error and its causes. Empty if no broker has answered. */
function protocolTypesOf(error: unknown): unknown[] {
  if (!isObject(error)) return []
  return [...(error.type === undefined ? [] : [error.type]), ...protocolTypesOf(error.cause)]
}

function readMetadata(data: unknown): AdvertisedBroker[] {
  if (!isObject(data) || !Array.isArray(data.brokers)) return []
  return data.brokers.map(({ nodeId, host, port }) => ({ node: Number(nodeId), address: `${host}:${port}` }))
}
