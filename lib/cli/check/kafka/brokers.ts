import { type AdvertisedBroker, type BrokerProbe, listBrokers, probeBroker } from '../../../adapters/kafka/brokers.ts'
import { explainError } from '../../../adapters/kafka/errors.ts'
import type { KafkaConfig } from '../../../app/config/kafka.ts'
import { isObject } from '../../../core/json.ts'
import { ageText, isoOf } from '../../inspect/words.ts'
import { plural } from '../../terminal.ts'
import { fine } from '../finding.ts'
import { failedOn, type KafkaFinding } from './finding.ts'

export interface Brokers {
  /** The addresses in KAFKA_BROKERS that answer. */
  addresses: string[]
  /** At least one broker is Kafka 4 or later. */
  isFour: boolean
}

type Greeted = { address: string } & ({ greeting: BrokerProbe } | { error: unknown })

const all = { about: 'brokers', name: null } as const
const soonMilliseconds = 14 * 86_400_000

/** Connects to the brokers of KAFKA_BROKERS, logs in and connects to every broker of the cluster; undefined if one of these steps fails. */
export async function* askBrokers(config: KafkaConfig, now: number): AsyncGenerator<KafkaFinding, Brokers | undefined> {
  const { kafka, topics } = config
  const greeted = await Promise.all(kafka.brokers.map((address) => meet(address, config)))
  const present = greeted.filter((one) => 'greeting' in one)
  for (const one of greeted)
    if ('error' in one) {
      const trouble = unreached(one)
      yield present.length === 0 ? trouble : { ...trouble, level: 'warning' }
    }
  if (present.length === 0) return undefined
  yield fine(all, `${addressesOf(present)} ${present.length === 1 ? 'answers' : 'answer'}, ${versionsOf(present)}`)
  yield* certificatesOf(present, now)

  const addresses = present.map(({ address }) => address)
  let members: AdvertisedBroker[]
  try {
    members = await listBrokers({ ...kafka, brokers: addresses }, { topics, debug: debugOf() })
  } catch (error) {
    const known = { topics, broker: addresses.length === 1 ? addresses[0] : undefined }
    yield failedOn(
      isHungUp(error) && !kafka.login ? loginRequired(error) : error,
      { about: 'login', name: null },
      known,
    )
    return undefined
  }
  yield fine({ about: 'login', name: null }, loginOf(config))

  const others = members.filter(({ address }) => !addresses.includes(address))
  const met = await Promise.all(others.map(async (member) => ({ member, ...(await meet(member.address, config)) })))
  const lost = met.filter((one) => 'error' in one)
  for (const { member, error } of lost) yield astray(member, error, addresses)
  if (lost.length > 0) return undefined
  const reached = [...present, ...met.filter((one) => 'greeting' in one)]
  if (members.length > 0)
    yield fine(all, `the cluster has ${plural(members.length, 'broker')}, all reachable: ${addressesOf(members)}`)
  return { addresses, isFour: reached.some(({ greeting }) => greeting.isFour) }
}

function unreached({ address, error }: { address: string; error: unknown }): KafkaFinding {
  const trouble = failedOn(error, all, { broker: address })
  if (!isOfNetwork(error)) return trouble
  return {
    ...trouble,
    advice: 'check KAFKA_BROKERS, check that the broker runs and listens there, and check the network on this machine',
  }
}

async function meet(address: string, { kafka }: KafkaConfig): Promise<Greeted> {
  try {
    return { address, greeting: await probeBroker(address, kafka.tls) }
  } catch (error) {
    return { address, error }
  }
}

const debugOf = () =>
  process.env.LOG_LEVEL === 'debug'
    ? (text: string, fields: object) => console.error(text, JSON.stringify(fields))
    : undefined

/** A listener that requires a login closes the connection at the first request without one. */
function isHungUp(error: unknown): boolean {
  return isObject(error) && (error.name === 'KafkaJSConnectionClosedError' || isHungUp(error.cause))
}

function loginRequired(error: unknown): Error {
  const broker = isObject(error) ? error.broker : undefined
  return Object.assign(new Error('no login'), { code: 'LOGIN_REQUIRED', broker })
}

const unreachable = ['ENOTFOUND', 'EAI_AGAIN', 'ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'ETIMEDOUT']

function isOfNetwork(error: unknown): boolean {
  return isObject(error) && unreachable.includes(String(error.code))
}

/** The address in KAFKA_BROKERS works, but the address that the broker advertises is not reachable from this network. */
function astray({ node, address }: AdvertisedBroker, error: unknown, asked: string[]): KafkaFinding {
  const { says, advice } = explainError(error, { broker: address })
  return {
    level: 'problem',
    about: 'broker',
    name: String(node),
    says: `KAFKA_BROKERS (${asked.join(', ')}) is reachable, but this broker sends clients to ${address} (advertised.listeners): ${says}`,
    advice: isOfNetwork(error)
      ? `set advertised.listeners of broker ${node} to an address that this machine can reach, or run the check where ${address} is reachable`
      : advice,
  }
}

function addressesOf(some: { address: string }[]): string {
  const most = 5
  const more = some.length > most ? ` and ${some.length - most} more` : ''
  return some
    .slice(0, most)
    .map(({ address }) => address)
    .join(', ')
    .concat(more)
}

function versionsOf(some: { greeting: BrokerProbe }[]): string {
  const kinds = new Set(
    some.map(({ greeting: { isFour, tls } }) => {
      const version = isFour ? 'Kafka 4 or later' : 'Kafka before 4'
      return tls ? `${version}, ${tls.version}` : `${version}, without TLS`
    }),
  )
  return [...kinds].join(' and ')
}

function* certificatesOf(some: { address: string; greeting: BrokerProbe }[], now: number): Generator<KafkaFinding> {
  for (const { address, greeting } of some) {
    const endsAt = greeting.tls?.endsAt
    if (endsAt === undefined || endsAt - now > soonMilliseconds) continue
    yield {
      level: 'warning',
      ...all,
      says: `the certificate of ${address} expires in ${ageText(endsAt - now)}, at ${isoOf(endsAt)}`,
      advice: 'renew the certificate',
    }
  }
}

function loginOf({ kafka: { login, tls } }: KafkaConfig): string {
  const mechanism = login?.mechanism.toUpperCase()
  if (login?.mechanism === 'aws-msk-iam') return `accepted: ${mechanism} in ${login.region}`
  if (login) return `accepted: ${login.username} by ${mechanism}`
  return tls?.certificate ? 'accepted: client certificate' : 'not required'
}
