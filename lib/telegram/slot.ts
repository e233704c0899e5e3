import type { Urgency } from '../budget/chat.ts'
import type { Clock } from '../clock.ts'
import { orOutage } from '../incident/store.ts'
import type { UnshownWhy } from '../outcome.ts'
import type { Budget } from './budget.ts'
import { claimMilliseconds, fits, leastMilliseconds, type Run } from './run.ts'

interface SlotContext {
  budget: Budget
  run: Run
  clock: Clock
}

/** Waits for a slot of the chat's budget, as long as the run has patience, and for its start. The reason if no request may start. */
export async function takeSlot(
  urgency: Urgency,
  { budget, run, clock }: SlotContext,
): Promise<{ token: string } | { why: UnshownWhy; detail: string }> {
  const startBefore = run.deadline - leastMilliseconds
  for (;;) {
    const now = clock.now()
    if (now > startBefore) return { why: 'deadline', detail: '' }
    const times = { now, startBefore, endsBefore: run.deadline + claimMilliseconds }
    const taken = await orOutage(() => budget.take(urgency, times))
    if ('outage' in taken) return { why: 'state unavailable', detail: taken.outage }
    const ticket = taken.value
    if ('token' in ticket) {
      await clock.sleep(Math.max(0, ticket.startAt - clock.now()))
      // The sandbox may have been frozen meanwhile.
      if (fits(0, run.deadline, clock.now())) return ticket
      budget.unused(ticket.token)
      return { why: 'deadline', detail: '' }
    }
    const wait = ticket.waitUntil - now
    const isWorthIt = ticket.why !== 'target broken' && fits(wait, run.patienceUntil, now)
    if (!isWorthIt) return { why: ticket.why, detail: `${Math.ceil(wait / 1_000)} s left` }
    await clock.sleep(wait)
  }
}
