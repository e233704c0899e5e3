import type { KafkaConfig } from '../../../app/config/kafka.ts'
import { openClient } from '../../broker.ts'
import { askBrokers } from './brokers.ts'
import { failedOn, type KafkaFinding } from './finding.ts'
import { askGroup } from './group.ts'
import { askTopic, type FoundTopic } from './topic.ts'
import { listTopics } from './topics.ts'

interface Questions {
  config: KafkaConfig
  /** The name that a topic's events get; undefined: the configuration that would tell is wrong. */
  clusterOf: ((topic: string) => string) | undefined
  now: number
}

// A topic for offsets that is only being made is waited for so often: up to five seconds.
const retries = 4

/** Asks the brokers what the worker will meet, one after another, and ends with what would only be met again. Changes nothing there. */
export async function* askKafka({ config, clusterOf, now }: Questions): AsyncGenerator<KafkaFinding, undefined> {
  const brokers = yield* askBrokers(config, now)
  if (!brokers) return
  const { topics } = config
  const kafka = { ...config.kafka, brokers: brokers.addresses }
  const client = await openClient({ ...config, kafka }, retries)
  const admin = client.admin()
  const found: FoundTopic[] = []
  try {
    await admin.connect()
    const isListed = topics.length === 0 && (yield* listTopics(admin))
    for (const topic of topics) {
      const one = yield* askTopic({ kafka, client, admin, topic, isFour: brokers.isFour, clusterOf, now })
      if (one) found.push(one)
    }
    if (isListed || found.length > 0) yield* askGroup({ admin, config: { ...config, kafka }, topics: found })
  } catch (error) {
    // It has answered a moment ago.
    yield failedOn(error, { about: 'brokers', name: null })
  } finally {
    await admin.disconnect().catch(() => {})
  }
}
