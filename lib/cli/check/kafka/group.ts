import { groupRefusal } from '../../../adapters/kafka/brokers.ts'
import type { KafkaConfig } from '../../../app/config/kafka.ts'
import type { Admin } from '../../broker.ts'
import { plural } from '../../terminal.ts'
import { failedOn, fine, type KafkaFinding, type PartitionProgress } from './finding.ts'
import type { FoundTopic } from './topic.ts'

interface Asking {
  admin: Admin
  config: KafkaConfig
  topics: readonly FoundTopic[]
}

/** Whether the group is at work, how far it is, and what it has lost. */
export async function* askGroup({ admin, config, topics }: Asking): AsyncGenerator<KafkaFinding, undefined> {
  const { group, from } = config
  const about = { about: 'group', name: group } as const
  try {
    const { groups } = await admin.describeGroups([group])
    const members = groups[0]?.members.length ?? 0
    const names = topics.map(({ topic }) => topic)
    const committed = names.length === 0 ? [] : await admin.fetchOffsets({ groupId: group, topics: names })
    const isUsed = members > 0 || committed.some(({ partitions }) => partitions.some(({ offset }) => offset !== '-1'))
    yield isUsed
      ? fine(about, members === 0 ? 'nobody is in it now' : `${plural(members, 'member')} in it now`)
      : { level: 'note', ...about, says: 'it was never used', advice: null }
    for (const found of topics) {
      const offsets = committed.find(({ topic }) => topic === found.topic)?.partitions ?? []
      yield* review({ ...about, partitions: progressOf(found, offsets) }, { topic: found.topic, from, members })
    }
  } catch (error) {
    yield failedOn((await groupRefusal(config.kafka, group)) ?? error, about, { group })
  }
}

function progressOf(
  { topic, ranges }: FoundTopic,
  offsets: { partition: number; offset: string }[],
): PartitionProgress[] {
  return ranges.map(({ partition, low, end }) => {
    const offset = Number(offsets.find((one) => one.partition === partition)?.offset ?? -1)
    const committed = offset < 0 ? null : offset
    // Where an offset is out of range the worker begins at what is there.
    const isInRange = committed !== null && committed >= low && committed <= end
    return { topic, partition, committed, low, end, lag: end - (isInRange ? committed : low) }
  })
}

type About = Required<Pick<KafkaFinding, 'about' | 'name' | 'partitions'>>

function* review(
  about: About,
  { topic, from, members }: { topic: string; from: KafkaConfig['from']; members: number },
): Generator<KafkaFinding> {
  const { partitions } = about
  const lag = partitions.reduce((sum, one) => sum + one.lag, 0)
  if (partitions.every(({ committed }) => committed === null)) {
    yield members > 0 ? fine(about, `it has committed nothing of ${topic} yet`) : beginning(about, { topic, from, lag })
    return
  }
  const lost = partitions.filter(({ committed, low }) => committed !== null && committed < low)
  const records = lost.reduce((sum, { committed, low }) => sum + low - (committed ?? low), 0)
  if (records > 0)
    yield {
      level: 'problem',
      ...about,
      says: `${plural(records, 'record')} of ${topic} were deleted before it read them (${placesOf(lost)})`,
      advice: 'they are gone: the worker was away for longer than retention.ms; set a longer one on the topic',
    }
  const beyond = partitions.filter(({ committed, end }) => committed !== null && committed > end)
  if (beyond.length > 0)
    yield {
      level: 'warning',
      ...about,
      says: `its offset is beyond the end of ${topic} (${placesOf(beyond)}): the topic was made anew since`,
      advice: 'the worker begins there with what the topic has now; nothing else is to be done',
    }
  const says =
    lag === 0
      ? `it has read all of ${topic}`
      : `${plural(lag, 'record')} of ${topic} wait for it${sharesOf(partitions)}`
  yield lag > 0 && members === 0 ? { level: 'warning', ...about, says, advice: 'start the worker' } : fine(about, says)
}

function beginning(
  about: About,
  { topic, from, lag }: { topic: string; from: KafkaConfig['from']; lag: number },
): KafkaFinding {
  const count = plural(lag, 'record')
  if (from === 'beginning') {
    const says = `of ${topic} it will begin with the oldest record (KAFKA_FROM=beginning): ${count} wait for it`
    return { level: 'note', ...about, says, advice: null }
  }
  const says = `of ${topic} it will begin with what comes then (KAFKA_FROM=latest)`
  if (lag === 0) return { level: 'note', ...about, says, advice: null }
  return {
    level: 'note',
    ...about,
    says: `${says}, and leave out the ${count} that ${lag === 1 ? 'is' : 'are'} there`,
    advice: 'KAFKA_FROM=beginning takes them, too',
  }
}

const mostNamed = 5

function placesOf(some: readonly PartitionProgress[]): string {
  const shown = some.slice(0, mostNamed).map(({ partition, committed, low, end }) => {
    const kept = low === end ? `it has none, the next is ${end}` : `it has ${low} to ${end - 1}`
    return `partition ${partition} is at offset ${committed}, ${kept}`
  })
  return [...shown, ...(some.length > mostNamed ? ['…'] : [])].join('; ')
}

function sharesOf(partitions: readonly PartitionProgress[]): string {
  const waiting = partitions.filter(({ lag }) => lag > 0)
  if (partitions.length === 1 || waiting.length > mostNamed) return ''
  return ` (${waiting.map(({ partition, lag }) => `partition ${partition}: ${lag.toLocaleString('en')}`).join(', ')})`
}
