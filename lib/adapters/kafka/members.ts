import type { Admin } from 'kafkajs'
import type { KafkaSetting } from '../../app/config/kafka.ts'
import { isObject } from '../../core/json.ts'
import { connect } from './connect.ts'

/** A broker of the cluster, at the address to which it sends clients on (its advertised.listeners). */
export interface Member {
  node: number
  address: string
}

interface Asking {
  topics: string[]
  debug: Debug
}

type Debug = ((message: string, fields: Record<string, unknown>) => void) | undefined

/**
 * Logs in and asks for the brokers of the cluster. It is read from what kafkajs writes to its log: its admin client answers only when it has
 * reached them all at those addresses, so what is wrong with one of them could not be told. Empty if they are not told.
 */
export async function membersOf(kafka: KafkaSetting, { topics, debug }: Asking): Promise<Member[]> {
  const told = Promise.withResolvers<Member[]>()
  const admin = listeningAdmin(kafka, debug, (message, { data }) => {
    const members = message.includes(': Response Metadata(') ? readMembers(data) : []
    if (members.length > 0) told.resolve(members)
  })
  try {
    await admin.connect()
    return await Promise.race([told.promise, ask(admin, topics)])
  } finally {
    await admin.disconnect().catch(() => {})
  }
}

/**
 * What the brokers say against this group, or undefined. Of that, too, kafkajs tells its log only: whatever the reason, its error is that no
 * coordinator was found.
 */
export async function refusalOf(kafka: KafkaSetting, group: string, debug?: Debug): Promise<unknown> {
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

function listeningAdmin(kafka: KafkaSetting, debug: Debug, hear: NonNullable<Debug>): Admin {
  return connect(kafka, {
    retries: 1,
    debug(message, fields) {
      debug?.(message, fields)
      hear(message, fields)
    },
  }).admin()
}

/** kafkajs tells nothing at all if one of the topics that it asks for, here all, has a partition without a leader. */
async function ask(admin: Admin, topics: string[]): Promise<Member[]> {
  for (const topic of topics) {
    try {
      await admin.fetchTopicMetadata({ topics: [topic] })
    } catch (error) {
      if (typesOf(error).length === 0) throw error
    }
  }
  try {
    const { brokers } = await admin.describeCluster()
    return brokers.map(({ nodeId, host, port }) => ({ node: nodeId, address: `${host}:${port}` }))
  } catch (error) {
    if (typesOf(error).includes('LEADER_NOT_AVAILABLE')) return []
    throw error
  }
}

/** What a broker has answered, of an error and its causes; empty if it has not. */
function typesOf(error: unknown): unknown[] {
  if (!isObject(error)) return []
  return [...(error.type === undefined ? [] : [error.type]), ...typesOf(error.cause)]
}

function readMembers(data: unknown): Member[] {
  if (!isObject(data) || !Array.isArray(data.brokers)) return []
  return data.brokers.map(({ nodeId, host, port }) => ({ node: Number(nodeId), address: `${host}:${port}` }))
}
