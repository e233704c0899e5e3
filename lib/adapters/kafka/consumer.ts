import { followProblems } from '../../core/ongoing-problems.ts'
import { explainError } from './errors.ts'
import { type GroupMemberOptions, runGroupMember } from './group-member.ts'

// A consumer that ran this long did not fail at its start.
const soundMilliseconds = 60_000
// Without a current batch, a consumer that takes longer to stop waits for a broker that does not answer.
const stopMilliseconds = 10_000
const retryMilliseconds = { first: 1_000, most: 30_000 }
// How often to look for a missing topic.
const topicMilliseconds = 60_000

/**
 * Consumes until `signal` stops it: one group member after another, however often the brokers go away. A problem is logged when it begins,
 * when it changes, and then every ten minutes. Kafka's errors never make it reject.
 */
export async function consume(options: Omit<GroupMemberOptions, 'appeared'>, signal: AbortSignal): Promise<void> {
  const { kafka, topics, group, clock, progress, report } = options
  const problems = followProblems()
  let failures = 0
  const appeared = new Set<string>()
  const stopTimeout = waitForStop()
  while (!signal.aborted) {
    const startedAt = clock.now()
    progress.activeAt = startedAt
    try {
      await Promise.race([runWithTopics(), stopTimeout])
    } catch (error) {
      if (signal.aborted) return
      const { says, advice } = explainError(error, { topics, group })
      // Without a growing delay, a member that joins and fails at once would make the whole group rebalance every second.
      if (clock.now() - startedAt > soundMilliseconds) {
        failures = 0
        problems.end('kafka', clock.now())
      }
      const milliseconds = Math.min(retryMilliseconds.first * 2 ** failures, retryMilliseconds.most)
      failures += 1
      reportOnce('warn', says, { advice, retrySeconds: milliseconds / 1_000 })
      Object.assign(progress, { whyNotInGroup: says, partitions: new Map() })
      await clock.sleep(milliseconds, signal)
    }
  }

  function reportOnce(level: 'warn' | 'error', text: string, fields: Record<string, unknown>) {
    if (problems.isDue('kafka', text, clock.now())) report(level, text, fields)
  }

  async function waitForStop(): Promise<void> {
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
    do await clock.sleep(stopMilliseconds)
    while (progress.busySince !== undefined)
  }

  /** Consumes the topics that exist. When a missing one appears, a new member starts, so a missing topic blocks no other. */
  async function runWithTopics() {
    const missing = await missingTopics()
    for (const topic of missing) appeared.add(topic)
    if (missing.length === topics.length)
      throw Object.assign(new Error('no such topic'), { type: 'UNKNOWN_TOPIC_OR_PARTITION' })
    if (missing.length === 0) return runGroupMember({ ...options, appeared }, signal)
    const { says, advice } = explainError({ type: 'UNKNOWN_TOPIC_OR_PARTITION' }, { topics: missing })
    reportOnce('error', says, { advice })
    const restart = new AbortController()
    const ended = AbortSignal.any([signal, restart.signal])
    const running = runGroupMember(
      { ...options, appeared, topics: topics.filter((topic) => !missing.includes(topic)) },
      ended,
    )
    running.finally(() => restart.abort()).catch(() => {})
    while (!ended.aborted) {
      await clock.sleep(topicMilliseconds, ended)
      const left = ended.aborted ? missing : await missingTopics().catch(() => missing)
      if (left.length < missing.length) restart.abort()
    }
    return running
  }

  async function missingTopics(): Promise<string[]> {
    // The first request of all: few retries, so that the log soon says that no broker can be reached.
    const admin = kafka.admin({ retry: { retries: 1 } })
    try {
      await admin.connect()
      const existing = new Set(await admin.listTopics())
      return topics.filter((topic) => !existing.has(topic))
    } catch (error) {
      // kafkajs fails to list topics if any of them has no leader, perhaps another program's.
      if ((error as { type?: string }).type === 'LEADER_NOT_AVAILABLE') return []
      throw error
    } finally {
      await admin.disconnect().catch(() => {})
    }
  }
}
