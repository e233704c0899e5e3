import type { Clock } from '../adapters/clock.ts'
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
// The state has a kind of its own for counters only. This one counts nothing, in no day, so it is never told.
const nothing = { offset: -1, period: '', rules: {} }

export function openReadTopics(group: string, state: () => Promise<Store>, clock: Clock): ReadTopics {
  const nameOf = (topic: string) => `group ${group} has read ${topic}`
  const addedAt = new Map<string, number>()
  return {
    async among(topics) {
      const known = await (await state()).readCounters(topics.map(nameOf))
      return new Set(topics.filter((topic) => known.has(nameOf(topic))))
    },
    async add(topics) {
      const now = clock.now()
      const due = topics.filter((topic) => now - (addedAt.get(topic) ?? Number.NEGATIVE_INFINITY) >= againMilliseconds)
      if (due.length === 0) return
      await orOutage(async () => {
        const store = await state()
        const known = await store.readCounters(due.map(nameOf))
        for (const topic of due) {
          const version = known.get(nameOf(topic))?.version ?? 0
          // Whoever was faster remembers the same.
          await store.saveCounter(nameOf(topic), nothing, version, now + keptMilliseconds)
          addedAt.set(topic, now)
        }
      })
    },
  }
}
