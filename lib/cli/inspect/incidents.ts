import { apply } from '../../core/incident/apply.ts'
import { type Decision, decide, type Presentation, timingOf } from '../../core/incident/decide.ts'
import {
  deliveryAfter,
  isSilentSend,
  type LeasedRequest,
  leaseEnd,
  leaseFor,
  type RequestDecision,
} from '../../core/incident/delivery.ts'
import { fold, type TargetedEvent } from '../../core/incident/fold.ts'
import { type Body, type Incident, newIncident, type Renderer } from '../../core/incident/incident.ts'
import type { Outcome } from '../../core/outcome.ts'
import { undelivered } from '../../pipeline/deliver/deliver-incident.ts'
import type { DeliveryEnd } from '../../pipeline/deliver/run.ts'
import { deliveredOutcomes } from '../../pipeline/outcomes.ts'

/** What would become of an event that comes alone. */
export interface Expected {
  key: string
  before: Incident | undefined
  /** The store has `before`; this run has not changed it. */
  isStored: boolean
  /** Merged, and not sent yet. */
  incident: Incident
  decision: Decision
  outcome: Outcome
  /** The store had all of it already. */
  isRepeated: boolean
  /** Until when it waits, if it does. */
  until: number | undefined
  /** The request that would send or edit its message. */
  request: LeasedRequest | undefined
}

export interface Incidents {
  /** Adds incidents of the store. */
  load(found: Map<string, Incident>): void
  find(key: string): Incident | undefined
  /** True of an incident of the store that this run has not changed. */
  isStored(key: string): boolean
  /** As a batch of this event alone, in which Telegram accepts every request. */
  deliver(event: TargetedEvent, now: number): Expected
  /** What an event says to an incident that it is not merged into. True if that changes it. */
  annotate(key: string, annotate: (incident: Incident) => Body | undefined, now: number): boolean
  /** Delivers what this run left pending when it is due, as sweeps would, however late that is. */
  end(): Iterable<Incident>
}

interface Options {
  renderer: Renderer
  present: (body: Body, now: number) => Presentation
  isDurable: boolean
  /** Called for each message that would be sent or edited. */
  onRequest?: (decision: RequestDecision, incident: Incident) => void
}

/** Incidents in memory that pass through the program's own steps: what records make of them, one after another. Nothing is sent. */
export function openIncidents({ renderer, present, isDurable, onRequest = () => {} }: Options): Incidents {
  const known = new Map<string, Incident>()
  const stored = new Set<string>()
  let messages = 0

  function find(key: string, now: number): Incident | undefined {
    const incident = known.get(key)
    const { expiresAt } = incident?.delivery ?? {}
    return expiresAt !== undefined && expiresAt <= now ? undefined : incident
  }

  function requestFor(decision: RequestDecision, incident: Incident, now: number): LeasedRequest {
    const { body, delivery } = incident
    const lease = leaseFor(decision, delivery, { token: '', until: now })
    const lastText = decision.why === 'last words' ? body.ended : undefined
    const isSilent = isSilentSend(body.merged, present(body, now).loudness)
    return { decision, lease, incident, text: lastText ?? renderer.text(body), isSilent }
  }

  function afterRequest(incident: Incident, decision: RequestDecision, now: number): Incident {
    onRequest(decision, incident)
    messages += 1
    const done = { end: 'done', chat: incident.body.identity.target, messageId: messages, how: 'shown' } as const
    const chat = { isFailing: !isDurable, acceptedAt: undefined }
    const { pendingSince: _, ...delivery } = deliveryAfter(
      done,
      incident,
      requestFor(decision, incident, now),
      now,
      chat,
    )
    return { ...incident, delivery }
  }

  /** Delivers until nothing is due; what is left is pending. */
  function deliverAll(incident: Incident, now: number): Incident {
    let after = incident
    for (let requests = 0; requests < mostRequests; requests += 1) {
      const decision = decide(after, present(after.body, now), now)
      if (!asksForRequest(decision) || isLeased(after, now)) break
      after = afterRequest(after, decision, now)
    }
    const { pendingSince: _, due, expiresAt, ...delivery } = after.delivery
    return { ...after, delivery: { ...delivery, ...timingOf(after, present(after.body, now), now) } }
  }

  /** As the sweep leaves it: what this run left pending was delivered when it was due. */
  function swept(key: string, now: number): Incident | undefined {
    const incident = find(key, now)
    const due = incident?.delivery.due
    if (!incident || stored.has(key) || due === undefined || due > now) return incident
    return deliverAll(incident, due)
  }

  function save(incident: Incident) {
    const { body, delivery } = incident
    const isForgotten = body.identity.record !== undefined && delivery.shown !== undefined
    known.set(incident.key, isForgotten ? forgotten(incident) : incident)
    stored.delete(incident.key)
  }

  return {
    find: (key) => known.get(key),
    isStored: (key) => stored.has(key),
    end() {
      for (const [key, incident] of known) {
        let after = incident
        for (let tries = 0; tries < mostLooks && after.delivery.due !== undefined; tries += 1)
          after = deliverAll(after, after.delivery.due)
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
    deliver(event, now) {
      const { key, target } = event
      const isStored = stored.has(key)
      const before = swept(key, now)
      const [change] = fold([event])
      if (!change) throw new Error('an event makes a change')
      const applied = apply(change, before, renderer, now)
      const changed = before ? { ...before, body: applied.body } : newIncident(key, applied.body)
      const incident = applied.hasChanged || !before ? changed : before
      const decision = decide(incident, present(incident.body, now), now)
      const request = asksForRequest(decision) ? requestFor(decision, incident, now) : undefined
      const end = { result: endOf(decision, isLeased(incident, now), isDurable), milliseconds: 0 }
      const wasPending = before?.delivery.pendingSince !== undefined
      const update = { key, target, change, annotations: [] }
      const [outcome] = deliveredOutcomes({ update, incident, applied, wasPending, isWritten: true }, end, isDurable)
      if (!outcome) throw new Error('an event has an outcome')
      const isRepeated = change.entries.every(applied.isUnchanged)
      save(deliverAll(incident, now))
      const until = decision.action === 'wait' ? decision.at : undefined
      return { key, before, isStored, incident, decision, outcome, isRepeated, until, request }
    },
    annotate(key, annotate, now) {
      const before = swept(key, now)
      const body = before && annotate(before)
      if (!before || !body) return false
      save(deliverAll({ ...before, body }, now))
      return true
    },
  }
}

// Each request leaves fewer of them due.
const mostRequests = 6
// One night's quiet hours are looked at once an hour.
const mostLooks = 30

export function asksForRequest(decision: Decision): decision is RequestDecision {
  return decision.action !== 'wait' && decision.action !== 'nothing'
}

/** Another invocation's request is under way. */
function isLeased({ delivery: { lease } }: Incident, now: number): boolean {
  return lease !== undefined && leaseEnd(lease, undefined, now) > now
}

/** How its message would fare if Telegram accepts every request. */
function endOf(decision: Decision, isLeased: boolean, isDurable: boolean): DeliveryEnd['result'] {
  if (decision.action === 'nothing') return { outcome: 'nothing', why: decision.why }
  if (decision.action === 'wait') return undelivered({ store: { isDurable } }, decision.why)
  if (isLeased) return undelivered({ store: { isDurable } }, 'leased')
  if (decision.action === 'edit older') return { outcome: 'nothing', why: 'shown' }
  return { outcome: 'sent', why: decision.action === 'edit' ? 'updated' : 'shown' }
}

/** With INCIDENTS=off only a receipt is kept of an event that was shown. */
function forgotten(incident: Incident): Incident {
  const { body } = incident
  return { ...incident, body: { ...body, merged: { ...body.merged, events: [], recent: [], objects: [], nodes: [] } } }
}
