import { decide, type LastText, mostPutOffMilliseconds, timingOf } from '../../core/incident/decide.ts'
import {
  inChat,
  isSilentSend,
  isTrouble,
  type LeasedRequest,
  leaseEnd,
  leaseFor,
  type RequestDecision,
  type RequestEnd,
  unknownsOf,
} from '../../core/incident/delivery.ts'
import type { Incident, Lease, OlderMessage, Text } from '../../core/incident/incident.ts'
import type { UndeliveredWhy } from '../../core/outcome.ts'
import { endBackOff, leaseMilliseconds, markFailed, type Urgency } from '../../core/rate-limit/chat.ts'
import type { Target } from '../../core/routing/target.ts'
import { orOutage, type Store } from '../ports.ts'
import { withKnownBody } from '../update-with-retry.ts'
import { outgoingMessageOf } from './outgoing-message.ts'
import { endLease, recordResult } from './record-result.ts'
import { placeOf, sendOrEdit } from './request.ts'
import { type DeliverContext, type DeliveryEnd, fits } from './run.ts'
import { takeSlot, waitForSlot } from './slot.ts'

// If other invocations keep changing the incident, the next invocation delivers it.
const mostConflicts = 10

/** How an incident's turn ended; or that no request may start before `until`. */
export type TurnEnd =
  | { result: DeliveryEnd['result']; hasAsked: boolean; retryAt?: number }
  | { waits: UndeliveredWhy; detail: string; until: number }

/**
 * Delivers what is pending of an incident: decision, slot, lease, request, result (docs/protocol.md, steps 3 and 4). One request or none, and
 * at most the requests that cure it. With a durable store the outcome of what could not be shown is `pending`; it is `returned` if Telegram
 * failed just now in opening the incident's message.
 */
export async function deliverIncident(read: Incident, target: Target, context: DeliverContext): Promise<TurnEnd> {
  const { present, clock, run, chatRun } = context
  const withoutRequest = (result: DeliveryEnd['result'], retryAt?: number): TurnEnd => ({
    result,
    hasAsked: false,
    ...(retryAt === undefined ? {} : { retryAt }),
  })
  let stored = read
  for (let tries = 0; tries < mostConflicts; tries += 1) {
    const incident = inChat(stored, placeOf(context, target))
    const presentation = present(incident.body, clock.now())
    const decision = decide(incident, presentation, clock.now())
    if (decision.action === 'nothing') {
      await clearPending(stored, target, context)
      return withoutRequest({ outcome: 'nothing', why: decision.why })
    }
    if (decision.action === 'wait') {
      await putOff(stored, incident, context)
      return withoutRequest(undelivered(context, decision.why), decision.at)
    }
    const until = leasedUntil(incident.delivery.lease, context)
    if (until > clock.now()) return { waits: 'leased', detail: '', until }
    const urgency = requestUrgency(decision, incident)
    const slot = await takeSlot(urgency, chatRun.failures > 0, context)
    if ('why' in slot) {
      if (slot.waitUntil === undefined) return withoutRequest(undelivered(context, slot.why, slot.detail))
      return { waits: slot.why, detail: slot.detail, until: slot.waitUntil }
    }
    const lease = leaseFor(decision, incident.delivery, {
      token: context.newToken(),
      until: run.deadline + leaseMilliseconds,
    })
    const leased = await takeLease(stored, lease, context)
    if ('why' in leased || !leased.saved) context.rateLimit.unused(slot.token)
    if ('why' in leased) return withoutRequest(undelivered(context, leased.why, leased.detail))
    if (leased.current) {
      stored = leased.current
      continue
    }
    // It expired, or was deleted by hand: its records have to come again.
    if (!leased.saved)
      return withoutRequest({ outcome: 'returned', why: 'state unavailable', detail: 'the incident is gone' })
    if (mayRepeat(decision, lease)) run.possibleRepeats += 1
    const request: LeasedRequest = {
      decision,
      lease,
      incident: inChat(withKnownBody(leased.saved, stored.body, stored.version), placeOf(context, target)),
      text: textFor(decision, incident, context),
      ...replacedBy(decision, incident, context),
      isSilent: isSilentSend(incident.body.merged, presentation.loudness),
    }
    const requestEnd = await makeRequest(request, { target, urgency, slot: slot.token }, context)
    const saved = requestEnd.end === 'unknown' ? undefined : await recordResult(requestEnd, request, target, context)
    // A last edit in a chat that the target has left says nothing about the target's chat.
    const isElsewhere = decision.action === 'edit older' && decision.older.isElsewhere === true
    if (!isElsewhere) await countFailure(requestEnd, context)
    if (requestEnd.end === 'unknown')
      return { result: undelivered(context, 'unknown', requestEnd.detail), hasAsked: true, retryAt: lease.until }
    // The message to edit is gone, so what it does not tell needs a new one.
    if (requestEnd.end !== 'message gone' || !saved)
      return { result: resultOf(requestEnd, request, context), hasAsked: true }
    stored = saved
  }
  return withoutRequest(undelivered(context, 'leased'))
}

function textFor(decision: RequestDecision, { body }: Incident, { renderer }: DeliverContext): Text {
  return decision.why === 'last words' && body.ended ? body.ended : renderer.text(body)
}

/** The message that a send replaces, with its last text. */
function replacedBy(
  decision: RequestDecision,
  { body, delivery: { shown } }: Incident,
  { renderer }: DeliverContext,
): { replaces?: OlderMessage } {
  if (decision.action !== 'send' || !decision.lastText || !shown) return {}
  const lastTexts: Record<LastText, () => string> = {
    ended: () => body.ended?.markup ?? '',
    continued: () => renderer.replaced(body),
  }
  const { chat, messageId, isElsewhere } = shown
  const markup = lastTexts[decision.lastText]()
  return { replaces: { chat, messageId, markup, ...(isElsewhere ? { isElsewhere } : {}) } }
}

/** One failure may be the message's own. Two in a row, of different incidents, are the chat's. */
async function countFailure(requestEnd: RequestEnd, context: DeliverContext): Promise<void> {
  const { chatRun, store, rateLimit, clock } = context
  const why = whyFailed(requestEnd)
  if (why === undefined) {
    chatRun.failures = 0
    if (rateLimit.chat().backOff) await rateLimit.change(endBackOff)
    return
  }
  if (!store.isDurable || (why !== 'unknown' && !isTrouble(why))) return
  chatRun.failures += 1
  // A missing connection is never the message's fault.
  if (chatRun.failures === 1 && why !== 'unreachable') return
  chatRun.halted ??= { why, detail: 'detail' in requestEnd ? requestEnd.detail : '' }
  await rateLimit.change((chat) => markFailed(chat, clock.now()))
}

function whyFailed(requestEnd: RequestEnd): UndeliveredWhy | undefined {
  if (requestEnd.end === 'unknown') return 'unknown'
  return requestEnd.end === 'not shown' ? requestEnd.why : undefined
}

/** An incident that is due and has to wait all the same, for example until quiet hours end, becomes due later. */
async function putOff(stored: Incident, incident: Incident, { store, present, clock }: DeliverContext): Promise<void> {
  const now = clock.now()
  const { due } = stored.delivery
  const isWellPutOff = due === undefined || (due > now && due <= now + mostPutOffMilliseconds)
  if (!store.isDurable || isWellPutOff) return
  const timing = timingOf(incident, present(incident.body, now), now)
  await orOutage(() => store.saveBody(stored.key, stored.body, timing, stored.version))
}

/** Nothing is pending any more, whatever was noted before: a group was upgraded, or the cards have changed. */
async function clearPending(stored: Incident, target: Target, context: DeliverContext): Promise<void> {
  const { delivery } = stored
  if (delivery.pendingSince === undefined || leasedUntil(delivery.lease, context) > context.clock.now()) return
  const edit = { token: context.newToken(), until: context.clock.now(), kind: 'edit' } as const
  const lease: Lease = { ...edit, unknowns: unknownsOf(delivery) }
  const leased = await takeLease(stored, lease, context)
  if ('saved' in leased && leased.saved)
    await endLease({ lease, incident: leased.saved }, ({ delivery: unchanged }) => unchanged, target, context)
}

/** The request itself, unless the time has run out meanwhile, for example in a sandbox that was frozen. */
async function makeRequest(
  request: LeasedRequest,
  { target, urgency, slot }: { target: Target; urgency: Urgency; slot: string },
  context: DeliverContext,
): Promise<RequestEnd> {
  const { rateLimit, run, clock, renderer } = context
  if (!fits(0, run.deadline, clock.now())) {
    rateLimit.unused(slot)
    return { end: 'not shown', why: 'deadline', detail: '' }
  }
  const message = outgoingMessageOf(request, { target, urgency, renderer, now: clock.now() })
  return sendOrEdit(message, slot, { ...context, takeSlot: (another) => waitForSlot(another, context) })
}

/**
 * Until when another invocation may send. A memory store belongs to one process, in which one invocation at a time has a chat: there a lease
 * has no owner.
 */
function leasedUntil(lease: Lease | undefined, { store, clock, rateLimit }: DeliverContext): number {
  if (!lease || !store.isDurable) return 0
  return leaseEnd(lease, rateLimit.chat().acceptedAt, clock.now())
}

function mayRepeat({ action }: RequestDecision, { unknowns }: Lease): boolean {
  return action === 'send' && unknowns > 0
}

/** How urgent the request is, once it is decided. */
function requestUrgency({ action }: RequestDecision, { body }: Incident): Urgency {
  if (body.identity.record !== undefined) return 'critical'
  return action === 'send' ? body.merged.severity : 'edit'
}

type Leased = { saved?: Incident; current?: Incident | undefined } | { why: UndeliveredWhy; detail: string }

async function takeLease({ key, revision }: Incident, lease: Lease, { store }: DeliverContext): Promise<Leased> {
  const tried = await orOutage(() => store.takeLease(key, lease, revision))
  return 'outage' in tried ? { why: 'state unavailable', detail: tried.outage } : tried.value
}

function resultOf(
  requestEnd: Exclude<RequestEnd, { end: 'unknown' }>,
  { decision, lease }: LeasedRequest,
  context: DeliverContext,
): DeliveryEnd['result'] {
  switch (requestEnd.end) {
    case 'done':
      if (decision.action === 'edit older') return { outcome: 'nothing', why: 'shown' }
      if (mayRepeat(decision, lease)) return { outcome: 'sent', why: 'possibly repeated' }
      return {
        outcome: 'sent',
        why: decision.action === 'edit' && requestEnd.how === 'shown' ? 'updated' : requestEnd.how,
      }
    case 'message gone':
      return undelivered(context, 'message gone')
    case 'text refused':
      return { outcome: 'rejected', why: 'text refused', detail: requestEnd.detail }
    case 'not shown': {
      const { why, detail } = requestEnd
      const isOpening = decision.action === 'send' && transient.has(why)
      return isOpening ? { outcome: 'returned', why, detail } : undelivered(context, why, detail)
    }
  }
}

/** Failures of Telegram in this very invocation. */
const transient = new Set<UndeliveredWhy>(['cool-down', 'Telegram error', 'unreachable'])

/** The outcome of what could not be shown now: a durable store keeps it, else Kafka does. */
export function undelivered(
  { store }: { store: Pick<Store, 'isDurable'> },
  why: UndeliveredWhy,
  detail = '',
): Extract<DeliveryEnd['result'], { outcome: 'pending' | 'returned' }> {
  return { outcome: store.isDurable ? 'pending' : 'returned', why, detail }
}
