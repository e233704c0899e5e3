import type { Clock } from '../adapters/clock.ts'
import type { Log } from '../adapters/log/log.ts'
import { type Decoded, decode } from '../core/event/decode.ts'
import { futureTimesNotice, withoutFutureTimes } from '../core/event/future.ts'
import { byPosition, type KafkaRecord, readRecords } from '../core/event/record.ts'
import { type Change, type Delivery, fold, toDelivery } from '../core/incident/fold.ts'
import type { KeysOf } from '../core/incident/identity.ts'
import type { Renderer } from '../core/incident/incident.ts'
import type { Hash } from '../core/incident/key.ts'
import { batchItemFailures, type KafkaBatchResponse, type Outcome, type Settled, toResponse } from '../core/outcome.ts'
import type { Router } from '../core/routing/router.ts'
import type { Target } from '../core/routing/target.ts'
import type { Rest } from './back-off.ts'
import { deadLetters } from './dead-letters.ts'
import { type Deliver, type Item, once, type Report, TokenRefused } from './deliver/deliver.ts'
import { type DueDependencies, dueOfBatch, type Turns } from './due.ts'
import type { Meter } from './meter.ts'
import { observeBatch } from './observe.ts'
import { held, type Routed, rejected, settle, untold } from './outcomes.ts'
import { deliverAll } from './own-events.ts'
import type { Store } from './ports.ts'
import { type Touched, touch, touchesOf } from './resolve.ts'
import { type Kept, keep } from './save.ts'
import { countSuppressed, type SuppressedDependencies } from './suppressed.ts'
import { hear, type WatchdogDependencies } from './watchdog.ts'

export interface Dependencies {
  route: Router
  deliver: Deliver
  store: Store
  renderer: Renderer
  hash: Hash
  keysOf: KeysOf
  rest: Rest
  clock: Clock
  log: Log
  redact: (text: string) => string
  /** The cluster whose events a topic has. */
  clusterOf: (topic: string) => string
  targetNamed: DueDependencies['targetNamed']
  /** Is told what other targets refuse. */
  fallback: Target | undefined
  suppressed: SuppressedDependencies['suppressed']
  watchdog: WatchdogDependencies['watchdog']
  /** When clusters were last heard of, as far as this process knows (watchdog.ts). */
  lastHeard: Map<string, number>
  /** False: each record is an incident of its own. */
  hasIncidents: boolean
  failureMode: 'partial' | 'throw'
  functionName: string | undefined
  meter: Meter
  /** Incidents that this process has looked at for being held back (touch.ts). */
  lookedAt: Set<string>
  /** The chats whose turn is next (due.ts). */
  turns: Turns
}

/** A durable batch holds its partition for as long: what it does not deliver the next batch or the sweep does. */
const durable = { milliseconds: 30_000, mostOfChat: 5 }

/**
 * The way of a batch: records → events → incidents → state → messages → what goes back to Kafka.
 * Ends before `deadline` (ms since the epoch). Rejects if the event is no Kafka event, if Telegram refuses the token, with
 * FAILURE_MODE=throw if a record is returned, and for bugs; Lambda then delivers the batch again, which the state makes harmless.
 */
export async function processBatch(
  kafkaEvent: unknown,
  deadline: number,
  dependencies: Dependencies,
): Promise<KafkaBatchResponse> {
  const { clock, store, hash, hasIncidents } = dependencies
  const startedAt = clock.now()
  const decoded = readRecords(kafkaEvent).map((record) => ({ record, ...decode(record.value) }))
  const routed = decoded.flatMap((item) => ('event' in item ? toRouted(item, startedAt, dependencies) : []))
  const deliveries = routed.flatMap((one) => toDeliveries(one, dependencies))
  const changes = fold(deliveries, hash)
  const [kept, read] = await Promise.all([
    keep(changes, deadline, dependencies),
    dueOfBatch(targetsOf(changes), dependencies.turns, deadline, dependencies),
  ])
  const touched = await touchOpen(routed, deadline, dependencies)
  await hear(
    decoded.map(({ record }) => record.topic),
    startedAt,
    deadline,
    dependencies,
  )
  const changed = once([...kept.flatMap(toItem), ...touched.items])
  // If saving failed, nobody knows whether the incident is due, so it is left out.
  const known = new Set([...kept.map(({ change }) => change.key), ...changed.map(({ incident }) => incident.key)])
  const due = read.filter(({ incident }) => !known.has(incident.key))
  // What waits for longest comes first, among equals.
  const items = [...due, ...changed]
  const limits = store.isDurable
    ? {
        deadline: Math.min(deadline, clock.now() + durable.milliseconds),
        patienceUntil: startedAt,
        mostOfChat: durable.mostOfChat,
      }
    : { deadline, patienceUntil: deadline, mostOfChat: Number.POSITIVE_INFINITY }
  const report = await deliverAll(items, limits, dependencies)
  const settled = [
    ...decoded.flatMap(rejected),
    ...routed.flatMap((one) => held(one, hasIncidents)),
    ...kept.flatMap((one) => settle(one, report, store)),
  ]
    .map((one) => untold(one, touched.failed))
    .sort((a, b) => byPosition(a.record, b.record))
  const isBatchItemFailure = batchItemFailures(settled)
  const deadLetter = await deadLetters(settled, deadline, dependencies)
  await countSuppressed(settled, deadline, dependencies)
  const seen = { settled, deadLetter, isBatchItemFailure, records: decoded.length, open: kept.flatMap(openUntil) }
  const notices = [...report.notices, ...futureTimesNotice(routed.map(({ routing }) => routing.facts.event))]
  observeBatch({ ...report, ...seen, notices, startedAt, now: clock.now() }, dependencies)
  await dependencies.rest(isFruitless(settled), deadline)
  return respond(
    settled.filter(({ record }) => isBatchItemFailure(record)),
    report,
    dependencies,
  )
}

function toRouted(
  { record, event }: { record: KafkaRecord } & Extract<Decoded, { event: unknown }>,
  now: number,
  { route, clusterOf }: Dependencies,
): Routed[] {
  return [{ record, routing: route(withoutFutureTimes(event, now), clusterOf(record.topic), now) }]
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

function toItem(kept: Kept): Item[] {
  if ('failure' in kept) return []
  const { change, incident } = kept
  return [{ target: change.target, incident, records: change.entries.map(({ delivery }) => delivery.record) }]
}

function targetsOf(changes: Change[]): Set<string> {
  return new Set(changes.map(({ target }) => target.name))
}

/** An incident is open until its quiet time after its latest trouble is over. */
function openUntil(kept: Kept): { key: string; until: number }[] {
  if ('failure' in kept || kept.incident.isBelow) return []
  const { key, quietMilliseconds } = kept.change
  return [{ key, until: kept.incident.merged.lastAt + quietMilliseconds }]
}

function isFruitless(settled: Settled[]): boolean {
  const has = (outcome: Outcome) => settled.some(({ result }) => result.outcome === outcome)
  return has('returned') && !has('sent')
}

function respond(failed: Settled[], { refusedToken }: Report, { failureMode }: Dependencies): KafkaBatchResponse {
  if (refusedToken !== undefined) throw new TokenRefused(refusedToken)
  const response = toResponse(failed.map(({ record }) => record))
  const { length } = response.batchItemFailures
  if (failureMode === 'throw' && length > 0)
    throw new Error(`the batch goes back to Kafka (records not done: ${length})`)
  return response
}
