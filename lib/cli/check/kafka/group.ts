import { groupRefusal } from '../../../adapters/kafka/brokers.ts'
import type { KafkaConfig } from '../../../app/config/kafka.ts'
import type { Admin } from '../../broker.ts'
import { plural } from '../../terminal.ts'
import { fine } from '../finding.ts'
import { failedOn, type KafkaFinding, type PartitionProgress } from './finding.ts'
import type { FoundTopic } from './topic.ts'

interface Asking {
  admin: Admin
  config: KafkaConfig
  topics: readonly FoundTopic[]
}

/** Whether the group has members, its lag, and the records that it lost. */
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
      ? fine(about, members === 0 ? 'no members now' : `${plural(members, 'member')} now`)
      : { level: 'note', ...about, says: 'new: it has never read from these brokers', advice: null }
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
    // If the offset is out of range, the worker starts at the oldest record.
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
    yield members > 0
      ? fine(about, `it has not committed an offset of ${topic} yet`)
      : beginning(about, { topic, from, lag })
    return
  }
  const lost = partitions.filter(({ committed, low }) => committed !== null && committed < low)
  const records = lost.reduce((sum, { committed, low }) => sum + low - (committed ?? low), 0)
  if (records > 0)
    yield {
      level: 'problem',
      ...about,
      says: `${plural(records, 'record')} of ${topic} ${records === 1 ? 'was' : 'were'} deleted before the group read ${records === 1 ? 'it' : 'them'} (${positionsText(lost)})`,
      advice:
        'these records are lost: the worker was down for longer than retention.ms; set a longer retention.ms on the topic',
    }
  const beyond = partitions.filter(({ committed, end }) => committed !== null && committed > end)
  if (beyond.length > 0)
    yield {
      level: 'warning',
      ...about,
      says: `its offset is beyond the end of ${topic} (${positionsText(beyond)}): the topic was deleted and created again`,
      advice: 'nothing to do: the worker starts at the oldest record',
    }
  const says =
    lag === 0
      ? `it has read every record of ${topic}`
      : `its lag in ${topic} is ${plural(lag, 'record')}${lagText(partitions)}`
  yield lag > 0 && members === 0 ? { level: 'warning', ...about, says, advice: 'start the worker' } : fine(about, says)
}

function beginning(
  about: About,
  { topic, from, lag }: { topic: string; from: KafkaConfig['from']; lag: number },
): KafkaFinding {
  const count = plural(lag, 'record')
  if (from === 'beginning') {
    const says = `it will start at the oldest record of ${topic} (KAFKA_FROM=beginning): ${count} to read`
    return { level: 'note', ...about, says, advice: null }
  }
  const says = `it will start at the end of ${topic} (KAFKA_FROM=latest)`
  if (lag === 0) return { level: 'note', ...about, says, advice: null }
  return {
    level: 'note',
    ...about,
    says: `${says} and skip the ${count} before it`,
    advice: 'set KAFKA_FROM=beginning to read them too',
  }
}

const mostNamed = 5

function positionsText(some: readonly PartitionProgress[]): string {
  const shown = some.slice(0, mostNamed).map(({ partition, committed, low, end }) => {
    const records = low === end ? `no records, the next is ${end}` : `records ${low} to ${end - 1}`
    return `partition ${partition}: offset ${committed}, ${records}`
  })
  return [...shown, ...(some.length > mostNamed ? ['…'] : [])].join('; ')
}

function lagText(partitions: readonly PartitionProgress[]): string {
  const waiting = partitions.filter(({ lag }) => lag > 0)
  if (partitions.length === 1 || waiting.length > mostNamed) return ''
  return ` (${waiting.map(({ partition, lag }) => `partition ${partition}: ${lag.toLocaleString('en')}`).join(', ')})`
}
