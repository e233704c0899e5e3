import type { Clock } from '../adapters/clock.ts'
import type { KafkaRecord } from '../core/event/record.ts'
import { timingOf } from '../core/incident/decide.ts'
import { objectIdOf } from '../core/incident/fold.ts'
import type { KeysOf } from '../core/incident/identity.ts'
import { type Body, bodyOf, type Held, type Incident, type Renderer, withBody } from '../core/incident/incident.ts'
import type { Hash } from '../core/incident/key.ts'
import { eventOf, hold, type Relief, relieve } from '../core/incident/recovery.ts'
import type { Router, Routing } from '../core/routing/router.ts'
import type { Target } from '../core/routing/target.ts'
import { orOutage, StateUnavailable, type Store } from './ports.ts'

/** What an event says to an incident that it is not merged into: that it is over, or that its next events are not shown. */
export interface Touch {
  key: string
  target: Target
  record: KafkaRecord
  change: (incident: Incident) => Body | undefined
  /** Its record has to come again if this can't be written. */
  isPending: boolean
  /** It need not be looked at again. */
  done: () => void
}

interface TouchDependencies {
  store: Store
  renderer: Renderer
  clock: Clock
  hash: Hash
  keysOf: KeysOf
  route: Router
  /** Incidents that were looked at for being held back: once in a process is enough, since rules don't change in it. */
  lookedAt: Set<string>
}

/** What a routed record says to incidents besides its own. */
export function touchesOf(record: KafkaRecord, routing: Routing, dependencies: TouchDependencies): Touch[] {
  const { hash, keysOf } = dependencies
  const { facts, resolves } = routing
  const keyOf = keysOf(facts)
  const { at } = facts.event
  const relief: Relief | undefined =
    at === undefined || resolves.length === 0 ? undefined : { object: objectIdOf(facts.event, hash), at }
  const change = (incident: Incident) => relief && relieve(incident, relief)
  const touches: Touch[] = []
  for (const { cause, targets } of resolves)
    for (const target of targets)
      touches.push({ key: keyOf(cause, target), target, record, change, isPending: true, done: nothing })
  touches.push(...holding(record, routing, keyOf, dependencies))
  return touches
}

const nothing = () => {}

function holding(
  record: KafkaRecord,
  { facts, ruling, targets }: Routing,
  keyOf: ReturnType<KeysOf>,
  dependencies: TouchDependencies,
): Touch[] {
  if (ruling.action === 'show') return []
  const { lookedAt, route, clock } = dependencies
  const held: Held =
    ruling.action === 'mute'
      ? { kind: 'mute', name: ruling.rule, until: ruling.until, reason: ruling.reason }
      : { kind: 'rule', name: ruling.rule }
  return targets.flatMap((target): Touch[] => {
    const key = keyOf(facts.cause.name, target)
    if (lookedAt.has(key)) return []
    const change = (incident: Incident) => {
      // An incident may have events that are shown beside those that are not.
      const now = route(eventOf(incident.merged.latest), facts.cluster, clock.now()).ruling
      if (now.action === 'show' || now.rule !== held.name) return undefined
      return hold(incident, held, facts.cause.quietMinutes * 60_000, clock.now())
    }
    const done = () => {
      if (lookedAt.size >= mostLookedAt) lookedAt.clear()
      lookedAt.add(key)
    }
    return [{ key, target, record, change, isPending: false, done }]
  })
}

const mostLookedAt = 100_000

export interface Touched {
  /** Those whose message has to say something else now. */
  items: { target: Target; incident: Incident; records: KafkaRecord[] }[]
  /** Records that have to come again, and why. */
  failed: Map<KafkaRecord, string>
}

/** Tells incidents what events say that are not merged into them: one read for all, one conditional write for each that changes. */
export async function touch(touches: Touch[], deadline: number, dependencies: TouchDependencies): Promise<Touched> {
  const { store, clock } = dependencies
  const touched: Touched = { items: [], failed: new Map() }
  if (touches.length === 0) return touched
  const groups = Map.groupBy(touches, ({ key }) => key)
  const fail = (group: Touch[], why: string) => {
    for (const { record, isPending } of group) if (isPending) touched.failed.set(record, why)
  }
  const read = await orOutage(() => store.readIncidents([...groups.keys()]))
  if ('outage' in read) {
    fail(touches, read.outage)
    return touched
  }
  for (const [key, group] of groups) {
    const before = read.value.get(key)
    const [first] = group
    // One that is pending becomes open as soon as it is shown.
    const isSettled = !before || before.shown !== undefined || before.pendingSince === undefined
    const finish = () => {
      if (isSettled) for (const { done } of group) done()
    }
    if (!before || !first) {
      finish()
      continue
    }
    if (clock.now() >= deadline) {
      fail(group, 'no time was left')
      continue
    }
    const saved = await orOutage(() => save(before, group, dependencies))
    if ('outage' in saved) fail(group, saved.outage)
    else {
      finish()
      if (saved.value?.pendingSince !== undefined)
        touched.items.push({ target: first.target, incident: saved.value, records: [] })
    }
  }
  return touched
}

// Somebody else's write came first as often as this.
const mostConflicts = 20

async function save(
  read: Incident,
  group: Touch[],
  { store, renderer, clock }: TouchDependencies,
): Promise<Incident | undefined> {
  let before: Incident | undefined = read
  for (let tries = 0; before && tries < mostConflicts; tries += 1) {
    const after = group.reduce((incident, { change }) => withChange(incident, change(incident)), before)
    if (after === before) return undefined
    const body = bodyOf(after)
    const written = await store.saveBody(before.key, body, timingOf(after, renderer, clock.now()), before.version)
    if ('saved' in written) return written.saved
    before = written.current
  }
  if (before) throw new StateUnavailable(`incident ${before.key} changes too often`)
  return undefined
}

function withChange(incident: Incident, body: Body | undefined): Incident {
  return body ? withBody(incident.key, incident, body) : incident
}
