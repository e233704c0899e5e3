import { isIP, connect as openSocket } from 'node:net'
import { connect as openTls, type TLSSocket } from 'node:tls'
import type { Tls } from '../../app/config/kafka.ts'

/** What a broker tells to everyone, before a login. */
export interface Greeting {
  /** It is Kafka 4 or later, and takes nothing from a stock kube-eventer. */
  isFour: boolean
  tls: { version: string; endsAt: number | undefined } | undefined
}

interface Place {
  host: string
  port: number
}

const patienceMilliseconds = 5_000

/**
 * Connects to one address and asks what it understands: kafkajs neither tells that, nor which of its errors means TLS where there is none or
 * the other way round. Rejects with an error that troubleOf knows.
 */
export async function greet(address: string, tls: Tls | undefined): Promise<Greeting> {
  const place = placeOf(address)
  const socket = tls ? openTls({ ...place, ...nameOf(place), ...credentialsOf(tls) }) : openSocket(place)
  const answer = Promise.withResolvers<Buffer>()
  const fail = (code: string, message = code) =>
    answer.reject(Object.assign(new Error(message), { code, broker: address }))
  let isOpen = false
  let read: Buffer = Buffer.alloc(0)
  socket.setTimeout(patienceMilliseconds, () => fail('ETIMEDOUT'))
  socket.on(tls ? 'secureConnect' : 'connect', () => {
    isOpen = true
    socket.write(question)
  })
  socket.on('data', (bytes) => {
    read = Buffer.concat([read, bytes])
    if (read[0] === tlsAlert) fail('TLS_WANTED')
    else if (read.length >= 4 && read.readInt32BE() > mostBytes) fail('NO_KAFKA')
    else if (read.length >= 4 && read.length >= 4 + read.readInt32BE()) answer.resolve(read.subarray(4))
  })
  socket.on('error', ({ code, message }: NodeJS.ErrnoException) =>
    tls && !isOpen && code === 'ECONNRESET' ? fail('EPROTO', message) : fail(code ?? 'UNKNOWN', message),
  )
  socket.on('close', () => fail('ECONNRESET', 'Closed connection'))
  try {
    return { isFour: isFour(await answer.promise, address), tls: tls && tlsOf(socket as TLSSocket) }
  } finally {
    socket.destroy()
  }
}

// The first byte of a TLS alert, with which Java answers to what is not TLS. A Kafka answer would be hundreds of megabytes long.
const tlsAlert = 0x15
const mostBytes = 1_000_000

const correlation = 4_711
const apiVersions = 18
const fetchRecords = 1

/** A request for ApiVersions v0, which every broker since 0.10 answers. */
const question = Buffer.concat([int32(10), int16(apiVersions), int16(0), int32(correlation), int16(0)])

/**
 * Kafka 4.0 has removed Fetch before v4 together with Produce before v3 (KIP-896). Of Produce it goes on saying 0, for the sake of an old
 * librdkafka (KAFKA-18659), so that says nothing.
 */
function isFour(answer: Buffer, broker: string): boolean {
  if (answer.length < 10 || answer.readInt32BE() !== correlation)
    throw Object.assign(new Error('NO_KAFKA'), { code: 'NO_KAFKA', broker })
  for (let place = 10; place + 6 <= answer.length; place += 6)
    if (answer.readInt16BE(place) === fetchRecords) return answer.readInt16BE(place + 2) >= 4
  return false
}

function tlsOf(socket: TLSSocket): Greeting['tls'] {
  const { validToDate } = socket.getPeerX509Certificate() ?? {}
  return { version: socket.getProtocol() ?? 'TLS', endsAt: validToDate?.getTime() }
}

function placeOf(address: string): Place {
  const colon = address.lastIndexOf(':')
  return { host: address.slice(0, colon).replace(/^\[|\]$/g, ''), port: Number(address.slice(colon + 1)) }
}

function nameOf({ host }: Place) {
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
