import { claimMilliseconds, endBackOff, markFailed, type Urgency } from '../budget/chat.ts'
import { decide, mostPutOffMilliseconds, timingOf } from '../incident/decide.ts'
import { bodyOf, type Claim, type Incident } from '../incident/incident.ts'
import {
  claimFor,
  type Due,
  type Fulfilled,
  heldUntil,
  inChat,
  isTrouble,
  unknownsOf,
  type Work,
} from '../incident/standing.ts'
import { orOutage, type Store } from '../incident/store.ts'
import type { Result, UnshownWhy } from '../outcome.ts'
import type { Target } from '../route/target.ts'
import { errandOf } from './errand.ts'
import { fulfil, placeOf } from './request.ts'
import { type End, fits, type PayContext } from './run.ts'
import { close, settle } from './settle.ts'
import { takeSlot, waitForSlot } from './slot.ts'

// Somebody else writes in between as often as this: the next invocation pays.
const mostConflicts = 10

/** How an incident's turn ended; or that nothing could be asked of Telegram now, and may be from `until` on. */
export type Turn =
  | { result: End['result']; hasAsked: boolean; retryAt?: number }
  | { waits: UnshownWhy; detail: string; until: number }

/**
 * Pays what an incident owes: slot, claim, request, end of the claim (steps 3 and 4). One request or none, and at most what cures it.
 * With durable state what could not be shown is `owed`; `deferred` where Telegram failed just now in opening the incident's message.
 */
export async function pay(read: Incident, target: Target, context: PayContext): Promise<Turn> {
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
    const until = claimedUntil(incident.claim, context)
    if (until > clock.now()) return { waits: 'claimed', detail: '', until }
    const urgency = requestUrgency(decision, incident)
    const slot = await takeSlot(urgency, lane.failures > 0, context)
    if ('why' in slot) {
      if (slot.waitUntil === undefined) return without(unshown(context, slot.why, slot.detail))
      return { waits: slot.why, detail: slot.detail, until: slot.waitUntil }
    }
    const claim = claimFor(decision, incident, { token: context.newToken(), until: run.deadline + claimMilliseconds })
    const claimed = await tryClaim(stored, claim, context)
    if ('why' in claimed || !claimed.saved) context.budget.unused(slot.token)
    if ('why' in claimed) return without(unshown(context, claimed.why, claimed.detail))
    if (claimed.current) {
      stored = claimed.current
      continue
    }
    // It expired, or was deleted by hand: its records have to come again.
    if (!claimed.saved)
      return without({ outcome: 'deferred', why: 'state unavailable', detail: 'the incident is gone' })
    if (isMarked(decision, claim)) run.reclaimed += 1
    const work = { decision, claim, sent: claimed.saved }
    const fulfilled = await carryOut(work, { target, urgency, slot: slot.token }, context)
    const settled = fulfilled.end === 'unknown' ? undefined : await close(fulfilled, work, target, context)
    // A last edit in a chat that the target has left says nothing of this one.
    const isElsewhere = decision.action === 'edit older' && decision.older.isElsewhere === true
    if (!isElsewhere) await countFailure(fulfilled, context)
    if (fulfilled.end === 'unknown')
      return { result: unshown(context, 'unknown', fulfilled.detail), hasAsked: true, retryAt: claim.until }
    // What the message that is gone does not tell needs a new one.
    if (fulfilled.end !== 'message gone' || !settled)
      return { result: resultOf(fulfilled, work, context), hasAsked: true }
    stored = settled
  }
  return without(unshown(context, 'claimed'))
}

/** One failure may be the message's own. Two in a row, of different incidents, are the chat's. */
async function countFailure(fulfilled: Fulfilled, context: PayContext): Promise<void> {
  const { lane, store, budget, clock } = context
  const why = fulfilled.end === 'unknown' ? 'unknown' : fulfilled.end === 'not shown' ? fulfilled.why : undefined
  if (why === undefined) {
    lane.failures = 0
    if (budget.chat().backOff) await budget.change(endBackOff)
  } else if (store.isDurable && (why === 'unknown' || isTrouble(why))) {
    lane.failures += 1
    // No connection is never the message's fault.
    if (lane.failures === 1 && why !== 'unreachable') return
    lane.halted ??= { why, detail: 'detail' in fulfilled ? fulfilled.detail : '' }
    lane.failures = 2
    await budget.change((chat) => markFailed(chat, clock.now()))
  }
}

/** What is due and has to wait all the same, as for the end of quiet hours, is due later. */
async function putOff(stored: Incident, incident: Incident, { store, renderer, clock }: PayContext): Promise<void> {
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
  context: PayContext,
): Promise<End['result']> {
  if (stored.owedSince === undefined) return nothing
  const edit = { token: context.newToken(), until: context.clock.now(), kind: 'edit' } as const
  const claim: Claim = { ...edit, unknowns: unknownsOf(stored) }
  const isHeld = claimedUntil(stored.claim, context) > context.clock.now()
  const claimed = isHeld ? {} : await tryClaim(stored, claim, context)
  if ('saved' in claimed && claimed.saved)
    await settle((incident) => incident, { claim, sent: claimed.saved }, target, context)
  return nothing
}

/** The request itself, unless the time has run out meanwhile, as in a sandbox that was frozen. */
async function carryOut(
  { decision, claim, sent }: Work,
  { target, urgency, slot }: { target: Target; urgency: Urgency; slot: string },
  context: PayContext,
): Promise<Fulfilled> {
  const { budget, run, clock, store, renderer } = context
  if (!fits(0, run.deadline, clock.now())) {
    budget.unused(slot)
    return { end: 'not shown', why: 'deadline', detail: '' }
  }
  return fulfil(errandOf(decision, sent, { target, urgency, claim, renderer, now: clock.now() }), slot, {
    ...context,
    isDurable: store.isDurable,
    takeSlot: (another) => waitForSlot(another, context),
  })
}

/** Until when somebody else may send. Memory has one process, and a chat's lane in it belongs to one invocation: a claim there is nobody's. */
function claimedUntil(claim: Claim | undefined, { store, clock, budget }: PayContext): number {
  if (!claim || !store.isDurable) return 0
  return heldUntil(claim, budget.chat().acceptedAt, clock.now())
}

/** True of a send that may repeat one before it. */
function isMarked({ action }: Due, { unknowns }: Claim): boolean {
  return action === 'send' && unknowns > 0
}

/** How urgent the request is, once it is decided. */
function requestUrgency({ action }: Due, incident: Incident): Urgency {
  if (incident.identity.record !== undefined) return 'critical'
  return action === 'send' ? incident.merged.severity : 'edit'
}

type Claimed = { saved?: Incident; current?: Incident | undefined } | { why: UnshownWhy; detail: string }

async function tryClaim({ key, revision }: Incident, claim: Claim, { store }: PayContext): Promise<Claimed> {
  const tried = await orOutage(() => store.claim(key, claim, revision))
  return 'outage' in tried ? { why: 'state unavailable', detail: tried.outage } : tried.value
}

function resultOf(
  fulfilled: Exclude<Fulfilled, { end: 'unknown' }>,
  { decision, claim }: Work,
  context: PayContext,
): End['result'] {
  switch (fulfilled.end) {
    case 'done':
      if (decision.action === 'edit older') return { outcome: 'nothing', why: 'shown' }
      if (isMarked(decision, claim)) return { outcome: 'sent', why: 'possibly repeated' }
      return {
        outcome: 'sent',
        why: decision.action === 'edit' && fulfilled.how === 'shown' ? 'updated' : fulfilled.how,
      }
    case 'message gone':
      return unshown(context, 'message gone')
    case 'text refused':
      return { outcome: 'rejected', why: 'text refused', detail: fulfilled.detail }
    case 'not shown': {
      const isOpening = decision.action === 'send' && transient.has(fulfilled.why)
      return isOpening
        ? { outcome: 'deferred', why: fulfilled.why, detail: fulfilled.detail }
        : unshown(context, fulfilled.why, fulfilled.detail)
    }
  }
}

/** Telegram's own trouble in this very invocation. */
const transient = new Set<UnshownWhy>(['cool-down', 'Telegram error', 'unreachable'])

export function unshown({ store }: { store: Store }, why: UnshownWhy, detail = ''): Result {
  return { outcome: store.isDurable ? 'owed' : 'deferred', why, detail }
}
