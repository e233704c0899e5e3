import type { KafkaRecord } from '../core/event/record.ts'
import { objectIdOf } from '../core/incident/fold.ts'
import { keysOf } from '../core/incident/identity.ts'
import type { Body, Incident, Suppression } from '../core/incident/incident.ts'
import { eventOf, type Recovery, withRecovery, withSuppression } from '../core/incident/recovery.ts'
import type { Router, Routing } from '../core/routing/router.ts'
import type { Target } from '../core/routing/target.ts'
import type { Clock } from './ports.ts'
import type { RoutedEvent } from './route.ts'

/** What an event says to an open incident that it is not merged into: that an object recovered, or that its next events are suppressed. */
export interface Annotation {
  key: string
  target: Target
  record: KafkaRecord
  /** The incident's new body; undefined if it stays as it is. */
  annotate: (incident: Incident) => Body | undefined
  /** If it cannot be saved, its record goes back to Kafka. */
  mustBeSaved: boolean
  /** Called once the incident need not be looked at again for this. */
  done: () => void
}

export type Annotate = (routed: RoutedEvent) => Annotation[]

const mostChecked = 100_000

/** What routed events say to incidents besides their own. */
export function createAnnotate({ router, clock }: { router: Router; clock: Clock }): Annotate {
  // The incidents that have been checked for suppression. Once is enough for these rules, and new ones get a new stage.
  const checked = new Set<string>()

  function recoveries({ record, routing: { facts, resolves } }: RoutedEvent): Annotation[] {
    const { at } = facts.event
    if (at === undefined || resolves.length === 0) return []
    const recovery: Recovery = { object: objectIdOf(facts.event), at }
    const keyOf = keysOf(facts)
    return resolves.flatMap(({ cause, targets }) =>
      targets.map((target) => ({
        key: keyOf(cause, target),
        target,
        record,
        annotate: (incident: Incident) => withRecovery(incident, recovery),
        mustBeSaved: true,
        done: () => {},
      })),
    )
  }

  function suppressions({ record, routing: { facts, ruling, targets } }: RoutedEvent): Annotation[] {
    if (ruling.action === 'show') return []
    const suppression = suppressionOf(ruling)
    const quietMilliseconds = facts.cause.quietMinutes * 60_000
    const keyOf = keysOf(facts)
    return targets.flatMap((target): Annotation[] => {
      const key = keyOf(facts.cause.name, target)
      if (checked.has(key)) return []
      return [{ key, target, record, annotate, mustBeSaved: false, done }]

      function annotate(incident: Incident): Body | undefined {
        const now = clock.now()
        // Other events of the incident may still be shown. What decides is the one that its message shows.
        const latest = router(eventOf(incident.body.merged.latest), facts.cluster, now).ruling
        if (latest.action === 'show' || latest.rule !== suppression.name) return undefined
        return withSuppression(incident, suppression, quietMilliseconds, now)
      }

      function done() {
        if (checked.size >= mostChecked) checked.clear()
        checked.add(key)
      }
    })
  }

  return (routed) => [...recoveries(routed), ...suppressions(routed)]
}

function suppressionOf(ruling: Exclude<Routing['ruling'], { action: 'show' }>): Suppression {
  if (ruling.action === 'drop') return { kind: 'rule', name: ruling.rule }
  return { kind: 'mute', name: ruling.rule, until: ruling.until, reason: ruling.reason }
}
