import { timingOf } from '../incident/decide.ts'
import type { Incident, Standing } from '../incident/incident.ts'
import { shortId } from '../incident/key.ts'
import { type Fulfilled, inChat, standingAfter, type Work } from '../incident/standing.ts'
import { orOutage, type Timing } from '../incident/store.ts'
import type { Target } from '../route/target.ts'
import { placeOf } from './request.ts'
import type { PayContext } from './run.ts'

/** Step 4: each certain end closes the claim. The state as saved; undefined if it could not be. */
export async function close(
  fulfilled: Exclude<Fulfilled, { end: 'unknown' }>,
  work: Work,
  target: Target,
  context: PayContext,
): Promise<Incident | undefined> {
  const { run, store, clock, budget, lane } = context
  // Where nothing is owed, Kafka brings it again, and says when.
  const { backOff, acceptedAt } = budget.chat()
  const chat = { isFailing: !store.isDurable || lane.failures > 0 || backOff !== undefined, acceptedAt }
  const standing = (incident: Incident) => standingAfter(fulfilled, incident, work, clock.now(), chat)
  const settled = await settle(standing, work, target, context)
  // Nobody will know of this message, and a marked one comes after it.
  if (!settled && fulfilled.end === 'done' && work.decision.action === 'send')
    run.notices.add(`unsaved: incident ${shortId(work.sent.key)}, message ${fulfilled.messageId}`)
  return settled
}

/** Writes the end until it is saved or there is no more time. */
export async function settle(
  standing: (incident: Incident) => Standing,
  { claim, sent }: Pick<Work, 'claim' | 'sent'>,
  target: Target,
  context: PayContext,
): Promise<Incident | undefined> {
  const { store, renderer, clock, run } = context
  let incident = sent
  for (let delay = 100; ; delay = Math.min(2 * delay, 2_000)) {
    const reachable = inChat(incident, placeOf(context, target))
    const after: Incident = { ...withoutStanding(reachable), ...standing(reachable) }
    const timing = timingOf(after, renderer, clock.now())
    const isForgotten = after.identity.record !== undefined && timing.owedSince === undefined
    const { shown, older, refused, retry, unknowns } = after
    const end = { shown, older, refused, retry, unknowns, ...timing } as Omit<Standing, 'claim'> & Timing
    const written = await orOutage(() => store.settle(sent.key, claim.token, end, incident.version, isForgotten))
    if ('outage' in written) {
      if (clock.now() + delay > run.deadline + graceMilliseconds) return undefined
      await clock.sleep(delay)
    } else {
      if ('saved' in written.value) return written.value.saved
      // Another claim, or none: this one ran out, and what it did counts as unknown.
      if (written.value.current?.claim?.token !== claim.token) return undefined
      incident = written.value.current
    }
  }
}

const graceMilliseconds = 1_000

function withoutStanding(incident: Incident) {
  const { shown: _, older, refused, claim, retry, unknowns, owedSince, due, expiresAt, ...rest } = incident
  return rest
}
