import type { Decoded } from '../core/event/decode.ts'
import type { KafkaRecord } from '../core/event/record.ts'
import type { Entry } from '../core/incident/fold.ts'
import type { Incident } from '../core/incident/incident.ts'
import { isLater } from '../core/incident/latest.ts'
import type { Result, Settled } from '../core/outcome.ts'
import type { Routing } from '../core/routing/router.ts'
import type { Report } from './deliver/deliver.ts'
import type { End } from './deliver/run.ts'
import type { Store } from './ports.ts'
import type { Kept } from './save.ts'

/** A record that is an event, and what rules and routes make of it. */
export interface Routed {
  record: KafkaRecord
  routing: Routing
}

/** What becomes of a record that rules hold back. */
export function held({ record, routing }: Routed, hasIncidents: boolean): Settled[] {
  const { facts, ruling, resolves } = routing
  if (ruling.action === 'show') return []
  const why = ruling.action === 'mute' ? 'muted' : 'dropped by rule'
  const result: Result = { outcome: 'skipped', why: resolves.length > 0 && hasIncidents ? 'recovery' : why }
  const { event } = facts
  return [{ record, event, target: undefined, incident: undefined, rule: ruling.rule, result, milliseconds: 0 }]
}

/** What could not be told to the incidents that a record ends comes again, whatever became of the record itself. */
export function untold(settled: Settled, failed: Map<KafkaRecord, string>): Settled {
  const detail = failed.get(settled.record)
  if (detail === undefined || settled.result.outcome === 'rejected') return settled
  return { ...settled, result: { outcome: 'returned', why: 'state unavailable', detail } }
}

/** What becomes of a record that is no event. */
export function rejected(decoded: { record: KafkaRecord } & Decoded): Settled[] {
  if ('event' in decoded) return []
  const { record, problem, detail } = decoded
  const result: Result = { outcome: 'rejected', why: problem, ...(detail === undefined ? {} : { detail }) }
  const nothing = { event: undefined, target: undefined, incident: undefined, rule: undefined }
  return [{ record, ...nothing, result, milliseconds: 0 }]
}

/** Each record of a change ends as its incident does, unless the state had it already. */
export function settle(kept: Kept, { ends }: Report, { isDurable }: Store): Settled[] {
  const { key, target, entries } = kept.change
  const end = ends.get(key)
  const seen = new Set<string>()
  return entries.map((entry) => {
    const { record, event, content, ruling } = entry.delivery
    const milliseconds = end?.milliseconds ?? 0
    const result = resultOf(kept, entry, end, isDurable)
    const isAgain = result.outcome === 'sent' && seen.has(content)
    seen.add(content)
    const own: Result = isAgain ? { outcome: 'skipped', why: 'already shown' } : result
    return { record, event, target, incident: key, rule: ruling.rule, result: own, milliseconds }
  })
}

function resultOf(kept: Kept, entry: Entry, end: End | undefined, isDurable: boolean): Result {
  if ('failure' in kept) return { outcome: 'returned', ...kept.failure }
  if (!end) throw new Error('an incident has no end')
  const { applied, wasPending, incident } = kept
  const { result } = end
  const isUnchanged = applied.isUnchanged(entry)
  if (applied.isEndedBefore(entry)) return { outcome: 'skipped', why: 'ended before' }
  // Whatever became of the message of the generation before.
  if (incident.isBelow) return { outcome: 'skipped', why: 'below atLeast' }
  if (result.outcome === 'nothing') {
    if (result.why === 'text refused' && isLatest(entry, incident)) return { outcome: 'rejected', why: 'text refused' }
    return isUnchanged ? { outcome: 'skipped', why: 'already shown' } : { outcome: 'sent', why: 'already covered' }
  }
  if (result.outcome === 'sent' && isUnchanged && !wasPending) return { outcome: 'skipped', why: 'already shown' }
  // It came again although it was pending: whoever pays what is pending pays it, and Kafka need not bring it a third time.
  if (result.outcome === 'returned' && isDurable && wasPending && isUnchanged) return { ...result, outcome: 'pending' }
  return result
}

/** A refused text is that of the latest event; the ones before it were shown. */
function isLatest({ merged }: Entry, incident: Incident): boolean {
  return incident.identity.record !== undefined || !isLater(incident.merged.latest, merged.latest)
}
