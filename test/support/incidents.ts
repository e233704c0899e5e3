import { toEvent } from '../../lib/core/event/event.ts'
import { sha256 } from '../../lib/core/hash.ts'
import { apply } from '../../lib/core/incident/apply.ts'
import { type Change, fold, toDelivery, withoutRules } from '../../lib/core/incident/fold.ts'
import type { Body, Incident } from '../../lib/core/incident/incident.ts'
import { createRenderer } from '../../lib/core/message/render.ts'
import { en } from '../../lib/core/message/words/en.ts'
import { factsOf } from '../../lib/core/routing/subject.ts'
import { parseTarget, type Target } from '../../lib/core/routing/target.ts'
import { event } from './records.ts'

type Fields = Record<string, unknown>

export const target = parseTarget('-1001234567890') as Target
export const renderer = createRenderer({ timeZone: 'UTC', words: en }, sha256)

/** The changes that events, given by what differs from test/support/records.ts's, make in their incidents. */
export function changesOf(events: Fields[], cluster?: string, to?: Target): Change[] {
  return changesOfValues(
    events.map((fields, number) => event(number, fields)),
    cluster,
    to,
  )
}

/** The same of Events as they are; what is none makes no change. */
export function changesOfValues(values: unknown[], cluster = 'prod-eu', to = target): Change[] {
  const deliveries = values.flatMap((value, offset) => {
    const found = toEvent(value)
    const record = { mapKey: 'kube-events-0', topic: 'kube-events', partition: 0, offset, value }
    return found ? [toDelivery({ record, target: to, ...withoutRules(factsOf(found, cluster)) }, true, sha256)] : []
  })
  return fold(deliveries, sha256)
}

/** The state of the one incident that these events make. */
export function bodyOf(events: Fields[], cluster?: string): Body {
  const [change, ...others] = changesOf(events, cluster)
  if (!change || others.length > 0) throw new Error(`${others.length + 1} incidents`)
  return apply(change, undefined, renderer, 1_800_000_000_000).body
}

/** The same as an item of the state, of which nothing is shown yet. */
export function incidentOf(events: Fields[], deliveryState: Partial<Incident> = {}): Incident {
  return { key: 'a'.repeat(64), version: 1, revision: 1, older: [], ...bodyOf(events), ...deliveryState }
}
