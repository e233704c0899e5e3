import { futureTimesNotice } from '../core/event/future.ts'
import type { KafkaRecord } from '../core/event/record.ts'
import { shortId } from '../core/incident/key.ts'
import { clip } from '../core/message/text/clip.ts'
import { tidy, tidyBeginning } from '../core/message/text/tidy.ts'
import type { OngoingProblems } from '../core/ongoing-problems.ts'
import { isSuppressed, type OutcomeName, type RecordOutcome } from '../core/outcome.ts'
import { maskedValue } from './dead-letters.ts'
import type { DeliveryReport } from './deliver/deliver.ts'
import { logDeliveryProblems } from './delivery-problems.ts'
import type { Ended, Log, LogFields, Meter, MeteredBatch } from './ports.ts'
import { findBatchItemFailures } from './respond.ts'
import type { RoutedEvent } from './route.ts'
import type { SavedUpdate } from './save.ts'

/** What became of a batch. Times are milliseconds since the epoch. */
export interface BatchFindings {
  startedAt: number
  records: KafkaRecord[]
  routed: RoutedEvent[]
  saved: SavedUpdate[]
  outcomes: RecordOutcome[]
  report: DeliveryReport
}

/** What became of a sweep. Times are milliseconds since the epoch. */
export interface SweepFindings {
  startedAt: number
  endedAt: number
  report: DeliveryReport
  /** Incidents that still have something pending, and since when; undefined if there was no time to count. */
  left: { count: number; since: number | undefined } | undefined
}

export interface Observer {
  log: Log
  redact: (text: string) => string
  meter: Meter
  problems: OngoingProblems
}

/** Logs one line for each record and target, one for each problem that an operator should mend, and a summary with the metrics. */
export function observeBatch(
  {
    startedAt,
    endedAt,
    records,
    routed,
    saved,
    outcomes,
    report,
    deadLetters,
  }: BatchFindings & {
    endedAt: number
    /** Rejected records that are stored as dead letters. */
    deadLetters: Set<RecordOutcome>
  },
  { log, redact, meter, problems }: Observer,
) {
  const { requests, edits, rateLimited, possibleRepeats } = report
  const isBatchItemFailure = findBatchItemFailures(outcomes)
  for (const one of outcomes) {
    const fields = { ...lineFields(one), ...(isBatchItemFailure(one.record) ? { batchItemFailure: true } : {}) }
    if (one.outcome === 'rejected')
      log.error('record', {
        ...fields,
        ...(deadLetters.has(one) ? { deadLetter: true } : maskedValue(one.record.value, redact)),
      })
    else if (one.outcome === 'returned') log.warn('record', fields)
    else log.info('record', fields)
  }
  const future = futureTimesNotice(routed.map(({ routing }) => routing.facts.event))
  for (const notice of [...report.notices, ...future]) log.warn(notice)
  logDeliveryProblems(requestResults(report), { log, problems, now: endedAt })
  const ended = endedOf(outcomes)
  const count = (name: OutcomeName) => ended.reduce((sum, one) => (one.outcome === name ? sum + one.records : sum), 0)
  const measured = {
    Records: records.length,
    Sent: count('sent'),
    Skipped: count('skipped'),
    Rejected: count('rejected'),
    Pending: count('pending'),
    Returned: count('returned'),
    Requests: requests,
    Edits: edits,
    RateLimited: rateLimited,
    PossibleRepeats: possibleRepeats,
    ...oldestSent(outcomes, endedAt),
  }
  const rules = suppressedByRule(outcomes)
  const milliseconds = endedAt - startedAt
  const fields = {
    why: Object.fromEntries(ended.map(({ outcome, why, records }) => [`${outcome}: ${why}`, records])),
    ...(Object.keys(rules).length > 0 ? { suppressed: rules } : {}),
    ms: milliseconds,
  }
  log.summary('batch', { measured, fields, isIdle: false })
  const counts = { requests, edits, rateLimited, possibleRepeats }
  meter.batch({ ended, open: saved.flatMap(openUntil), ...counts, milliseconds, now: endedAt })
}

/** Logs one line for each incident whose turn it was (pending ones at LOG_LEVEL=debug only), and a summary with the metrics. */
export function observeSweep(
  { startedAt, endedAt, report, left }: SweepFindings,
  { log, meter, problems }: Omit<Observer, 'redact'>,
) {
  const { delivered, notices, requests, edits, rateLimited, possibleRepeats } = report
  const whys: Record<string, number> = {}
  for (const { item, end } of delivered) {
    const { outcome, why } = end.result
    whys[`${outcome}: ${why}`] = (whys[`${outcome}: ${why}`] ?? 0) + 1
    log[outcome === 'pending' ? 'debug' : 'info']('incident', {
      incident: shortId(item.incident.key),
      chat: item.target.name,
      ...end.result,
      ms: end.milliseconds,
    })
  }
  for (const notice of notices) log.warn(notice)
  logDeliveryProblems(requestResults(report), { log, problems, now: endedAt })
  const measured = {
    ...(left && { PendingIncidents: left.count, OldestPending: secondsSince(left.since ?? endedAt, endedAt) }),
    Requests: requests,
    Edits: edits,
    RateLimited: rateLimited,
    PossibleRepeats: possibleRepeats,
  }
  log.summary('sweep', { measured, fields: { why: whys, ms: endedAt - startedAt }, isIdle: requests === 0 })
  const hasDelivered = delivered.some(({ end }) => end.result.outcome === 'sent')
  meter.sweep({ requests, edits, rateLimited, possibleRepeats, hasDelivered, now: endedAt })
}

function requestResults({ delivered, told }: DeliveryReport) {
  return [...delivered, ...told].flatMap(({ item, end }) =>
    end.hasAsked ? [{ chat: item.target.name, ...end.result }] : [],
  )
}

/** An incident is open until its quiet time after its latest trouble has passed. */
function openUntil(saved: SavedUpdate): MeteredBatch['open'] {
  if ('failure' in saved || !saved.incident || saved.incident.body.isBelow || !saved.update.change) return []
  const { key, quietMilliseconds } = saved.update.change
  return [{ key, until: saved.incident.body.merged.lastAt + quietMilliseconds }]
}

// Names have at most 253 characters (DNS subdomain, RFC 1123); a forged record may contain anything.
const maxField = 253

function lineFields({ record, event, target, incident, rule, milliseconds, ...outcome }: RecordOutcome): LogFields {
  const { topic, partition, offset } = record
  return {
    topic,
    partition,
    offset,
    event: event ? `${shown(event.namespace)}/${shown(event.name)}` : null,
    ...(event ? { reason: shown(event.reason), kind: shown(event.involvedObject.kind) } : {}),
    chat: target?.name ?? null,
    ...(incident === undefined ? {} : { incident: shortId(incident) }),
    ...(rule === undefined ? {} : { rule }),
    ...(event && outcome.outcome !== 'skipped' && event.message.length > longMessage
      ? { eventMessage: clip(tidy(event.message), maxMessage) }
      : {}),
    ...outcome,
    ms: milliseconds,
  }
}

// A card may show less of it.
const longMessage = 1_000
const maxMessage = 20_000

/** Without control characters for terminals, and without characters that would hide a secret from the log's redaction. */
function shown(text: string): string {
  return clip(tidyBeginning(text, 10 * maxField), maxField)
}

/** In the order in which they first occur. */
function endedOf(outcomes: readonly RecordOutcome[]): Ended[] {
  const ended = new Map<string, Ended>()
  for (const { outcome, why } of outcomes) {
    const one = ended.get(`${outcome}: ${why}`) ?? { outcome, why, records: 0 }
    one.records += 1
    ended.set(`${outcome}: ${why}`, one)
  }
  return [...ended.values()]
}

/** How many records each rule suppressed. */
function suppressedByRule(outcomes: RecordOutcome[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const one of outcomes)
    if (one.rule !== undefined && one.outcome === 'skipped' && isSuppressed(one))
      counts[one.rule] = (counts[one.rule] ?? 0) + 1
  return counts
}

/** How late the oldest event was shown: from its own time until now. */
function oldestSent(outcomes: RecordOutcome[], now: number): { OldestSent?: number } {
  const times = outcomes.flatMap(({ event, outcome }) =>
    outcome === 'sent' && event?.at !== undefined ? [event.at] : [],
  )
  if (times.length === 0) return {}
  return {
    OldestSent: secondsSince(
      times.reduce((a, b) => Math.min(a, b)),
      now,
    ),
  }
}

function secondsSince(time: number, now: number): number {
  return Math.max(0, Math.round((now - time) / 1_000))
}
