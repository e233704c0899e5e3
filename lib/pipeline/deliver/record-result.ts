import { timingOf } from '../../core/incident/decide.ts'
import { deliveryAfter, inChat, type LeasedRequest, type RequestEnd } from '../../core/incident/delivery.ts'
import type { DeliveryState, Incident, Lease } from '../../core/incident/incident.ts'
import { shortId } from '../../core/incident/key.ts'
import type { Target } from '../../core/routing/target.ts'
import { orOutage } from '../ports.ts'
import { updateWithRetry, withKnownBody } from '../update-with-retry.ts'
import { placeOf } from './request.ts'
import type { DeliverContext } from './run.ts'

/** Step 4: each certain end of a request ends its lease. Resolves with the incident as saved; undefined if it could not be. */
export async function recordResult(
  requestEnd: Exclude<RequestEnd, { end: 'unknown' }>,
  request: LeasedRequest,
  target: Target,
  context: DeliverContext,
): Promise<Incident | undefined> {
  const { run, store, clock, rateLimit, chatRun } = context
  const { backOff, acceptedAt } = rateLimit.chat()
  // With STATE=memory Kafka decides when the record comes again.
  const chat = { isFailing: !store.isDurable || chatRun.failures > 0 || backOff !== undefined, acceptedAt }
  const saved = await endLease(
    request,
    (incident) => deliveryAfter(requestEnd, incident, request, clock.now(), chat),
    target,
    context,
  )
  // The store does not know of this message, so another one follows, marked as a possible repeat.
  if (!saved && requestEnd.end === 'done' && request.decision.action === 'send')
    run.notices.add(`unsaved: incident ${shortId(request.incident.key)}, message ${requestEnd.messageId}`)
  return saved
}

// An invocation has this much more time for writing than for requests.
const graceMilliseconds = 1_000
const retryMilliseconds = { first: 100, most: 2_000 }

/** Writes the delivery state and ends the lease. During an outage of the store it tries again until there is no more time. */
export async function endLease(
  { lease, incident: leased }: { lease: Lease; incident: Incident },
  plan: (incident: Incident) => DeliveryState,
  target: Target,
  context: DeliverContext,
): Promise<Incident | undefined> {
  const { store, present, clock, run } = context
  const attempt = (read: Incident) =>
    updateWithRetry<Incident, { saved: Incident | undefined }>(`incident ${leased.key}`, read, async (current) => {
      // Without the lease, this request's result counts as unknown.
      if (current?.delivery.lease?.token !== lease.token) return { saved: undefined }
      const reachable = inChat(current, placeOf(context, target))
      const { lease: _, ...planned } = plan(reachable)
      const now = clock.now()
      const timing = timingOf({ ...reachable, delivery: planned }, present(reachable.body, now), now)
      const isForgotten = current.body.identity.record !== undefined && timing.pendingSince === undefined
      const { shown, older, refused, retry, unknowns } = planned
      const delivery = {
        older,
        ...(shown ? { shown } : {}),
        ...(refused === undefined ? {} : { refused }),
        ...(retry ? { retry } : {}),
        ...(unknowns === undefined ? {} : { unknowns }),
        ...timing,
      }
      const written = await store.recordDelivery(current.key, lease.token, delivery, current.version, isForgotten)
      if (!('saved' in written) || isForgotten) return written
      return { saved: withKnownBody(written.saved, current.body, current.version + 1) }
    })
  for (let delay = retryMilliseconds.first; ; delay = Math.min(2 * delay, retryMilliseconds.most)) {
    const ended = await orOutage(() => attempt(leased))
    if ('value' in ended) return ended.value.saved
    if (clock.now() + delay > run.deadline + graceMilliseconds) return undefined
    await clock.sleep(delay)
  }
}
