import { explainError } from '../../../adapters/kafka/errors.ts'
import type { Finding } from '../finding.ts'

/** One result of asking the brokers. */
export interface KafkaFinding extends Finding {
  about: 'brokers' | 'broker' | 'login' | 'topic' | 'records' | 'group'
  /** The broker, topic or group; null: all of them. */
  name: string | null
  /** The group's progress in a topic. */
  partitions?: PartitionProgress[]
}

export interface PartitionProgress {
  topic: string
  partition: number
  /** Null: none. */
  committed: number | null
  /** The offset of the oldest record. */
  low: number
  /** The offset of the next record. */
  end: number
  /** Records that the group has not read. */
  lag: number
}

type About = Pick<KafkaFinding, 'about' | 'name'>

/** A failed request. An exception that is a bug is thrown again. */
export function failedOn(error: unknown, about: About, known: Parameters<typeof explainError>[1] = {}): KafkaFinding {
  if (error instanceof TypeError || error instanceof ReferenceError) throw error
  return { level: 'problem', ...about, ...explainError(error, known) }
}
