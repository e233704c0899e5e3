import { type Membership, runMembership } from './membership.ts'
import { troubleOf } from './trouble.ts'

// What is still the matter is said again after so long.
const sayAgainMilliseconds = 10 * 60_000
// A membership of this length was none that fails at its beginning.
const soundMilliseconds = 60_000
// What takes longer to end, with no batch under way, waits for a broker that does not answer.
const endMilliseconds = 10_000
const waitMilliseconds = { first: 1_000, most: 30_000 }
// A topic that was not there is looked for so often.
const lookMilliseconds = 60_000

/**
 * Consumes until `signal` ends it: one membership after another, however often the broker goes away. Each trouble is one line, and said again
 * only when it changes or goes on. Never rejects for what Kafka does.
 */
export async function consume(membership: Omit<Membership, 'appeared'>, signal: AbortSignal): Promise<void> {
  const { kafka, topics, group, clock, progress, tell } = membership
  let said = { text: '', at: 0 }
  let failures = 0
  const appeared = new Set<string>()
  const givenUp = giveUp()
  while (!signal.aborted) {
    const startedAt = clock.now()
    progress.aliveAt = startedAt
    try {
      await Promise.race([runWithTopics(), givenUp])
    } catch (error) {
      if (signal.aborted) return
      const { says, advice } = troubleOf(error, { topics, group })
      // What joins, and fails at once, would else make the whole group rebalance each second.
      if (clock.now() - startedAt > soundMilliseconds) failures = 0
      const milliseconds = Math.min(waitMilliseconds.first * 2 ** failures, waitMilliseconds.most)
      failures += 1
      say('warn', says, { advice, nextTrySeconds: milliseconds / 1_000 })
      Object.assign(progress, { isInGroup: false, waitsFor: says, partitions: new Map() })
      await clock.sleep(milliseconds, signal)
    }
  }

  function say(level: 'warn' | 'error', text: string, fields: Record<string, unknown>) {
    const isNews = text !== said.text || clock.now() - said.at > sayAgainMilliseconds
    if (!isNews) return
    said = { text, at: clock.now() }
    tell(level, text, fields)
  }

  async function giveUp(): Promise<void> {
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
    do await clock.sleep(endMilliseconds)
    while (progress.busySince !== undefined)
  }

  /** With those topics that are there; one that comes later begins a new membership, so that it stops no other. */
  async function runWithTopics() {
    const missing = await missingTopics()
    for (const topic of missing) appeared.add(topic)
    if (missing.length === topics.length)
      throw Object.assign(new Error('no such topic'), { type: 'UNKNOWN_TOPIC_OR_PARTITION' })
    if (missing.length === 0) return runMembership({ ...membership, appeared }, signal)
    const { says, advice } = troubleOf({ type: 'UNKNOWN_TOPIC_OR_PARTITION' }, { topics: missing })
    say('error', says, { advice })
    const again = new AbortController()
    const ended = AbortSignal.any([signal, again.signal])
    const running = runMembership(
      { ...membership, appeared, topics: topics.filter((topic) => !missing.includes(topic)) },
      ended,
    )
    running.finally(() => again.abort()).catch(() => {})
    while (!ended.aborted) {
      await clock.sleep(lookMilliseconds, ended)
      const left = ended.aborted ? missing : await missingTopics().catch(() => missing)
      if (left.length < missing.length) again.abort()
    }
    return running
  }

  async function missingTopics(): Promise<string[]> {
    // The first to notice that no broker is there: not for long, so that it is told soon.
    const admin = kafka.admin({ retry: { retries: 1 } })
    try {
      await admin.connect()
      const known = new Set(await admin.listTopics())
      return topics.filter((topic) => !known.has(topic))
    } catch (error) {
      // Asked for all topics, kafkajs fails if one of them, perhaps another program's, has no leader now.
      if ((error as { type?: string }).type === 'LEADER_NOT_AVAILABLE') return []
      throw error
    } finally {
      await admin.disconnect().catch(() => {})
    }
  }
}
