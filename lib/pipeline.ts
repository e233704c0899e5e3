import type { Clock } from './clock.ts'
import { type Decoded, decode } from './event/decode.ts'
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
import type { Router, Routing } from './route/router.ts'
import { dueItems, type SweepDependencies } from './sweep.ts'
import { type Deliver, type Item, type Report, TokenRefused } from './telegram/deliver.ts'
import type { End } from './telegram/run.ts'
import { type Touched, touch, touchesOf } from './touch.ts'

export interface Dependencies {
  route: Router
  deliver: Deliver
  store: Store
  renderer: Renderer
  hash: Hash
  rest: Rest
  clock: Clock
  log: Log
  redact: (text: string) => string
  /** The cluster whose events a topic has. */
  clusterOf: (topic: string) => string
  targetOf: SweepDependencies['targetOf']
  /** False: each record is an incident of its own. */
  hasIncidents: boolean
  failureMode: 'partial' | 'throw'
  functionName: string
  /** Incidents that this process has looked at for being held back (touch.ts). */
  lookedAt: Set<string>
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
  const routed = decoded.flatMap((item) => ('event' in item ? toRouted(item, startedAt, dependencies) : []))
  const deliveries = routed.flatMap((one) => toDeliveries(one, dependencies))
  const kept = await keep(fold(deliveries, hash), deadline, dependencies)
  const touched = await touchOpen(routed, deadline, dependencies)
  const known = new Set([...kept.map(({ change }) => change.key), ...touched.items.map(({ incident }) => incident.key)])
  const due = await dueItems(store, clock.now(), deadline, known, dependencies)
  // What waits for longest comes first, among equals.
  const report = await deliver([...due, ...kept.flatMap(toItem), ...notAmong(kept, touched)], {
    deadline,
    patienceUntil: store.isDurable ? startedAt : deadline,
  })
  const settled = [
    ...decoded.flatMap(rejected),
    ...routed.flatMap((one) => held(one, touched, dependencies)),
    ...kept.flatMap((one) => settle(one, report, store)),
  ].sort((a, b) => byPosition(a.record, b.record))
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

interface Routed {
  record: KafkaRecord
  routing: Routing
}

function toRouted(
  { record, event }: { record: KafkaRecord } & Extract<Decoded, { event: unknown }>,
  now: number,
  { route, clusterOf }: Dependencies,
): Routed[] {
  return [{ record, routing: route(event, clusterOf(record.topic), now) }]
}

function toDeliveries(
  { record, routing: { facts, ruling, targets } }: Routed,
  { hash, hasIncidents }: Dependencies,
): Delivery[] {
  if (ruling.action !== 'show') return []
  return targets.map((target) => toDelivery({ record, facts, target, ruling }, hasIncidents, hash))
}

/** What events say to open incidents that they are not merged into. Memory has none open, and without incidents there is none to tell. */
async function touchOpen(routed: Routed[], deadline: number, dependencies: Dependencies): Promise<Touched> {
  const isWorthIt = dependencies.hasIncidents && dependencies.store.isDurable
  const touches = isWorthIt ? routed.flatMap(({ record, routing }) => touchesOf(record, routing, dependencies)) : []
  return touch(touches, deadline, dependencies)
}

function notAmong(kept: Kept[], { items }: Touched): Item[] {
  const keys = new Set(kept.map(({ change }) => change.key))
  return items.filter(({ incident }) => !keys.has(incident.key))
}

/** What becomes of a record that rules hold back. */
function held({ record, routing }: Routed, { failed }: Touched, { hasIncidents }: Dependencies): Settled[] {
  const { facts, ruling, closes } = routing
  if (ruling.action === 'show') return []
  const outage = failed.get(record)
  const why = ruling.action === 'mute' ? 'muted' : 'dropped by rule'
  const result: Result =
    outage === undefined
      ? { outcome: 'skipped', why: closes.length > 0 && hasIncidents ? 'closes' : why }
      : { outcome: 'deferred', why: 'state unavailable', detail: outage }
  const { event } = facts
  return [{ record, event, target: undefined, incident: undefined, rule: ruling.rule, result, milliseconds: 0 }]
}

function toItem(kept: Kept): Item[] {
  if ('failure' in kept) return []
  const { change, incident } = kept
  return [{ target: change.target, incident, records: change.entries.map(({ delivery }) => delivery.record) }]
}

function rejected({ record, ...decoded }: { record: KafkaRecord } & Decoded): Settled[] {
  if ('event' in decoded) return []
  const result: Result = { outcome: 'rejected', why: decoded.problem }
  const nothing = { event: undefined, target: undefined, incident: undefined, rule: undefined }
  return [{ record, ...nothing, result, milliseconds: 0 }]
}

/** Each record of a change ends as its incident does, unless the state had it already. */
function settle(kept: Kept, { ends }: Report, { isDurable }: Store): Settled[] {
  const { key, target, entries } = kept.change
  const end = ends.get(key)
  const seen = new Set<string>()
  return entries.map((entry) => {
    const { record, event, recordKey, ruling } = entry.delivery
    const milliseconds = end?.milliseconds ?? 0
    const result = resultOf(kept, entry, end, isDurable)
    const isAgain = result.outcome === 'sent' && seen.has(recordKey)
    seen.add(recordKey)
    const own: Result = isAgain ? { outcome: 'skipped', why: 'already shown' } : result
    return { record, event, target, incident: key, rule: ruling.rule, result: own, milliseconds }
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
    if (result.why === 'below atLeast') return { outcome: 'skipped', why: 'below atLeast' }
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
