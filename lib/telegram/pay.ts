import type { Urgency } from '../budget/chat.ts'
import type { Clock } from '../clock.ts'
import { decide, timingOf } from '../incident/decide.ts'
import type { Claim, Incident, Renderer, Standing } from '../incident/incident.ts'
import { claimFor, type Due, type Fulfilled, heldUntil, standingAfter, type Work } from '../incident/standing.ts'
import type { Store } from '../incident/store.ts'
import type { Result, UnshownWhy } from '../outcome.ts'
import type { Target } from '../route/target.ts'
import type { Budget } from './budget.ts'
import type { TelegramClient } from './client.ts'
import { errandOf } from './errand.ts'
import { fulfil } from './request.ts'
import { claimMilliseconds, type End, fits, type Run } from './run.ts'
import { outage, takeSlot } from './slot.ts'

export interface PayContext {
  store: Store
  client: TelegramClient
  budget: Budget
  renderer: Renderer
  run: Run
  clock: Clock
  newToken: () => string
}

// Somebody else writes in between as often as this: the next invocation pays.
const mostConflicts = 10

/**
 * Pays what an incident owes: slot, claim, request, end of the claim (steps 3 and 4). One request or none, and at most what cures it.
 * With durable state what could not be shown is `owed`; `deferred` where Telegram failed just now in opening the incident's message.
 */
export async function pay(read: Incident, target: Target, context: PayContext): Promise<End['result']> {
  const { renderer, clock, run } = context
  let incident = read
  for (let tries = 0; tries < mostConflicts; tries += 1) {
    const decision = decide(incident, renderer, clock.now())
    if (decision.action === 'nothing') return { outcome: 'nothing', why: decision.why }
    if (decision.action === 'owe') return unshown(context, decision.why)
    if (isHeld(incident.claim, context)) return unshown(context, 'claimed')
    const urgency = urgencyOf(decision, incident)
    const slot = await takeSlot(urgency, context)
    if ('why' in slot) return unshown(context, slot.why, slot.detail)
    const claim = claimFor(decision, incident, { token: context.newToken(), until: run.deadline + claimMilliseconds })
    const claimed = await tryClaim(incident, claim, slot.token, context)
    if ('why' in claimed) return unshown(context, claimed.why, claimed.detail)
    if (claimed.current) {
      incident = claimed.current
      continue
    }
    if (!claimed.saved) return { outcome: 'nothing', why: 'forgotten' }
    if (claim.unknowns > 0) run.reclaimed += 1
    const work = { decision, claim, sent: claimed.saved }
    return close(await carryOut(work, { target, urgency, slot: slot.token }, context), work, context)
  }
  return unshown(context, 'claimed')
}

/** The request itself, unless the time has run out meanwhile, as in a sandbox that was frozen. */
async function carryOut(
  { decision, claim, sent }: Work,
  { target, urgency, slot }: { target: Target; urgency: Urgency; slot: string },
  context: PayContext,
): Promise<Fulfilled> {
  const { budget, run, clock, store } = context
  if (!fits(0, run.deadline, clock.now())) {
    budget.unused(slot)
    return { end: 'not shown', why: 'deadline', detail: '' }
  }
  return fulfil(errandOf(decision, sent, { target, urgency, claim }), slot, {
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

async function tryClaim(
  { key, revision }: Incident,
  claim: Claim,
  slot: string,
  { store, budget }: PayContext,
): Promise<Claimed> {
  const written = await outage(() => store.claim(key, claim, revision))
  if ('saved' in written) return written
  budget.unused(slot)
  return 'outage' in written ? { why: 'state unavailable', detail: written.outage } : written
}

/** Step 4: any certain end closes the claim; only one that nobody knows leaves it. */
async function close(fulfilled: Fulfilled, work: Work, context: PayContext): Promise<End['result']> {
  const { run, store } = context
  if (fulfilled.end === 'unknown') return unshown(context, 'unknown', fulfilled.detail)
  const { clock } = context
  const isSaved = await settle(
    (incident) => standingAfter(fulfilled, incident, work, clock.now(), store.isDurable),
    work,
    context,
  )
  if (!isSaved) {
    const id = fulfilled.end === 'done' ? (fulfilled.messageId ?? '') : ''
    run.notices.add(`unsaved: incident ${work.sent.key.slice(0, 16)}, ${fulfilled.end}, message ${id}`)
  }
  return resultOf(fulfilled, work, context)
}

/** Writes the end until it is saved or there is no more time. False if it could not be saved. */
async function settle(
  standing: (incident: Incident) => Standing,
  { claim, sent }: Work,
  { store, renderer, clock, run }: PayContext,
): Promise<boolean> {
  let incident = sent
  for (let delay = 100; ; delay = Math.min(2 * delay, 2_000)) {
    const after: Incident = { ...withoutStanding(incident), ...standing(incident) }
    const timing = timingOf(after, renderer, clock.now())
    const isForgotten = after.identity.record !== undefined && timing.owedSince === undefined
    const { shown, older, refused, retry } = after
    const end = { shown, older, refused, retry, ...timing } as Omit<Standing, 'claim'>
    const written = await outage(() => store.settle(sent.key, claim.token, end, incident.version, isForgotten))
    if ('saved' in written) return true
    if ('outage' in written) {
      if (clock.now() + delay > run.deadline + graceMilliseconds) return false
      await clock.sleep(delay)
    } else {
      // Another claim, or none: this one ran out, and what it did counts as unknown.
      if (written.current?.claim?.token !== claim.token) return false
      incident = written.current
    }
  }
}

const graceMilliseconds = 1_000

function withoutStanding({ key, version, revision, identity, generation, after, merged, ended }: Incident) {
  return { key, version, revision, identity, generation, after, merged, ...(ended ? { ended } : {}) }
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
      return { outcome: 'skipped', why: 'message deleted' }
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
