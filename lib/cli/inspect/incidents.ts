import { apply } from '../../core/incident/apply.ts'
import { type Decision, decide, timingOf } from '../../core/incident/decide.ts'
import { type Due, deliveryAfter, heldUntil, leaseFor } from '../../core/incident/delivery.ts'
import { type Delivery, fold } from '../../core/incident/fold.ts'
import { type Body, type Incident, type Lease, type Renderer, withBody } from '../../core/incident/incident.ts'
import type { Hash } from '../../core/incident/key.ts'
import type { Result, UnshownWhy } from '../../core/outcome.ts'
import type { End } from '../../pipeline/deliver/run.ts'
import { settle } from '../../pipeline/outcomes.ts'
import type { Store } from '../../pipeline/ports.ts'

/** What would become of a delivery that comes alone. */
export interface Expected {
  key: string
  before: Incident | undefined
  /** `before` is what the state has, and not what this run made of it. */
  isStored: boolean
  /** Merged, and not sent yet. */
  incident: Incident
  decision: Decision
  result: Result
  /** The state had all of it already. */
  isRepeated: boolean
  /** Until when, where something is pending until then. */
  until: number | undefined
  /** The right under which it would be sent. */
  lease: Lease
}

export interface Incidents {
  /** What the state has of these. */
  load(found: Map<string, Incident>): void
  find(key: string): Incident | undefined
  /** True of what the state has, and this run has not changed. */
  isStored(key: string): boolean
  /** As a batch of this delivery alone, in which Telegram takes what is sent. */
  deliver(delivery: Delivery, now: number): Expected
  /** What an event says to an incident that it is not merged into. True if that changes it. */
  touch(key: string, change: (incident: Incident) => Body | undefined, now: number): boolean
  /** Pays what this run owes when it is due, as sweeps would, however late that is. */
  end(): Iterable<Incident>
}

interface Options {
  renderer: Renderer
  hash: Hash
  /** Nothing is in it; only whether it is durable counts. */
  store: Store
  /** Of each message that would be sent or edited. */
  onRequest?: (decision: Due, incident: Incident) => void
}

/** Incidents in memory, which pass through the program's own steps: what records make of them, one after another. Nothing is sent. */
export function openIncidents({ renderer, hash, store, onRequest = () => {} }: Options): Incidents {
  const known = new Map<string, Incident>()
  const stored = new Set<string>()
  let messages = 0

  function find(key: string, now: number): Incident | undefined {
    const incident = known.get(key)
    return incident?.expiresAt !== undefined && incident.expiresAt <= now ? undefined : incident
  }

  function settled(incident: Incident, decision: Due, lease: Lease, now: number): Incident {
    onRequest(decision, incident)
    messages += 1
    const done = { end: 'done', chat: incident.identity.target, messageId: messages, how: 'shown' } as const
    const progress = deliveryAfter(done, incident, { decision, lease, sent: incident }, now, {
      isFailing: !store.isDurable,
      acceptedAt: undefined,
    })
    const { pendingSince: _, ...kept } = progress
    return { ...withoutDelivery(incident), ...kept }
  }

  /** Until nothing is due; what is left is pending. */
  function paid(incident: Incident, now: number): Incident {
    let after = incident
    for (let requests = 0; requests < mostRequests; requests += 1) {
      const decision = decide(after, renderer, now)
      if (!isDue(decision) || isHeld(after, now)) break
      after = settled(after, decision, leaseOf(decision, after, now), now)
    }
    return { ...after, ...timingOf(after, renderer, now) }
  }

  /** As the sweep leaves it: what this run owes was paid when it was due. */
  function swept(key: string, now: number): Incident | undefined {
    const incident = find(key, now)
    if (!incident || stored.has(key) || incident.due === undefined || incident.due > now) return incident
    return paid(incident, incident.due)
  }

  function keep(incident: Incident) {
    const isForgotten = incident.identity.record !== undefined && incident.shown !== undefined
    known.set(incident.key, isForgotten ? forgotten(incident) : incident)
    stored.delete(incident.key)
  }

  return {
    find: (key) => known.get(key),
    isStored: (key) => stored.has(key),
    end() {
      for (const [key, incident] of known) {
        let after = incident
        for (let tries = 0; tries < mostLooks && after.due !== undefined; tries += 1) after = paid(after, after.due)
        known.set(key, after)
      }
      return known.values()
    },
    load(found) {
      for (const [key, incident] of found) {
        if (known.has(key)) continue
        known.set(key, incident)
        stored.add(key)
      }
    },
    deliver(delivery, now) {
      const isStored = stored.has(delivery.key)
      const before = swept(delivery.key, now)
      const [change] = fold([delivery], hash)
      if (!change) throw new Error('a delivery makes a change')
      const applied = apply(change, before, renderer, now)
      const incident = applied.hasChanged || !before ? withBody(change.key, before, applied.body) : before
      const decision = decide(incident, renderer, now)
      const lease = isDue(decision) ? leaseOf(decision, incident, now) : noLease
      const end = { result: endOf(decision, isHeld(incident, now), store.isDurable), milliseconds: 0 }
      const kept = { change, incident, applied, wasPending: before?.pendingSince !== undefined }
      const [settled] = settle(kept, { ...noRequests, ends: new Map([[change.key, end]]) }, store)
      if (!settled) throw new Error('a delivery has an outcome')
      const { result } = settled
      const isRepeated = change.entries.every(applied.isUnchanged)
      keep(paid(incident, now))
      const until = decision.action === 'owe' ? decision.at : undefined
      return { key: change.key, before, isStored, incident, decision, result, isRepeated, until, lease }
    },
    touch(key, change, now) {
      const before = swept(key, now)
      const body = before && change(before)
      if (!before || !body) return false
      keep(paid(withBody(key, before, body), now))
      return true
    },
  }
}

// Each makes fewer of them due.
const mostRequests = 6
// One night's quiet hours are looked at once an hour.
const mostLooks = 30
const noLease: Lease = { token: '', until: 0, kind: 'edit', unknowns: 0 }

function leaseOf(decision: Due, incident: Incident, now: number): Lease {
  return leaseFor(decision, incident, { token: '', until: now })
}

export function isDue(decision: Decision): decision is Due {
  return decision.action !== 'owe' && decision.action !== 'nothing'
}

/** Somebody else's request is under way. */
function isHeld({ lease }: Incident, now: number): boolean {
  return lease !== undefined && heldUntil(lease, undefined, now) > now
}

/** How its message would fare where Telegram takes what is sent. */
function endOf(decision: Decision, isHeld: boolean, isDurable: boolean): End['result'] {
  const unshown = (why: UnshownWhy): Result => ({ outcome: isDurable ? 'pending' : 'returned', why })
  if (decision.action === 'nothing') return { outcome: 'nothing', why: decision.why }
  if (decision.action === 'owe') return unshown(decision.why)
  if (isHeld) return unshown('leased')
  if (decision.action === 'edit older') return { outcome: 'nothing', why: 'shown' }
  return { outcome: 'sent', why: decision.action === 'edit' ? 'updated' : 'shown' }
}

const noRequests = {
  ...{ requests: 0, edits: 0, rateLimited: 0, reclaimed: 0, notices: [], refusedTargets: [], refusedToken: undefined },
  hasLinked: false,
}

function withoutDelivery(incident: Incident) {
  const { shown: _, older, refused, lease, retry, unknowns, pendingSince, due, expiresAt, ...rest } = incident
  return rest
}

/** With INCIDENTS=off only the receipt is kept of what is shown. */
function forgotten(incident: Incident): Incident {
  return { ...incident, merged: { ...incident.merged, events: [], recent: [], objects: [], nodes: [] } }
}
