import { decode } from '../core/event/decode.ts'
import { withoutFutureTimes } from '../core/event/future.ts'
import { byPosition, type KafkaRecord, readRecords } from '../core/event/record.ts'
import { fold } from '../core/incident/fold.ts'
import type { RecordOutcome } from '../core/outcome.ts'
import type { Annotate } from './annotations.ts'
import type { Deliver } from './deliver/deliver.ts'
import type { IncidentToDeliver, Limits } from './deliver/run.ts'
import type { DueReader } from './due.ts'
import type { BatchFindings } from './log-and-metrics.ts'
import {
  deliveredOutcomes,
  rejectedOutcome,
  returnedIfUnsaved,
  suppressedOutcomes,
  unsavedOutcomes,
  unsavedRecoveries,
} from './outcomes.ts'
import type { Clock, KafkaBatchResponse } from './ports.ts'
import { respond } from './respond.ts'
import { type createRoute, type RoutedEvent, targetedEvents } from './route.ts'
import type { IncidentUpdate, Save, SavedUpdate } from './save.ts'

export interface BatchSettings {
  /** False: each record is an incident of its own. */
  hasIncidents: boolean
  /** False: nothing outlives the process, so what is not sent goes back to Kafka. */
  isDurable: boolean
  failureMode: 'partial' | 'throw'
}

export interface BatchStages {
  clock: Clock
  route: ReturnType<typeof createRoute>
  annotate: Annotate
  save: Save
  due: Pick<DueReader, 'ofBatch'>
  deliver: Deliver
  sideFeatures: SideFeatures
  settings: BatchSettings
}

/** What happens beside the way of a batch. */
export interface SideFeatures {
  /** Called while the batch is saved. */
  recordsCame: (records: KafkaRecord[], at: number, deadline: number) => Promise<void>
  /** Called with what became of the batch. */
  finished: (findings: BatchFindings, deadline: number) => Promise<void>
}

/**
 * The way of a batch: records → events → incidents → store → messages → what goes back to Kafka. Ends before `deadline` (ms since the epoch).
 * Rejects if the event is no Kafka event, if Telegram refuses the token, with FAILURE_MODE=throw if a record is returned, and for bugs. Lambda
 * then delivers the batch again, which the store makes harmless.
 */
export async function processBatch(
  kafkaEvent: unknown,
  deadline: number,
  { clock, route, annotate, save, due, deliver, sideFeatures, settings }: BatchStages,
): Promise<KafkaBatchResponse> {
  const { hasIncidents, isDurable, failureMode } = settings
  const startedAt = clock.now()

  const records = readRecords(kafkaEvent)
  const rejected: RecordOutcome[] = []
  const routed: RoutedEvent[] = []
  for (const record of records) {
    const decoded = decode(record.value)
    if ('event' in decoded) routed.push(route(record, withoutFutureTimes(decoded.event, startedAt), startedAt))
    else rejected.push(rejectedOutcome(record, decoded.problem, decoded.detail))
  }

  const updates = updatesOf(routed, annotate, settings)
  const targets = new Set(updates.flatMap(({ change, target }) => (change ? [target.name] : [])))
  const [saved, read] = await Promise.all([
    save(updates, deadline),
    due.ofBatch(targets, deadline),
    sideFeatures.recordsCame(records, startedAt, deadline),
  ])

  const changed = saved.flatMap(toDeliver)
  // If saving failed, we don't know whether the incident is due, so skip it.
  const known = new Set([
    ...updates.flatMap(({ key, change }) => (change ? [key] : [])),
    ...changed.map(({ incident }) => incident.key),
  ])
  const alsoDue = read.filter(({ incident }) => !known.has(incident.key)).map((item) => ({ ...item, saved: undefined }))
  const limits = limitsOf({ startedAt, now: clock.now(), deadline, isDurable })
  // Among equals, what has waited longest comes first.
  const report = await deliver([...alsoDue, ...changed], limits)

  const unsaved = unsavedRecoveries(saved)
  const all = [
    ...rejected,
    ...routed.flatMap((one) => suppressedOutcomes(one, hasIncidents)),
    ...saved.flatMap((one) => ('failure' in one ? unsavedOutcomes(one.update, one.failure) : [])),
    ...report.delivered.flatMap(({ item, end }) => (item.saved ? deliveredOutcomes(item.saved, end, isDurable) : [])),
  ]
    .map((one) => returnedIfUnsaved(one, unsaved))
    .sort((a, b) => byPosition(a.record, b.record))

  await sideFeatures.finished({ startedAt, records, routed, saved, outcomes: all, report }, deadline)
  return respond(all, report.refusedToken, { failureMode })
}

/** One update per incident: the batch's own events, and what its events say to other incidents. */
function updatesOf(
  routed: RoutedEvent[],
  annotate: Annotate,
  { hasIncidents, isDurable }: BatchSettings,
): IncidentUpdate[] {
  const changes = fold(routed.flatMap((one) => targetedEvents(one, hasIncidents)))
  const updates = new Map<string, IncidentUpdate>(
    changes.map((change) => [change.key, { key: change.key, target: change.target, change, annotations: [] }]),
  )
  // A memory store has no open incidents of earlier batches, and without incidents there is none to annotate.
  for (const annotation of hasIncidents && isDurable ? routed.flatMap(annotate) : []) {
    const { key, target } = annotation
    const update = updates.get(key) ?? { key, target, change: undefined, annotations: [] }
    update.annotations.push(annotation)
    updates.set(key, update)
  }
  return [...updates.values()]
}

interface SavedToDeliver extends IncidentToDeliver {
  saved: Exclude<SavedUpdate, { failure: unknown }>
}

/** What a saved update asks of the deliver stage: every incident with records, and an annotated one if its message changes. */
function toDeliver(saved: SavedUpdate): SavedToDeliver[] {
  if ('failure' in saved || !saved.incident) return []
  const { update, incident, isWritten } = saved
  const { target, change } = update
  const isPending = incident.delivery.pendingSince !== undefined
  if (!change && !(isWritten && isPending)) return []
  return [{ target, incident, records: change?.entries.map(({ source }) => source.record) ?? [], saved }]
}

/** A durable batch holds its partition for as long; the next batch or the sweep delivers the rest. */
const durable = { milliseconds: 30_000, mostOfChat: 5 }

function limitsOf({
  startedAt,
  now,
  deadline,
  isDurable,
}: {
  startedAt: number
  now: number
  deadline: number
  isDurable: boolean
}): Limits {
  if (!isDurable) return { deadline, patienceUntil: deadline, mostOfChat: Number.POSITIVE_INFINITY }
  const { milliseconds, mostOfChat } = durable
  return { deadline: Math.min(deadline, now + milliseconds), patienceUntil: startedAt, mostOfChat }
}
