import { toEvent } from '../../lib/core/event/event.ts'
import { apply } from '../../lib/core/incident/apply.ts'
import type { Presentation } from '../../lib/core/incident/decide.ts'
import { type Change, fold, toTargetedEvent, withoutRules } from '../../lib/core/incident/fold.ts'
import type { Body, DeliveryState, Incident } from '../../lib/core/incident/incident.ts'
import { createRenderer } from '../../lib/core/message/render.ts'
import { en } from '../../lib/core/message/words/en.ts'
import { factsOf } from '../../lib/core/routing/subject.ts'
import { parseTarget, type Target } from '../../lib/core/routing/target.ts'
import { event } from './records.ts'

type Fields = Record<string, unknown>

export const target = parseTarget('-1001234567890') as Target
export const renderer = createRenderer({ timeZone: 'UTC', words: en })

/** The changes that events make in their incidents. The fields replace those of the event in records.ts. */
export function changesOf(events: Fields[], cluster?: string, to?: Target): Change[] {
  return changesOfValues(
    events.map((fields, number) => event(number, fields)),
    cluster,
    to,
  )
}

/** The same for complete Events. Values that are not events make no change. */
export function changesOfValues(values: unknown[], cluster = 'prod-eu', to = target): Change[] {
  const deliveries = values.flatMap((value, offset) => {
    const found = toEvent(value)
    const record = { mapKey: 'kube-events-0', topic: 'kube-events', partition: 0, offset, value }
    return found ? [toTargetedEvent({ record, target: to, ...withoutRules(factsOf(found, cluster)) }, true)] : []
  })
  return fold(deliveries)
}

/** The body of the one incident that these events make. */
export function bodyOf(events: Fields[], cluster?: string): Body {
  const [change, ...others] = changesOf(events, cluster)
  if (!change || others.length > 0) throw new Error(`${others.length + 1} incidents`)
  return apply(change, undefined, renderer, 1_800_000_000_000).body
}

/** The stored incident that these events make, before its first message. */
export function incidentOf(events: Fields[], fields: Partial<DeliveryState> = {}): Incident {
  return { key: 'a'.repeat(64), version: 1, revision: 1, body: bodyOf(events), delivery: { older: [], ...fields } }
}

/** With these fields of its delivery state. */
export function delivered(incident: Incident, fields: Partial<DeliveryState>): Incident {
  return { ...incident, delivery: { ...incident.delivery, ...fields } }
}

/** With these fields of its body. */
export function merged(incident: Incident, fields: Partial<Body>): Incident {
  return { ...incident, body: { ...incident.body, ...fields } }
}

/** The presentation of a body without quiet hours. */
export function present(body: Body): Presentation {
  return { textHash: renderer.text(body).hash, loudness: 'as it is' }
}
