import type { Clock } from './clock.ts'
import { type Decoded, decode } from './event/decode.ts'
import type { KubeEvent } from './event/event.ts'
import { byPosition, type KafkaRecord, readRecords } from './event/record.ts'
import { type Delivery, type Entry, fold, toDelivery } from './incident/fold.ts'
import type { Incident, Renderer } from './incident/incident.ts'
import type { Hash } from './incident/key.ts'
import { isLater } from './incident/latest.ts'
import type { Store } from './incident/store.ts'
import { type Kept, keep } from './keep.ts'
import { observeBatch } from './observe/batch.ts'
import type { Log } from './observe/log.ts'
import { quarantine } from './observe/quarantine.ts'
import { type KafkaBatchResponse, type Outcome, type Result, returned, type Settled, toResponse } from './outcome.ts'
import type { Rest } from './rest.ts'
import type { Target } from './route/target.ts'
import { dueItems } from './sweep.ts'
import { type Deliver, type Item, type Report, TokenRefused } from './telegram/deliver.ts'
import type { End } from './telegram/run.ts'

export interface Dependencies {
  route: (event: KubeEvent) => Target[]
  deliver: Deliver
  store: Store
  renderer: Renderer
  hash: Hash
  rest: Rest
  clock: Clock
  log: Log
  redact: (text: string) => string
  /** Undefined: each record's topic stands for its cluster. */
  cluster: string | undefined
  /** False: each record is an incident of its own. */
  hasIncidents: boolean
  failureMode: 'partial' | 'throw'
  functionName: string
}

/**
 * The way of a batch: records → events → incidents → state → messages → what goes back to Kafka.
 * Ends before `deadline` (ms since the epoch). Rejects if the event is no Kafka event, if Telegram refuses the token, with
 * FAILURE_MODE=throw if a record is deferred, and for bugs; Lambda then delivers the batch again, which the state makes harmless.
 */
export async function processBatch(
  kafkaEvent: unknown,
  deadline: number,
  dependencies: Dependencies,
): Promise<KafkaBatchResponse> {
  const { clock, store, deliver, hash } = dependencies
  const startedAt = clock.now()
  const decoded = readRecords(kafkaEvent).map((record) => ({ record, ...decode(record.value) }))
  const deliveries = decoded.flatMap((item) => ('event' in item ? toDeliveries(item, dependencies) : []))
  const kept = await keep(fold(deliveries, hash), deadline, dependencies)
  const due = await dueItems(store, clock.now(), deadline, new Set(kept.map(({ change }) => change.key)))
  // What waits for longest comes first, among equals.
  const report = await deliver([...due, ...kept.flatMap(toItem)], {
    deadline,
    patienceUntil: store.isDurable ? startedAt : deadline,
  })
  const settled = [...decoded.flatMap(rejected), ...kept.flatMap((one) => settle(one, report, store))].sort((a, b) =>
    byPosition(a.record, b.record),
  )
  const isReturned = returned(settled)
  const quarantined = await quarantine(settled, deadline, dependencies)
  const batch = { ...report, settled, quarantined, isReturned, records: decoded.length, startedAt, now: clock.now() }
  observeBatch(batch, dependencies)
  await dependencies.rest(isFruitless(settled), deadline)
  return respond(
    settled.filter(({ record }) => isReturned(record)),
    report,
    dependencies,
  )
}

function toDeliveries(
  { record, event }: { record: KafkaRecord; event: KubeEvent },
  { route, hash, hasIncidents, ...settings }: Dependencies,
): Delivery[] {
  const cluster = settings.cluster ?? record.topic
  return route(event).map((target) => toDelivery({ record, event, target, cluster }, hasIncidents, hash))
}

function toItem(kept: Kept): Item[] {
  if ('failure' in kept) return []
  const { change, incident } = kept
  return [{ target: change.target, incident, records: change.entries.map(({ delivery }) => delivery.record) }]
}

function rejected({ record, ...decoded }: { record: KafkaRecord } & Decoded): Settled[] {
  if ('event' in decoded) return []
  const result: Result = { outcome: 'rejected', why: decoded.problem }
  return [{ record, event: undefined, target: undefined, incident: undefined, result, milliseconds: 0 }]
}

/** Each record of a change ends as its incident does, unless the state had it already. */
function settle(kept: Kept, { ends }: Report, { isDurable }: Store): Settled[] {
  const { key, target, entries } = kept.change
  const end = ends.get(key)
  const seen = new Set<string>()
  return entries.map((entry) => {
    const { record, event, recordKey } = entry.delivery
    const milliseconds = end?.milliseconds ?? 0
    const result = resultOf(kept, entry, end, isDurable)
    const isAgain = result.outcome === 'sent' && seen.has(recordKey)
    seen.add(recordKey)
    const own: Result = isAgain ? { outcome: 'skipped', why: 'already shown' } : result
    return { record, event, target, incident: key, result: own, milliseconds }
  })
}

function resultOf(kept: Kept, entry: Entry, end: End | undefined, isDurable: boolean): Result {
  if ('failure' in kept) return { outcome: 'deferred', ...kept.failure }
  if (!end) throw new Error('an incident has no end')
  const { applied, wasOwed, incident } = kept
  const { result } = end
  const isUnchanged = applied.isUnchanged(entry)
  if (applied.isEndedBefore(entry)) return { outcome: 'skipped', why: 'ended before' }
  if (result.outcome === 'nothing') {
    if (result.why === 'text refused' && isLatest(entry, incident)) return { outcome: 'rejected', why: 'text refused' }
    return isUnchanged ? { outcome: 'skipped', why: 'already shown' } : { outcome: 'sent', why: 'already covered' }
  }
  if (result.outcome === 'sent' && isUnchanged && !wasOwed) return { outcome: 'skipped', why: 'already shown' }
  // It came again although it was owed: whoever pays what is owed pays it, and Kafka need not bring it a third time.
  if (result.outcome === 'deferred' && isDurable && wasOwed && isUnchanged) return { ...result, outcome: 'owed' }
  return result
}

/** A refused text is that of the latest event; the ones before it were shown. */
function isLatest({ merged }: Entry, incident: Incident): boolean {
  return incident.identity.record !== undefined || !isLater(incident.merged.latest, merged.latest)
}

function isFruitless(settled: Settled[]): boolean {
  const has = (outcome: Outcome) => settled.some(({ result }) => result.outcome === outcome)
  return has('deferred') && !has('sent')
}

function respond(failed: Settled[], { refusedToken }: Report, { failureMode }: Dependencies): KafkaBatchResponse {
  if (refusedToken !== undefined) throw new TokenRefused(refusedToken)
  const response = toResponse(failed.map(({ record }) => record))
  const { length } = response.batchItemFailures
  if (failureMode === 'throw' && length > 0)
    throw new Error(`the batch goes back to Kafka (records not done: ${length})`)
  return response
}
