import { type Clock, orOutage, type Store } from '../pipeline/ports.ts'

/** Remembers in the store which topics a consumer group has read, since Kafka forgets it when a topic is deleted. */
export interface ReadTopics {
  /** Returns those topics that the group has read. Rejects if the state is not available. */
  among(topics: readonly string[]): Promise<Set<string>>
  /** Never rejects for an outage: a later call saves the topics. */
  add(topics: readonly string[]): Promise<void>
}

// Kafka's default for offsets.retention.minutes.
const rememberedMilliseconds = 7 * 24 * 3_600_000
const saveAgainMilliseconds = 6 * 3_600_000

export function openReadTopics(group: string, state: () => Promise<Store>, clock: Clock): ReadTopics {
  const nameOf = (topic: string) => `${group}/${topic}`
  const addedAt = new Map<string, number>()
  return {
    async among(topics) {
      const known = await (await state()).readTopics.read(topics.map(nameOf))
      return new Set(topics.filter((topic) => known.has(nameOf(topic))))
    },
    async add(topics) {
      const now = clock.now()
      const due = topics.filter(
        (topic) => now - (addedAt.get(topic) ?? Number.NEGATIVE_INFINITY) >= saveAgainMilliseconds,
      )
      if (due.length === 0) return
      await orOutage(async () => {
        const { readTopics } = await state()
        const known = await readTopics.read(due.map(nameOf))
        for (const topic of due) {
          const version = known.get(nameOf(topic))?.version ?? 0
          // If another process writes at the same time, it writes the same.
          await readTopics.save(nameOf(topic), { readAt: now }, version, now + rememberedMilliseconds)
          addedAt.set(topic, now)
        }
      })
    },
  }
}
