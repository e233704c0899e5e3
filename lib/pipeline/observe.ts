import type { Fields, Log } from '../adapters/log/log.ts'
import { metricFields } from '../adapters/log/metrics.ts'
import type { KafkaRecord } from '../core/event/record.ts'
import { shortId } from '../core/incident/key.ts'
import { clip } from '../core/message/text/clip.ts'
import { tidy, tidyBeginning } from '../core/message/text/tidy.ts'
import { isSuppressed, type Outcome, type Settled } from '../core/outcome.ts'
import { deadLetter } from './dead-letters.ts'
import type { Report } from './deliver/deliver.ts'
import type { Ended, Meter, MeteredBatch } from './meter.ts'

interface BatchReport extends Report {
  settled: Settled[]
  /** Rejected records that are safe in the state's deadLetters. */
  deadLetter: Set<Settled>
  isBatchItemFailure: (record: KafkaRecord) => boolean
  records: number
  open: MeteredBatch['open']
  /** Milliseconds since the epoch. */
  startedAt: number
  now: number
}

/** One line for each record and target, one for what an operator should mend, and one summary that carries the metrics. */
export function observeBatch(
  {
    settled,
    deadLetter: safe,
    isBatchItemFailure,
    records,
    requests,
    edits,
    rateLimited,
    reclaimed,
    notices,
    open,
    startedAt,
    now,
  }: BatchReport,
  { log, redact, functionName, meter }: BatchDependencies,
) {
  for (const item of settled) {
    const fields = { ...lineFields(item), ...(isBatchItemFailure(item.record) ? { batchItemFailure: true } : {}) }
    if (item.result.outcome === 'rejected')
      log.error('record', {
        ...fields,
        ...(safe.has(item) ? { deadLetter: true } : deadLetter(item.record.value, redact)),
      })
    else if (item.result.outcome === 'returned') log.warn('record', fields)
    else log.info('record', fields)
  }
  for (const notice of notices) log.warn(notice)
  const ended = endedOf(settled)
  const count = (outcome: Outcome) => ended.reduce((sum, one) => (one.outcome === outcome ? sum + one.records : sum), 0)
  const measured = {
    Records: records,
    Sent: count('sent'),
    Skipped: count('skipped'),
    Rejected: count('rejected'),
    Pending: count('pending'),
    Returned: count('returned'),
    Requests: requests,
    Edits: edits,
    RateLimited: rateLimited,
    PossibleRepeats: reclaimed,
    ...oldestSent(settled, now),
  }
  const rules = suppressed(settled)
  log.always('batch', {
    ...metricFields(measured, functionName, now),
    why: Object.fromEntries(ended.map(({ outcome, why, records }) => [`${outcome}: ${why}`, records])),
    ...(Object.keys(rules).length > 0 ? { suppressed: rules } : {}),
    ms: now - startedAt,
  })
  const counts = { requests, edits, rateLimited, reclaimed }
  meter.batch({ ended, open, ...counts, milliseconds: now - startedAt, now })
}

interface BatchDependencies {
  log: Log
  redact: (text: string) => string
  functionName: string | undefined
  meter: Meter
}

interface SweepReport extends Report {
  items: { incident: { key: string }; target: { name: string } }[]
  /** Incidents that still owe something, and since when, in ms since the epoch; undefined if there was no time to count. */
  left: { count: number; since: number | undefined } | undefined
  startedAt: number
  now: number
}

/** One line for each incident that was paid (LOG_LEVEL=debug: or looked at), and one summary that carries the metrics. */
export function observeSweep(
  { ends, requests, edits, rateLimited, reclaimed, notices, items, left, startedAt, now }: SweepReport,
  { log, functionName, meter }: Omit<BatchDependencies, 'redact'>,
) {
  const whys: Record<string, number> = {}
  for (const { incident, target } of items) {
    const end = ends.get(incident.key)
    if (!end) continue
    const { outcome, why } = end.result
    whys[`${outcome}: ${why}`] = (whys[`${outcome}: ${why}`] ?? 0) + 1
    log[outcome === 'pending' ? 'debug' : 'info']('incident', {
      incident: shortId(incident.key),
      chat: target.name,
      ...end.result,
      ms: end.milliseconds,
    })
  }
  for (const notice of notices) log.warn(notice)
  const measured = {
    ...(left && { PendingIncidents: left.count, OldestPending: secondsSince(left.since ?? now, now) }),
    Requests: requests,
    Edits: edits,
    RateLimited: rateLimited,
    PossibleRepeats: reclaimed,
  }
  log.always('sweep', { ...metricFields(measured, functionName, now), why: whys, ms: now - startedAt })
  const hasDelivered = [...ends.values()].some(({ result }) => result.outcome === 'sent')
  meter.sweep({ requests, edits, rateLimited, reclaimed, hasDelivered, now })
}

// Names have at most 253 characters (DNS subdomain, RFC 1123); a forged record may say anything.
const maxField = 253

function lineFields({ record, event, target, incident, rule, result, milliseconds }: Settled): Fields {
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
    ...(event && result.outcome !== 'skipped' && event.message.length > longMessage
      ? { eventMessage: clip(tidy(event.message), maxMessage) }
      : {}),
    ...result,
    ms: milliseconds,
  }
}

// A card may show less of it.
const longMessage = 1_000
const maxMessage = 20_000

/** Without what acts on terminals, or would hide a secret from the log's own mask. */
function shown(text: string): string {
  return clip(tidyBeginning(text, 10 * maxField), maxField)
}

/** In the order in which they first occur. */
function endedOf(settled: readonly Settled[]): Ended[] {
  const ended = new Map<string, Ended>()
  for (const { result } of settled) {
    const { outcome, why } = result
    const one = ended.get(`${outcome}: ${why}`) ?? { outcome, why, records: 0 }
    one.records += 1
    ended.set(`${outcome}: ${why}`, one)
  }
  return [...ended.values()]
}

/** How many records which rule held back. */
function suppressed(settled: Settled[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { rule, result } of settled)
    if (rule !== undefined && result.outcome === 'skipped' && isSuppressed(result))
      counts[rule] = (counts[rule] ?? 0) + 1
  return counts
}

/** How late the oldest event was shown: from its own time until now. */
function oldestSent(settled: Settled[], now: number): { OldestSent?: number } {
  const times = settled.flatMap(({ event, result }) =>
    result.outcome === 'sent' && event?.at !== undefined ? [event.at] : [],
  )
  if (times.length === 0) return {}
  return { OldestSent: Math.max(0, Math.round((now - times.reduce((a, b) => Math.min(a, b))) / 1_000)) }
}

function secondsSince(time: number, now: number): number {
  return Math.max(0, Math.round((now - time) / 1_000))
}
