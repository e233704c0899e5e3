import type { KafkaSetting } from '../../../adapters/kafka/client.ts'
import { explainError } from '../../../adapters/kafka/errors.ts'
import { suggest } from '../../../app/config/suggest.ts'
import type { Admin, Client } from '../../broker.ts'
import { durationText } from '../../inspect/words.ts'
import { findRanges, type Range, sizeOf } from '../../record/ranges.ts'
import { plural } from '../../terminal.ts'
import { fine } from '../finding.ts'
import { failedOn, type KafkaFinding } from './finding.ts'
import { askRecords } from './records.ts'

export interface FoundTopic {
  topic: string
  ranges: Range[]
}

export interface Question {
  kafka: KafkaSetting
  client: Client
  admin: Admin
  topic: string
  isFour: boolean
  clusterOf: ((topic: string) => string) | undefined
  now: number
}

/** Checks a topic, its settings and its last records; undefined if it does not exist. */
export async function* askTopic(question: Question): AsyncGenerator<KafkaFinding, FoundTopic | undefined> {
  const { admin, topic } = question
  const about = { about: 'topic', name: topic } as const
  let ranges: Range[]
  try {
    ranges = await findRanges(admin, { topic, from: { kind: 'beginning' }, partitions: [] })
  } catch (error) {
    yield await withSuggestion(failedOn(error, about, { topics: [topic] }), topic, admin)
    return undefined
  }
  const leaderless = ranges.filter(({ leader }) => leader < 0)
  if (leaderless.length > 0) {
    const which = leaderless.map(({ partition }) => partition).join(', ')
    const advice = 'restart the broker that has this partition'
    yield { level: 'problem', ...about, says: `partition ${which} has no leader`, advice }
    return undefined
  }
  const read = await readSettings(admin, topic)
  const settings = 'settings' in read ? read.settings : new Map<string, string>()
  yield fine(
    about,
    [plural(ranges.length, 'partition'), `${plural(sizeOf(ranges), 'record')}${keptFor(settings)}`].join(', '),
  )
  if ('finding' in read) yield read.finding
  yield* reviewSettings(topic, settings)
  yield* askRecords({ ...question, ranges, settings })
  return { topic, ranges }
}

async function withSuggestion(finding: KafkaFinding, topic: string, admin: Admin): Promise<KafkaFinding> {
  if (!finding.says.endsWith('does not exist')) return finding
  // The list only serves a suggestion, so a refusal does not matter.
  const topics = await admin.listTopics().catch(() => [])
  const meant = suggest(
    topic,
    topics.filter((one) => !one.startsWith('_')),
  )
  return meant === undefined ? finding : { ...finding, says: `${finding.says}; did you mean ${meant}?` }
}

// kafkajs' ConfigResourceTypes.TOPIC; importing kafkajs itself is left to the adapter.
const topicResource = 2

/** A login that may not read the settings can still read the topic. */
async function readSettings(admin: Admin, topic: string): Promise<{ settings: Settings } | { finding: KafkaFinding }> {
  try {
    const { resources } = await admin.describeConfigs({
      includeSynonyms: false,
      resources: [{ type: topicResource, name: topic, configNames: [...settingNames] }],
    })
    const entries = resources.flatMap(({ configEntries }) => configEntries)
    return { settings: new Map(entries.map(({ configName, configValue }) => [configName, configValue])) }
  } catch (error) {
    const { says } = explainError(error, { topics: [topic] })
    const isRefused = says.startsWith('this login may not')
    return {
      finding: {
        level: 'note',
        about: 'topic',
        name: topic,
        says: `settings not checked: ${isRefused ? 'this login may not read them' : says}`,
        advice: isRefused ? `to check the settings too, allow DescribeConfigs on topic ${topic}` : null,
      },
    }
  }
}

function keptFor(settings: Settings): string {
  const milliseconds = Number(settings.get('retention.ms') ?? Number.NaN)
  if (Number.isNaN(milliseconds)) return ''
  return milliseconds < 0 ? ', kept forever' : `, kept for ${durationText(milliseconds)}`
}

export const settingNames = ['retention.ms', 'cleanup.policy', 'compression.type', 'message.timestamp.type'] as const

/** A topic's settings by name; empty if they could not be read. */
export type Settings = ReadonlyMap<string, string>

const dayMilliseconds = 86_400_000

/** The settings with which events are lost. */
export function* reviewSettings(topic: string, settings: Settings): Generator<KafkaFinding> {
  const about = { about: 'topic', name: topic } as const
  const retention = Number(settings.get('retention.ms') ?? -1)
  if (retention >= 0 && retention < dayMilliseconds)
    yield {
      level: 'warning',
      ...about,
      says: `records are kept for only ${durationText(retention)}; events that are not delivered by then are lost`,
      advice: `set retention.ms=${7 * dayMilliseconds} (7 days) on the topic`,
    }
  if (settings.get('cleanup.policy')?.includes('compact'))
    yield {
      level: 'problem',
      ...about,
      says: 'the topic is compacted (cleanup.policy), so Kafka refuses records without a key, and kube-eventer’s records have none',
      advice: 'set cleanup.policy=delete on the topic',
    }
  if (settings.get('compression.type') === 'lz4')
    yield {
      level: 'problem',
      ...about,
      says: 'records are compressed with lz4 (compression.type), which this program can’t read',
      advice:
        'set compression.type=producer (or gzip, snappy, zstd) on the topic; records that exist already stay unreadable',
    }
}

const mostNamed = 10

/** Lists the topics if KAFKA_TOPICS is not set; false if that fails. Reads names only, because the records may be private. */
export async function* listTopics(admin: Admin): AsyncGenerator<KafkaFinding, boolean> {
  const about = { about: 'topic', name: null } as const
  let topics: string[]
  try {
    topics = (await admin.listTopics()).filter((topic) => !topic.startsWith('_')).toSorted()
  } catch (error) {
    yield failedOn(error, about)
    return false
  }
  const likely = topics.filter((topic) => /event|heapster/i.test(topic))
  const [named, which] =
    likely.length > 0
      ? [likely, 'these look like topics of kube-eventer']
      : [topics, 'none looks like a topic of kube-eventer']
  const names = `${named.slice(0, mostNamed).join(', ')}${named.length > mostNamed ? ', …' : ''}`
  yield {
    level: 'note',
    ...about,
    says:
      topics.length === 0
        ? 'KAFKA_TOPICS is not set, and this login can see no topic'
        : `KAFKA_TOPICS is not set; of ${plural(topics.length, 'topic')}, ${which}: ${names}`,
    advice:
      likely.length > 0
        ? `set KAFKA_TOPICS=${likely.length === 1 ? likely[0] : '…'} to check ${likely.length === 1 ? 'it' : 'them'}`
        : 'kube-eventer writes to the eventstopic of its sink, by default heapster-events',
  }
  return true
}
