import type { Admin } from '../../broker.ts'
import { plural } from '../../terminal.ts'
import { failedOn, type KafkaFinding } from './finding.ts'

const mostNamed = 10

/** What there is, where no topic is named; false if that was not told. Only by their names: what is in others' topics is nobody's business. */
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
  const [named, which] = likely.length > 0 ? [likely, 'these look like kube-eventer’s'] : [topics, 'none looks like it']
  const names = `${named.slice(0, mostNamed).join(', ')}${named.length > mostNamed ? ', …' : ''}`
  yield {
    level: 'note',
    ...about,
    says:
      topics.length === 0
        ? 'KAFKA_TOPICS is not given, and there is no topic that this login may see'
        : `KAFKA_TOPICS is not given; of ${plural(topics.length, 'topic')} ${which}: ${names}`,
    advice:
      likely.length > 0
        ? `KAFKA_TOPICS=${likely.length === 1 ? likely[0] : '…'} looks into ${likely.length === 1 ? 'it' : 'them'}`
        : 'kube-eventer writes to the eventstopic of its sink, by default heapster-events',
  }
  return true
}
