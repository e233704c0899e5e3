import { timingOf } from '../../core/incident/decide.ts'
import { deliveryAfter, inChat, type RequestEnd, type Work } from '../../core/incident/delivery.ts'
import type { DeliveryState, Incident } from '../../core/incident/incident.ts'
import { shortId } from '../../core/incident/key.ts'
import type { Target } from '../../core/routing/target.ts'
import { orOutage, type Timing } from '../ports.ts'
import { placeOf } from './request.ts'
import type { DeliverContext } from './run.ts'

/** Step 4: each certain end closes the lease. The state as saved; undefined if it could not be. */
export async function close(
  requestEnd: Exclude<RequestEnd, { end: 'unknown' }>,
  work: Work,
  target: Target,
  context: DeliverContext,
): Promise<Incident | undefined> {
  const { run, store, clock, rateLimit, lane } = context
  // Where nothing is pending, Kafka brings it again, and says when.
  const { backOff, acceptedAt } = rateLimit.chat()
  const chat = { isFailing: !store.isDurable || lane.failures > 0 || backOff !== undefined, acceptedAt }
  const deliveryState = (incident: Incident) => deliveryAfter(requestEnd, incident, work, clock.now(), chat)
  const settled = await settle(deliveryState, work, target, context)
  // Nobody will know of this message, and a marked one comes after it.
  if (!settled && requestEnd.end === 'done' && work.decision.action === 'send')
    run.notices.add(`unsaved: incident ${shortId(work.sent.key)}, message ${requestEnd.messageId}`)
  return settled
}

/** Writes the end until it is saved or there is no more time. */
export async function settle(
  deliveryState: (incident: Incident) => DeliveryState,
  { lease, sent }: Pick<Work, 'lease' | 'sent'>,
  target: Target,
  context: DeliverContext,
): Promise<Incident | undefined> {
  const { store, renderer, clock, run } = context
  let incident = sent
  for (let delay = 100; ; delay = Math.min(2 * delay, 2_000)) {
    const reachable = inChat(incident, placeOf(context, target))
    const after: Incident = { ...withoutDelivery(reachable), ...deliveryState(reachable) }
    const timing = timingOf(after, renderer, clock.now())
    const isForgotten = after.identity.record !== undefined && timing.pendingSince === undefined
    const { shown, older, refused, retry, unknowns } = after
    const end = { shown, older, refused, retry, unknowns, ...timing } as Omit<DeliveryState, 'lease'> & Timing
    const written = await orOutage(() => store.settle(sent.key, lease.token, end, incident.version, isForgotten))
    if ('outage' in written) {
      if (clock.now() + delay > run.deadline + graceMilliseconds) return undefined
      await clock.sleep(delay)
    } else {
      if ('saved' in written.value) return written.value.saved
      // Another lease, or none: this one ran out, and what it did counts as unknown.
      if (written.value.current?.lease?.token !== lease.token) return undefined
      incident = written.value.current
    }
  }
}

const graceMilliseconds = 1_000

function withoutDelivery(incident: Incident) {
  const { shown: _, older, refused, lease, retry, unknowns, pendingSince, due, expiresAt, ...rest } = incident
  return rest
}
