import type { createKafkaClient } from '../adapters/kafka/client.ts'
import { explainError } from '../adapters/kafka/errors.ts'
import { isTopic, type KafkaConfig } from '../app/config/kafka.ts'
import { Misuse, UserError } from './command.ts'

export type Client = ReturnType<typeof createKafkaClient>
export type Admin = ReturnType<Client['admin']>

/** A client for a command; with LOG_LEVEL=debug it says what it does. Only who meets a broker pays for loading it. */
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
  /** What was reached before, for who has to go on from there. */
  before?: () => string
  /** What the brokers say against the group: kafkajs' error is that no coordinator was found, whatever the reason (lib/adapters/kafka/brokers.ts). */
  refusal?: () => Promise<unknown>
}

/** What goes wrong between here and the brokers becomes a UserError of one line, with what to do about it. */
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

/** An error of kafkajs, or of a socket below it; others are the program's own. */
function isOfKafka(error: unknown): boolean {
  if (!(error instanceof Error) || error instanceof UserError) return false
  return error.name.startsWith('KafkaJS') || 'code' in error
}

/** The one topic that a command is about. */
export function topicOf(given: string | undefined, { topics }: KafkaConfig): string {
  const [topic, ...others] = given === undefined ? topics : [given]
  if (topic === undefined) throw new Misuse('which topic? --topic <name>, or KAFKA_TOPICS')
  if (others.length > 0) throw new Misuse(`KAFKA_TOPICS names several: which one? --topic ${topics.join(' or ')}`)
  return topic
}

/** Throws a Misuse for what can't be the name of a topic. */
export function checkTopic(given: string | undefined) {
  if (given !== undefined && !isTopic(given))
    throw new Misuse(`--topic: given "${given}", expected the name of one topic: letters, digits, ".", "_" and "-"`)
}
