import type { Problem } from '../core/event/decode.ts'
import type { KafkaRecord } from '../core/event/record.ts'
import type { Entry } from '../core/incident/fold.ts'
import type { Incident } from '../core/incident/incident.ts'
import { isLater } from '../core/incident/latest.ts'
import type { Outcome, RecordOutcome } from '../core/outcome.ts'
import type { DeliveryEnd } from './deliver/run.ts'
import type { RoutedEvent } from './route.ts'
import type { SavedIncident, SavedUpdate } from './save.ts'
import type { UpdateFailure } from './update-with-retry.ts'

/** The outcome of a record that is no event. */
export function rejectedOutcome(record: KafkaRecord, why: Problem, detail: string | undefined): RecordOutcome {
  const nothing = { event: undefined, target: undefined, incident: undefined, rule: undefined, milliseconds: 0 }
  return { record, ...nothing, outcome: 'rejected', why, ...(detail === undefined ? {} : { detail }) }
}

/** The outcome of an event that a rule or mute suppresses; none for other events. */
export function suppressedOutcomes({ record, routing }: RoutedEvent, hasIncidents: boolean): RecordOutcome[] {
  const { facts, ruling, resolves } = routing
  if (ruling.action === 'show') return []
  const bySetting = ruling.action === 'mute' ? 'muted' : 'dropped by rule'
  const why = resolves.length > 0 && hasIncidents ? 'recovery' : bySetting
  const { event } = facts
  const nowhere = { target: undefined, incident: undefined, milliseconds: 0 }
  return [{ record, event, ...nowhere, rule: ruling.rule, outcome: 'skipped', why }]
}

/** The outcomes of records whose incident could not be saved. */
export function unsavedOutcomes({ change }: SavedUpdate['update'], { why, detail }: UpdateFailure): RecordOutcome[] {
  return toOutcomes(change?.entries ?? [], () => ({ outcome: 'returned', why, detail }), 0)
}

/** The outcomes of an update's records, once its incident's turn to be delivered has ended. */
export function deliveredOutcomes(
  { update: { change }, ...saved }: { update: SavedUpdate['update'] } & SavedIncident,
  end: DeliveryEnd,
  isDurable: boolean,
): RecordOutcome[] {
  const shown = new Set<string>()
  return toOutcomes(
    change?.entries ?? [],
    (entry) => {
      const outcome = outcomeOf(saved, entry, end, isDurable)
      const isAgain = outcome.outcome === 'sent' && shown.has(entry.source.content)
      shown.add(entry.source.content)
      return isAgain ? { outcome: 'skipped', why: 'already shown' } : outcome
    },
    end.milliseconds,
  )
}

function toOutcomes(entries: Entry[], outcomeOf: (entry: Entry) => Outcome, milliseconds: number): RecordOutcome[] {
  return entries.map((entry) => {
    const { record, event, target, key, ruling } = entry.source
    return { record, event, target, incident: key, rule: ruling.rule, milliseconds, ...outcomeOf(entry) }
  })
}

/** An entry ends as its incident does, unless the store had it already. */
function outcomeOf(
  { incident, applied, wasPending }: SavedIncident,
  entry: Entry,
  end: DeliveryEnd,
  isDurable: boolean,
): Outcome {
  const { result } = end
  const isUnchanged = applied?.isUnchanged(entry) === true
  if (applied?.isEndedBefore(entry)) return { outcome: 'skipped', why: 'ended before' }
  // Whatever became of the last edit of the generation before.
  if (incident?.body.isBelow) return { outcome: 'skipped', why: 'below atLeast' }
  if (result.outcome === 'nothing') {
    if (result.why === 'text refused' && incident && isLatest(entry, incident))
      return { outcome: 'rejected', why: 'text refused' }
    return isUnchanged ? { outcome: 'skipped', why: 'already shown' } : { outcome: 'sent', why: 'already covered' }
  }
  if (result.outcome === 'sent' && isUnchanged && !wasPending) return { outcome: 'skipped', why: 'already shown' }
  // It came again although it was pending. It is delivered from the store, so Kafka need not bring it a third time.
  if (result.outcome === 'returned' && isDurable && wasPending && isUnchanged) return { ...result, outcome: 'pending' }
  return result
}

/** A refused text shows the latest event; earlier events have been shown. */
function isLatest({ merged }: Entry, { body }: Incident): boolean {
  return body.identity.record !== undefined || !isLater(body.merged.latest, merged.latest)
}

/** Records whose recoveries could not be saved, and why: they go back to Kafka. */
export function unsavedRecoveries(saved: SavedUpdate[]): Map<KafkaRecord, string> {
  return new Map(
    saved.flatMap((one) => {
      if (!('failure' in one)) return []
      const { detail } = one.failure
      const lost = one.update.annotations.filter(({ mustBeSaved }) => mustBeSaved)
      return lost.map(({ record }) => [record, detail] as const)
    }),
  )
}

/** Returns a record whose recovery could not be saved, whatever became of the record itself. */
export function returnedIfUnsaved(outcome: RecordOutcome, unsaved: Map<KafkaRecord, string>): RecordOutcome {
  const detail = unsaved.get(outcome.record)
  if (detail === undefined || outcome.outcome === 'rejected') return outcome
  return { ...outcome, outcome: 'returned', why: 'state unavailable', detail }
}
