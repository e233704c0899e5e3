import type { KafkaConfig } from '../../../app/config/kafka.ts'
import { openClient } from '../../broker.ts'
import { askBrokers } from './brokers.ts'
import { failedOn, type KafkaFinding } from './finding.ts'
import { askGroup } from './group.ts'
import { askTopic, type FoundTopic, listTopics } from './topic.ts'

interface Questions {
  config: KafkaConfig
  /** The cluster name of a topic; undefined if the configuration has a problem. */
  clusterOf: ((topic: string) => string) | undefined
  now: number
}

// Waits up to five seconds while the brokers create the topic for offsets.
const retries = 4

/** Checks what the worker will find at the brokers, step by step. Stops at a failure that every further step would meet too. Changes nothing. */
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
    // The brokers answered a moment ago.
    yield failedOn(error, { about: 'brokers', name: null })
  } finally {
    await admin.disconnect().catch(() => {})
  }
}
