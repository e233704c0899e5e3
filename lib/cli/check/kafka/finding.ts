import { explainError } from '../../../adapters/kafka/errors.ts'
import type { Finding } from '../finding.ts'

/** Something that a broker told, or did not. */
export interface KafkaFinding extends Finding {
  about: 'brokers' | 'broker' | 'login' | 'topic' | 'records' | 'group'
  /** Of the broker, topic or group; null: of all of them. */
  name: string | null
  /** How far the group is in a topic. */
  partitions?: PartitionProgress[]
}

export interface PartitionProgress {
  topic: string
  partition: number
  /** Null: nothing is committed. */
  committed: number | null
  /** The oldest offset that is kept. */
  low: number
  /** The offset that the next record gets. */
  end: number
  /** How many records wait for the group. */
  lag: number
}

type About = Pick<KafkaFinding, 'about' | 'name'>

export function fine(about: About, says: string): KafkaFinding {
  return { level: 'fine', ...about, says, advice: null }
}

/** What a request has failed on. An exception that is a bug goes on. */
export function failedOn(error: unknown, about: About, known: Parameters<typeof explainError>[1] = {}): KafkaFinding {
  if (error instanceof TypeError || error instanceof ReferenceError) throw error
  return { level: 'problem', ...about, ...explainError(error, known) }
}
