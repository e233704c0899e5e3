import type { KubeEvent } from '../core/event/event.ts'
import type { KafkaRecord } from '../core/event/record.ts'
import { type TargetedEvent, toTargetedEvent } from '../core/incident/fold.ts'
import type { Router, Routing } from '../core/routing/router.ts'

/** A record that is an event, and what rules and routes make of it. */
export interface RoutedEvent {
  record: KafkaRecord
  routing: Routing
}

interface RouteTools {
  router: Router
  /** The cluster whose events a topic has. */
  clusterOf: (topic: string) => string
}

/** Decides targets, thresholds and loudness of an event; `now` in milliseconds since the epoch. Pure. */
export function createRoute({ router, clusterOf }: RouteTools) {
  return (record: KafkaRecord, event: KubeEvent, now: number): RoutedEvent => ({
    record,
    routing: router(event, clusterOf(record.topic), now),
  })
}

/** The event in each of its targets; none if it is suppressed. Without incidents each record is an incident of its own. */
export function targetedEvents({ record, routing }: RoutedEvent, hasIncidents: boolean): TargetedEvent[] {
  const { facts, ruling, targets } = routing
  if (ruling.action !== 'show') return []
  return targets.map((target) => toTargetedEvent({ record, facts, target, ruling }, hasIncidents))
}
