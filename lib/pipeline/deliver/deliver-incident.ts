import { decide, mostPutOffMilliseconds, timingOf } from '../../core/incident/decide.ts'
import {
  type Due,
  heldUntil,
  inChat,
  isTrouble,
  leaseFor,
  type RequestEnd,
  unknownsOf,
  type Work,
} from '../../core/incident/delivery.ts'
import { bodyOf, type Incident, type Lease } from '../../core/incident/incident.ts'
import type { Result, UnshownWhy } from '../../core/outcome.ts'
import { endBackOff, leaseMilliseconds, markFailed, type Urgency } from '../../core/rate-limit/chat.ts'
import type { Target } from '../../core/routing/target.ts'
import { orOutage, type Store } from '../ports.ts'
import { outgoingMessageOf } from './outgoing-message.ts'
import { close, settle } from './record-result.ts'
import { placeOf, sendOrEdit } from './request.ts'
import { type DeliverContext, type End, fits } from './run.ts'
import { takeSlot, waitForSlot } from './slot.ts'

// Somebody else writes in between as often as this: the next invocation pays.
const mostConflicts = 10

/** How an incident's turn ended; or that nothing could be asked of Telegram now, and may be from `until` on. */
export type Turn =
  | { result: End['result']; hasAsked: boolean; retryAt?: number }
  | { waits: UnshownWhy; detail: string; until: number }

/**
 * Pays what an incident owes: slot, lease, request, end of the lease (steps 3 and 4). One request or none, and at most what cures it.
 * With durable state what could not be shown is `pending`; `returned` where Telegram failed just now in opening the incident's message.
 */
export async function pay(read: Incident, target: Target, context: DeliverContext): Promise<Turn> {
  const { renderer, clock, run, lane } = context
  const without = (result: End['result'], retryAt?: number): Turn => ({
    result,
    hasAsked: false,
    ...(retryAt === undefined ? {} : { retryAt }),
  })
  let stored = read
  for (let tries = 0; tries < mostConflicts; tries += 1) {
    const incident = inChat(stored, placeOf(context, target))
    const decision = decide(incident, renderer, clock.now())
    if (decision.action === 'nothing')
      return without(await clear(stored, target, { outcome: 'nothing', why: decision.why }, context))
    if (decision.action === 'owe') {
      await putOff(stored, incident, context)
      return without(unshown(context, decision.why), decision.at)
    }
    const until = leasedUntil(incident.lease, context)
    if (until > clock.now()) return { waits: 'leased', detail: '', until }
    const urgency = requestUrgency(decision, incident)
    const slot = await takeSlot(urgency, lane.failures > 0, context)
    if ('why' in slot) {
      if (slot.waitUntil === undefined) return without(unshown(context, slot.why, slot.detail))
      return { waits: slot.why, detail: slot.detail, until: slot.waitUntil }
    }
    const lease = leaseFor(decision, incident, { token: context.newToken(), until: run.deadline + leaseMilliseconds })
    const leased = await tryLease(stored, lease, context)
    if ('why' in leased || !leased.saved) context.rateLimit.unused(slot.token)
    if ('why' in leased) return without(unshown(context, leased.why, leased.detail))
    if (leased.current) {
      stored = leased.current
      continue
    }
    // It expired, or was deleted by hand: its records have to come again.
    if (!leased.saved) return without({ outcome: 'returned', why: 'state unavailable', detail: 'the incident is gone' })
    if (isMarked(decision, lease)) run.reclaimed += 1
    const work = { decision, lease, sent: leased.saved }
    const requestEnd = await carryOut(work, { target, urgency, slot: slot.token }, context)
    const settled = requestEnd.end === 'unknown' ? undefined : await close(requestEnd, work, target, context)
    // A last edit in a chat that the target has left says nothing of this one.
    const isElsewhere = decision.action === 'edit older' && decision.older.isElsewhere === true
    if (!isElsewhere) await countFailure(requestEnd, context)
    if (requestEnd.end === 'unknown')
      return { result: unshown(context, 'unknown', requestEnd.detail), hasAsked: true, retryAt: lease.until }
    // What the message that is gone does not tell needs a new one.
    if (requestEnd.end !== 'message gone' || !settled)
      return { result: resultOf(requestEnd, work, context), hasAsked: true }
    stored = settled
  }
  return without(unshown(context, 'leased'))
}

/** One failure may be the message's own. Two in a row, of different incidents, are the chat's. */
async function countFailure(requestEnd: RequestEnd, context: DeliverContext): Promise<void> {
  const { lane, store, rateLimit, clock } = context
  const why = requestEnd.end === 'unknown' ? 'unknown' : requestEnd.end === 'not shown' ? requestEnd.why : undefined
  if (why === undefined) {
    lane.failures = 0
    if (rateLimit.chat().backOff) await rateLimit.change(endBackOff)
  } else if (store.isDurable && (why === 'unknown' || isTrouble(why))) {
    lane.failures += 1
    // No connection is never the message's fault.
    if (lane.failures === 1 && why !== 'unreachable') return
    lane.halted ??= { why, detail: 'detail' in requestEnd ? requestEnd.detail : '' }
    lane.failures = 2
    await rateLimit.change((chat) => markFailed(chat, clock.now()))
  }
}

/** What is due and has to wait all the same, as for the end of quiet hours, is due later. */
async function putOff(stored: Incident, incident: Incident, { store, renderer, clock }: DeliverContext): Promise<void> {
  const now = clock.now()
  const { due } = stored
  const isWellPutOff = due === undefined || (due > now && due <= now + mostPutOffMilliseconds)
  if (!store.isDurable || isWellPutOff) return
  await orOutage(() => store.saveBody(stored.key, bodyOf(stored), timingOf(incident, renderer, now), stored.version))
}

/** What nothing is asked for any more owes nothing, whatever was noted before: the group was upgraded, or the cards have changed. */
async function clear(
  stored: Incident,
  target: Target,
  nothing: End['result'],
  context: DeliverContext,
): Promise<End['result']> {
  if (stored.pendingSince === undefined) return nothing
  const edit = { token: context.newToken(), until: context.clock.now(), kind: 'edit' } as const
  const lease: Lease = { ...edit, unknowns: unknownsOf(stored) }
  const isHeld = leasedUntil(stored.lease, context) > context.clock.now()
  const leased = isHeld ? {} : await tryLease(stored, lease, context)
  if ('saved' in leased && leased.saved)
    await settle((incident) => incident, { lease, sent: leased.saved }, target, context)
  return nothing
}

/** The request itself, unless the time has run out meanwhile, as in a sandbox that was frozen. */
async function carryOut(
  { decision, lease, sent }: Work,
  { target, urgency, slot }: { target: Target; urgency: Urgency; slot: string },
  context: DeliverContext,
): Promise<RequestEnd> {
  const { rateLimit, run, clock, store, renderer } = context
  if (!fits(0, run.deadline, clock.now())) {
    rateLimit.unused(slot)
    return { end: 'not shown', why: 'deadline', detail: '' }
  }
  return sendOrEdit(outgoingMessageOf(decision, sent, { target, urgency, lease, renderer, now: clock.now() }), slot, {
    ...context,
    isDurable: store.isDurable,
    takeSlot: (another) => waitForSlot(another, context),
  })
}

/** Until when somebody else may send. Memory has one process, and a chat's lane in it belongs to one invocation: a lease there is nobody's. */
function leasedUntil(lease: Lease | undefined, { store, clock, rateLimit }: DeliverContext): number {
  if (!lease || !store.isDurable) return 0
  return heldUntil(lease, rateLimit.chat().acceptedAt, clock.now())
}

/** True of a send that may repeat one before it. */
function isMarked({ action }: Due, { unknowns }: Lease): boolean {
  return action === 'send' && unknowns > 0
}

/** How urgent the request is, once it is decided. */
function requestUrgency({ action }: Due, incident: Incident): Urgency {
  if (incident.identity.record !== undefined) return 'critical'
  return action === 'send' ? incident.merged.severity : 'edit'
}

type Leased = { saved?: Incident; current?: Incident | undefined } | { why: UnshownWhy; detail: string }

async function tryLease({ key, revision }: Incident, lease: Lease, { store }: DeliverContext): Promise<Leased> {
  const tried = await orOutage(() => store.lease(key, lease, revision))
  return 'outage' in tried ? { why: 'state unavailable', detail: tried.outage } : tried.value
}

function resultOf(
  requestEnd: Exclude<RequestEnd, { end: 'unknown' }>,
  { decision, lease }: Work,
  context: DeliverContext,
): End['result'] {
  switch (requestEnd.end) {
    case 'done':
      if (decision.action === 'edit older') return { outcome: 'nothing', why: 'shown' }
      if (isMarked(decision, lease)) return { outcome: 'sent', why: 'possibly repeated' }
      return {
        outcome: 'sent',
        why: decision.action === 'edit' && requestEnd.how === 'shown' ? 'updated' : requestEnd.how,
      }
    case 'message gone':
      return unshown(context, 'message gone')
    case 'text refused':
      return { outcome: 'rejected', why: 'text refused', detail: requestEnd.detail }
    case 'not shown': {
      const isOpening = decision.action === 'send' && transient.has(requestEnd.why)
      return isOpening
        ? { outcome: 'returned', why: requestEnd.why, detail: requestEnd.detail }
        : unshown(context, requestEnd.why, requestEnd.detail)
    }
  }
}

/** Telegram's own trouble in this very invocation. */
const transient = new Set<UnshownWhy>(['cool-down', 'Telegram error', 'unreachable'])

export function unshown({ store }: { store: Store }, why: UnshownWhy, detail = ''): Result {
  return { outcome: store.isDurable ? 'pending' : 'returned', why, detail }
}
