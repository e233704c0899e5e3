import { durationOf } from '../../inspect/words.ts'
import type { KafkaFinding } from './finding.ts'

export const settingNames = ['retention.ms', 'cleanup.policy', 'compression.type', 'message.timestamp.type'] as const

/** Of a topic, by name; empty if they were not told. */
export type Settings = ReadonlyMap<string, string>

const dayMilliseconds = 86_400_000

/** What of a topic's settings loses events, or would. */
export function* reviewSettings(topic: string, settings: Settings): Generator<KafkaFinding> {
  const about = { about: 'topic', name: topic } as const
  const retention = Number(settings.get('retention.ms') ?? -1)
  if (retention >= 0 && retention < dayMilliseconds)
    yield {
      level: 'warning',
      ...about,
      says: `its records are kept for ${durationOf(retention)} only: what is not delivered by then is lost`,
      advice: `set retention.ms=${7 * dayMilliseconds} (7 days) on the topic`,
    }
  if (settings.get('cleanup.policy')?.includes('compact'))
    yield {
      level: 'problem',
      ...about,
      says: 'it is compacted (cleanup.policy): Kafka refuses records without a key there, and kube-eventer’s have none',
      advice: 'set cleanup.policy=delete on the topic',
    }
  if (settings.get('compression.type') === 'lz4')
    yield {
      level: 'problem',
      ...about,
      says: 'its records are compressed with lz4 (compression.type), which this program can’t read',
      advice:
        'set compression.type=producer (or gzip, snappy, zstd) on the topic; what is there already stays unreadable',
    }
}
