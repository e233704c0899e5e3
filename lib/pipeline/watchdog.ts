import type { Clock } from '../adapters/clock.ts'
import { isoTime } from '../core/event/time.ts'
import {
  exactMilliseconds,
  expiryOf,
  heard,
  newsOf,
  type Seen,
  type Silence,
  silent,
} from '../core/incident/watchdog.ts'
import { eventsAgainText, noEventsText } from '../core/message/own-event-texts.ts'
import type { Words } from '../core/message/words/en.ts'
import type { Ruleset } from '../core/routing/compiled.ts'
import { millisecondsOf } from '../core/routing/duration.ts'
import type { Item } from './deliver/deliver.ts'
import { type OwnEventDependencies, ownEvent, saveOwnEvents } from './own-events.ts'
import { orOutage, type Store, type Versioned } from './ports.ts'

/** After how long it is told that no record comes from a cluster, and where; undefined: never. */
type Setting = Ruleset['watchdog']

interface SeenDependencies {
  store: Store
  clock: Clock
  watchdog: Setting
  clusterOf: (topic: string) => string
  /** When clusters were last heard of, as far as this process knows. */
  lastHeard: Map<string, number>
}

/** Remembers that records of these topics came at `at`: a read and a write for each cluster and minute. */
export async function hear(
  topics: readonly string[],
  at: number,
  deadline: number,
  { store, clock, watchdog, clusterOf, lastHeard }: SeenDependencies,
): Promise<void> {
  if (!store.isDurable || !watchdog) return
  const isNews = (cluster: string) => at - (lastHeard.get(cluster) ?? 0) >= exactMilliseconds
  const clusters = [...new Set(topics.map(clusterOf))].filter(isNews)
  if (clusters.length === 0 || clock.now() >= deadline) return
  // What the state can't take now is told with the next batch.
  await orOutage(async () => {
    const known = await store.lastSeen.read(clusters)
    for (const cluster of clusters) {
      const change = (seen: Seen | undefined) => heard(seen, cluster, at)
      const seen = await save(known.get(cluster), change, store)
      if (seen) lastHeard.set(cluster, seen.at)
    }
  })
}

export interface WatchdogDependencies extends OwnEventDependencies {
  watchdog: Setting
  words: Words
  timeZone: string
  watch: Watch
}

/** What a process that sweeps knows of silences. */
export interface Watch {
  /** Since when it sweeps. */
  since: number | undefined
  /** What is kept to be told. */
  told: Set<string>
}

// A program that was not there heard nothing, and what has waited in Kafka comes at once.
const wakingMilliseconds = 5 * 60_000

/** That no record has come from a cluster for so long, and that records come again: each once, whoever sweeps. */
export async function watchdogEvents(deadline: number, dependencies: WatchdogDependencies): Promise<Item[]> {
  const { store, clock, watchdog, watch } = dependencies
  if (!store.isDurable || !watchdog) return []
  const now = clock.now()
  watch.since ??= now
  const telling: Telling = { ...dependencies, watchdog }
  const isAwake = now - watch.since >= wakingMilliseconds
  const listed = await orOutage(() => store.lastSeen.list())
  const items: Item[] = []
  for (const found of 'value' in listed ? listed.value.values() : []) {
    if (clock.now() >= deadline) break
    const change = (seen: Seen) => (isAwake ? silent(seen, now, millisecondsOf(watchdog.after)) : undefined)
    // Saved before it is told, so that the records which end it know that it was news.
    const saved = await orOutage(() => save(found, (seen) => seen && change(seen), store))
    if ('value' in saved && saved.value) items.push(...(await tell(saved.value, now, deadline, telling)))
  }
  // Both of a cluster may be of one incident.
  return [...new Map(items.map((item) => [item.incident.key, item])).values()]
}

type Telling = WatchdogDependencies & { watchdog: NonNullable<Setting> }

async function tell(seen: Seen, now: number, deadline: number, dependencies: Telling): Promise<Item[]> {
  const { watchdog, watch } = dependencies
  const items: Item[] = []
  for (const { event, incident } of eventsOf(seen, now, dependencies)) {
    if (watch.told.has(event.uid)) continue
    const kept = await saveOwnEvents([event], watchdog.target, deadline, dependencies, incident)
    // What could not be kept is tried again by the next sweep.
    if (kept.length > 0) watch.told.add(event.uid)
    items.push(...kept)
  }
  return items
}

function eventsOf(seen: Seen, now: number, { watchdog, words, timeZone }: Telling) {
  const { cluster } = seen
  const afterMilliseconds = millisecondsOf(watchdog.after)
  // One event for the incident, which goes on: it happened once.
  const about = (since: number) => ({ kind: 'Cluster', name: cluster, since, id: incidentOf(cluster, since) })
  const silentSince = (since: number) =>
    ownEvent({
      ...about(since),
      ...{ reason: 'NoEventsReceived', type: 'Warning', version: 1, at: since + afterMilliseconds },
      message: noEventsText({ cluster, since, afterMilliseconds }, timeZone, words),
    })
  const isOver = ({ since, until }: Silence) =>
    ownEvent({
      ...about(since),
      // By a clock that is behind it ended before it was told.
      ...{ reason: 'EventsReceivedAgain', type: 'Normal', version: 2, at: Math.max(until, since + afterMilliseconds) },
      message: eventsAgainText({ since, until }, timeZone, words),
    })
  const { over, since } = newsOf(seen, now)
  return [
    ...(over ? [{ event: isOver(over), incident: incidentOf(cluster, over.since) }] : []),
    ...(since === undefined ? [] : [{ event: silentSince(since), incident: incidentOf(cluster, since) }]),
  ]
}

/** The time comes first: names of clusters may be cut. */
function incidentOf(cluster: string, since: number): string {
  return `${isoTime(since)} ${cluster}`
}

const mostConflicts = 5

/** What is there in the end; undefined where others were faster too often. */
async function save(
  read: Versioned<Seen> | undefined,
  change: (seen: Seen | undefined) => Seen | undefined,
  store: Store,
): Promise<Seen | undefined> {
  let known = read
  for (let tries = 0; tries < mostConflicts; tries += 1) {
    const next = change(known?.value)
    if (!next) return known?.value
    const written = await store.lastSeen.save(next.cluster, next, known?.version ?? 0, expiryOf(next))
    if ('version' in written) return next
    known = written.current
  }
  return undefined
}
