import type { Urgency } from '../budget/chat.ts'
import { decide } from '../incident/decide.ts'
import type { Claim, Incident } from '../incident/incident.ts'
import { claimFor, type Due, type Fulfilled, heldUntil, inChat, type Work } from '../incident/standing.ts'
import { orOutage, type Store } from '../incident/store.ts'
import type { Result, UnshownWhy } from '../outcome.ts'
import type { Target } from '../route/target.ts'
import { errandOf } from './errand.ts'
import { chatOf, fulfil } from './request.ts'
import { claimMilliseconds, type End, fits, type PayContext } from './run.ts'
import { close, settle } from './settle.ts'
import { takeSlot } from './slot.ts'

// Somebody else writes in between as often as this: the next invocation pays.
const mostConflicts = 10

/**
 * Pays what an incident owes: slot, claim, request, end of the claim (steps 3 and 4). One request or none, and at most what cures it.
 * With durable state what could not be shown is `owed`; `deferred` where Telegram failed just now in opening the incident's message.
 */
export async function pay(read: Incident, target: Target, context: PayContext): Promise<End['result']> {
  const { renderer, clock, run } = context
  let stored = read
  for (let tries = 0; tries < mostConflicts; tries += 1) {
    const incident = inChat(stored, chatOf(context, target))
    const decision = decide(incident, renderer, clock.now())
    if (decision.action === 'nothing') return clear(stored, target, { outcome: 'nothing', why: decision.why }, context)
    if (decision.action === 'owe') return unshown(context, decision.why)
    if (isHeld(incident.claim, context)) return unshown(context, 'claimed')
    const urgency = urgencyOf(decision, incident)
    const slot = await takeSlot(urgency, context)
    if ('why' in slot) return unshown(context, slot.why, slot.detail)
    const claim = claimFor(decision, incident, { token: context.newToken(), until: run.deadline + claimMilliseconds })
    const claimed = await tryClaim(stored, claim, context)
    if ('why' in claimed || !claimed.saved) context.budget.unused(slot.token)
    if ('why' in claimed) return unshown(context, claimed.why, claimed.detail)
    if (claimed.current) {
      stored = claimed.current
      continue
    }
    // It expired, or was deleted by hand: its records have to come again.
    if (!claimed.saved) return { outcome: 'deferred', why: 'state unavailable', detail: 'the incident is gone' }
    if (claim.unknowns > 0) run.reclaimed += 1
    const work = { decision, claim, sent: claimed.saved }
    const fulfilled = await carryOut(work, { target, urgency, slot: slot.token }, context)
    if (fulfilled.end === 'unknown') return unshown(context, 'unknown', fulfilled.detail)
    const settled = await close(fulfilled, work, target, context)
    // What the message that is gone does not tell needs a new one.
    if (fulfilled.end !== 'message gone' || !settled) return resultOf(fulfilled, work, context)
    stored = settled
  }
  return unshown(context, 'claimed')
}

/** What nothing is asked for any more owes nothing, whatever was noted before: the group was upgraded, or the cards have changed. */
async function clear(
  stored: Incident,
  target: Target,
  nothing: End['result'],
  context: PayContext,
): Promise<End['result']> {
  if (stored.owedSince === undefined) return nothing
  const claim: Claim = { token: context.newToken(), until: context.clock.now(), kind: 'edit', unknowns: 0 }
  const claimed = isHeld(stored.claim, context) ? {} : await tryClaim(stored, claim, context)
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
    takeSlot: (another) => takeSlot(another, context),
  })
}

// Memory has one process, and a chat's lane in it belongs to one invocation: whoever left a claim there is gone.
function isHeld(claim: Claim | undefined, { store, clock }: PayContext): boolean {
  if (!claim || !store.isDurable) return false
  return heldUntil(claim) > clock.now()
}

function urgencyOf({ action }: Due, { identity, merged }: Incident): Urgency {
  // Records that are incidents of their own come in their order, so there is nothing to keep a slot free for.
  if (identity.record !== undefined) return 'critical'
  return action === 'send' ? merged.severity : 'edit'
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
      if (claim.unknowns > 0) return { outcome: 'sent', why: 'possibly repeated' }
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
