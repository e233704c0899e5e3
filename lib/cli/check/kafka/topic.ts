import type { KafkaSetting } from '../../../adapters/kafka/client.ts'
import { explainError } from '../../../adapters/kafka/errors.ts'
import { suggest } from '../../../app/config/suggest.ts'
import type { Admin, Client } from '../../broker.ts'
import { durationOf } from '../../inspect/words.ts'
import { findRanges, type Range, sizeOf } from '../../record/ranges.ts'
import { plural } from '../../terminal.ts'
import { failedOn, fine, type KafkaFinding } from './finding.ts'
import { askRecords } from './records.ts'
import { reviewSettings, type Settings, settingNames } from './settings.ts'

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

/** A topic, its settings and its last records; undefined if it is not there. */
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
    const advice = 'bring back the broker that has it'
    yield { level: 'problem', ...about, says: `partition ${which}: no broker leads it now`, advice }
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
  // What else there is only helps: whether it may be asked for does not matter here.
  const topics = await admin.listTopics().catch(() => [])
  const meant = suggest(
    topic,
    topics.filter((one) => !one.startsWith('_')),
  )
  return meant === undefined ? finding : { ...finding, says: `${finding.says}; did you mean ${meant}?` }
}

// kafkajs' ConfigResourceTypes, whose module is not for this room.
const topicResource = 2

/** Who may not see them can read the topic all the same. */
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
        says: `its settings were not told: ${isRefused ? 'this login may not see them' : says}`,
        advice: isRefused ? `allow it DescribeConfigs on topic ${topic}, to have them checked, too` : null,
      },
    }
  }
}

function keptFor(settings: Settings): string {
  const milliseconds = Number(settings.get('retention.ms') ?? Number.NaN)
  if (Number.isNaN(milliseconds)) return ''
  return milliseconds < 0 ? ', kept for ever' : `, kept for ${durationOf(milliseconds)}`
}
