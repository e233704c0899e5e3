import type { Clock } from '../pipeline/ports.ts'
import { orOutage, type Store } from '../pipeline/ports.ts'

/** Which topics a consumer group has read. Kafka forgets that with a topic that is deleted, so the state remembers it. */
export interface ReadTopics {
  /** Those that the group has read. Rejects if the state is not available: it might have read them. */
  among(topics: readonly string[]): Promise<Set<string>>
  /** What the state can't take now is remembered by a later call. */
  add(topics: readonly string[]): Promise<void>
}

// As long as Kafka keeps a group's offsets by default.
const keptMilliseconds = 7 * 24 * 3_600_000
const againMilliseconds = 6 * 3_600_000

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
      const due = topics.filter((topic) => now - (addedAt.get(topic) ?? Number.NEGATIVE_INFINITY) >= againMilliseconds)
      if (due.length === 0) return
      await orOutage(async () => {
        const { readTopics } = await state()
        const known = await readTopics.read(due.map(nameOf))
        for (const topic of due) {
          const version = known.get(nameOf(topic))?.version ?? 0
          // If another process writes at the same time, it writes the same.
          await readTopics.save(nameOf(topic), { readAt: now }, version, now + keptMilliseconds)
          addedAt.set(topic, now)
        }
      })
    },
  }
}
