import type { UndeliveredWhy } from '../../core/outcome.ts'
import { leaseMilliseconds, type Urgency } from '../../core/rate-limit/chat.ts'
import { type Clock, orOutage } from '../ports.ts'
import type { RateLimit } from './rate-limit.ts'
import { fits, leastMilliseconds, type Run } from './run.ts'

interface SlotContext {
  rateLimit: RateLimit
  run: Run
  clock: Clock
}

/** A slot whose request may start now; or why there is none, and from when on there may be one. */
export type SlotResult = { token: string } | { why: UndeliveredWhy; detail: string; waitUntil?: number }

/** Takes a slot if one is free for a request this urgent, and waits for its start, which is about a second away at most. */
export async function takeSlot(urgency: Urgency, ignoresBackOff: boolean, context: SlotContext): Promise<SlotResult> {
  const { rateLimit, run, clock } = context
  const startBefore = run.deadline - leastMilliseconds
  if (clock.now() > startBefore) return { why: 'deadline', detail: '' }
  const wish = { clock, startBefore, endsBefore: run.deadline + leaseMilliseconds, ignoresBackOff }
  const taken = await orOutage(() => rateLimit.take(urgency, wish))
  if ('outage' in taken) return { why: 'state unavailable', detail: taken.outage }
  const ticket = taken.value
  if (!('token' in ticket)) {
    const seconds = Math.ceil((ticket.waitUntil - clock.now()) / 1_000)
    return { why: ticket.why, detail: `${seconds} s left`, waitUntil: ticket.waitUntil }
  }
  await clock.sleep(Math.max(0, ticket.startAt - clock.now()))
  // The sandbox may have been frozen meanwhile.
  if (fits(0, run.deadline, clock.now())) return ticket
  rateLimit.unused(ticket.token)
  return { why: 'deadline', detail: '' }
}

/** The same, but waits for a slot as long as the run has patience. For a further request of a message whose first one has started. */
export async function waitForSlot(urgency: Urgency, context: SlotContext): Promise<SlotResult> {
  const { clock } = context
  for (;;) {
    const slot = await takeSlot(urgency, true, context)
    if (!('why' in slot) || slot.waitUntil === undefined) return slot
    if (!isWorthWaiting(slot.why, slot.waitUntil, context)) return slot
    await clock.sleep(slot.waitUntil - clock.now())
  }
}

/** True of a wait that ends early enough for a request. A target that refuses is probed again in minutes, and a lease may end any time. */
export function isWorthWaiting(
  why: UndeliveredWhy,
  until: number,
  { run, clock }: Pick<SlotContext, 'run' | 'clock'>,
): boolean {
  const now = clock.now()
  return why !== 'target broken' && why !== 'leased' && fits(until - now, run.patienceUntil, now)
}
