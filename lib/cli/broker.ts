import type { createKafkaClient } from '../adapters/kafka/client.ts'
import { explainError } from '../adapters/kafka/errors.ts'
import { isTopic, type KafkaConfig } from '../app/config/kafka.ts'
import { Misuse, UserError } from './command.ts'

export type Client = ReturnType<typeof createKafkaClient>
export type Admin = ReturnType<Client['admin']>

/** A client for a command. kafkajs is loaded only when it is needed. With LOG_LEVEL=debug the client logs to stderr. */
export async function openClient({ kafka }: KafkaConfig, retries?: number): Promise<Client> {
  const { createKafkaClient } = await import('../adapters/kafka/client.ts')
  const isDebug = process.env.LOG_LEVEL === 'debug'
  const debug = isDebug ? (text: string, fields: object) => console.error(text, JSON.stringify(fields)) : undefined
  return createKafkaClient(kafka, { debug, ...(retries === undefined ? {} : { retries }) })
}

export async function withAdmin<Result>(client: Client, use: (admin: Admin) => Promise<Result>): Promise<Result> {
  const admin = client.admin()
  try {
    await admin.connect()
    return await use(admin)
  } finally {
    await admin.disconnect()
  }
}

interface Context {
  topic: string
  group?: string
  /** What was done before the error, for the message. */
  before?: () => string
  /** Why the brokers refuse the group. kafkajs reports every refusal as a missing coordinator. */
  refusal?: () => Promise<unknown>
}

/** Turns Kafka errors into a UserError of one line that says what to do. */
export async function tellingTrouble<Result>(
  { topic, group, before = () => '', refusal = async () => undefined }: Context,
  act: () => Promise<Result>,
): Promise<Result> {
  try {
    return await act()
  } catch (error) {
    if (!isOfKafka(error)) throw error
    const said = isWithoutCoordinator(error) ? ((await refusal()) ?? error) : error
    const { says, advice } = explainError(said, { topics: [topic], ...(group === undefined ? {} : { group }) })
    throw new UserError(`${before()}${says}: ${advice}`)
  }
}

function isWithoutCoordinator(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  return error.name === 'KafkaJSGroupCoordinatorNotFound' || isWithoutCoordinator(error.cause)
}

/** An error of kafkajs or of its sockets. */
function isOfKafka(error: unknown): boolean {
  if (!(error instanceof Error) || error instanceof UserError) return false
  return error.name.startsWith('KafkaJS') || 'code' in error
}

/** The topic of a command. */
export function topicOf(given: string | undefined, { topics }: KafkaConfig): string {
  const [topic, ...others] = given === undefined ? topics : [given]
  if (topic === undefined) throw new Misuse('missing topic: use --topic <name>, or set KAFKA_TOPICS')
  if (others.length > 0) throw new Misuse(`KAFKA_TOPICS has more than one topic: use --topic ${topics.join(' or ')}`)
  return topic
}

/** Throws a Misuse if the text can't be a topic name. */
export function checkTopic(given: string | undefined) {
  if (given !== undefined && !isTopic(given))
    throw new Misuse(`--topic: "${given}" is not a topic name: use letters, digits, ".", "_" and "-"`)
}
