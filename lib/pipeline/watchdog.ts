import { isoTime } from '../core/event/time.ts'
import {
  afterRecord,
  exactMilliseconds,
  expiryOf,
  type Gap,
  gapsToTell,
  type LastSeen,
  reportGap,
} from '../core/incident/watchdog.ts'
import { eventsAgainText, noEventsText } from '../core/message/own-event-texts.ts'
import type { Words } from '../core/message/words/en.ts'
import { millisecondsOf } from '../core/routing/duration.ts'
import type { Ruleset } from '../core/routing/ruleset.ts'
import type { IncidentToDeliver } from './deliver/run.ts'
import { ownEvent, type RaiseOwnEvents } from './own-events.ts'
import { type Clock, orOutage, type Store, type Versioned } from './ports.ts'
import { updateAll, updateWithRetry } from './update-with-retry.ts'

interface WatchdogTools {
  store: Store
  clock: Clock
  raise: RaiseOwnEvents
  /** When the program started, in milliseconds since the epoch. */
  startedAt: number
  /** When new rules changed `setting` or the names of clusters; undefined: not since the start. */
  watchingSince: number | undefined
  /** After how long it tells that no record comes from a cluster, and where; undefined: never. */
  setting: Ruleset['watchdog']
  clusterOf: (topic: string) => string
  words: Words
  timeZone: string
}

// A program that has just started has read nothing for a while, and what has waited in Kafka comes at once.
const startMilliseconds = 5 * 60_000

/** Tells when no record comes from a cluster any more, and when records come again: each once, whichever process sweeps. */
export function createWatchdog(tools: WatchdogTools) {
  const { store, clock, raise, startedAt, watchingSince, setting, clusterOf, words, timeZone } = tools
  // When clusters' records last came, as far as this process knows.
  const known = new Map<string, number>()
  // The uids of events that this process has saved.
  const told = new Set<string>()

  function save(
    cluster: string,
    read: Versioned<LastSeen> | undefined,
    change: (lastSeen: LastSeen | undefined) => LastSeen | undefined,
  ): Promise<{ lastSeen: LastSeen | undefined }> {
    return updateWithRetry(`cluster ${cluster}`, read, async (current) => {
      const next = change(current?.value)
      if (!next) return { lastSeen: current?.value }
      const written = await store.lastSeen.save(cluster, next, current?.version ?? 0, expiryOf(next))
      return 'version' in written ? { lastSeen: next } : written
    })
  }

  return {
    /** Saves that records of these topics came at `at`: a read and a write for each cluster and minute. */
    async recordsCame(topics: readonly string[], at: number, deadline: number): Promise<void> {
      if (!store.isDurable || !setting) return
      const isDue = (cluster: string) => at - (known.get(cluster) ?? 0) >= exactMilliseconds
      const clusters = [...new Set(topics.map(clusterOf))].filter(isDue)
      if (clusters.length === 0 || clock.now() >= deadline) return
      const read = await orOutage(() => store.lastSeen.read(clusters))
      // During an outage of the store, the next batch saves it.
      if ('outage' in read) return
      await updateAll(clusters, { deadline, clock }, async (cluster) => {
        const change = (current: LastSeen | undefined) => afterRecord(current, cluster, at)
        const { lastSeen } = await save(cluster, read.value.get(cluster), change)
        if (lastSeen) known.set(cluster, lastSeen.at)
      })
    },

    /** Own events about clusters without records, and about those whose records come again. */
    async check(deadline: number): Promise<IncidentToDeliver[]> {
      if (!store.isDurable || !setting) return []
      const now = clock.now()
      const afterMilliseconds = millisecondsOf(setting.after)
      // Nobody noted when records came before it was watched.
      const isWatched = watchingSince === undefined || now - watchingSince >= afterMilliseconds
      const isStarted = now - startedAt >= startMilliseconds && isWatched
      const listed = await orOutage(() => store.lastSeen.list())
      if ('outage' in listed) return []
      const incidents = new Map<string, IncidentToDeliver>()
      for (const [cluster, read] of listed.value) {
        if (clock.now() >= deadline) break
        const change = (current: LastSeen | undefined) =>
          isStarted && current ? reportGap(current, now, afterMilliseconds) : undefined
        // Saved before it is told, so that the records which end the gap know that it was reported.
        const saved = await orOutage(() => save(cluster, read, change))
        if ('outage' in saved || !saved.value.lastSeen) continue
        for (const { event, incident } of eventsOf(saved.value.lastSeen, now, afterMilliseconds)) {
          if (told.has(event.uid)) continue
          const raised = await raise([event], setting.target, deadline, incident)
          // If saving fails, the next sweep tries again.
          if (raised.length > 0) told.add(event.uid)
          // Both events of a cluster may belong to one incident.
          for (const one of raised) incidents.set(one.incident.key, one)
        }
      }
      return [...incidents.values()]
    },
  }

  function eventsOf(lastSeen: LastSeen, now: number, afterMilliseconds: number) {
    const { cluster } = lastSeen
    const { over, since } = gapsToTell(lastSeen, now)
    // The same id makes both events one, so the incident happened once.
    const about = (from: number) => ({ kind: 'Cluster', name: cluster, since: from, id: incidentOf(cluster, from) })
    const gapBegan = (from: number) =>
      ownEvent({
        ...about(from),
        reason: 'NoEventsReceived',
        type: 'Warning',
        version: 1,
        at: from + afterMilliseconds,
        message: noEventsText({ cluster, since: from, afterMilliseconds }, timeZone, words),
      })
    const gapEnded = (gap: Gap) =>
      ownEvent({
        ...about(gap.since),
        reason: 'EventsReceivedAgain',
        type: 'Normal',
        version: 2,
        // A clock that is behind may say that the gap ended before it was reported.
        at: Math.max(gap.until, gap.since + afterMilliseconds),
        message: eventsAgainText(gap, timeZone, words),
      })
    return [
      ...(over ? [{ event: gapEnded(over), incident: incidentOf(cluster, over.since) }] : []),
      ...(since === undefined ? [] : [{ event: gapBegan(since), incident: incidentOf(cluster, since) }]),
    ]
  }
}

/** The time comes first, since names of clusters may be cut. */
function incidentOf(cluster: string, since: number): string {
  return `${isoTime(since)} ${cluster}`
}
