import type { KafkaRecord } from '../event/record.ts'
import { clip } from '../format/clip.ts'
import type { Outcome, Settled } from '../outcome.ts'
import type { Fields, Log } from './log.ts'
import { metricFields } from './metrics.ts'
import { quarantined } from './quarantine.ts'

interface BatchReport {
  settled: Settled[]
  isReturned: (record: KafkaRecord) => boolean
  records: number
  requests: number
  rateLimited: number
  notices: string[]
  /** Milliseconds since the epoch. */
  startedAt: number
  now: number
}

/** One line for each record and target, one for what an operator should mend, and one summary that carries the metrics. */
export function observeBatch(
  { settled, isReturned, records, requests, rateLimited, notices, startedAt, now }: BatchReport,
  { log, redact, functionName }: { log: Log; redact: (text: string) => string; functionName: string },
) {
  for (const item of settled) {
    const fields = { ...lineFields(item), ...(isReturned(item.record) ? { returned: true } : {}) }
    if (item.result.outcome === 'rejected')
      log.error('record', { ...fields, ...quarantined(item.record.value, redact) })
    else if (item.result.outcome === 'deferred') log.warn('record', fields)
    else log.info('record', fields)
  }
  for (const notice of notices) log.warn(notice)
  const count = (outcome: Outcome) => settled.filter(({ result }) => result.outcome === outcome).length
  const measured = {
    Records: records,
    Sent: count('sent'),
    Skipped: count('skipped'),
    Rejected: count('rejected'),
    Deferred: count('deferred'),
    Requests: requests,
    RateLimited: rateLimited,
    ...oldestSent(settled, now),
  }
  log.always('batch', { ...metricFields(measured, functionName, now), why: whys(settled), ms: now - startedAt })
}

// Namespace and name have at most 253 characters each; a forged record may say anything.
const maxField = 507

function lineFields({ record, event, target, result, milliseconds }: Settled): Fields {
  const { topic, partition, offset } = record
  return {
    topic,
    partition,
    offset,
    event: event ? clip(`${event.namespace}/${event.name}`, maxField) : null,
    ...(event ? { reason: clip(event.reason, maxField), kind: clip(event.involvedObject.kind, maxField) } : {}),
    chat: target?.name ?? null,
    ...result,
    ms: milliseconds,
  }
}

/** How many records ended for which reason. */
function whys(settled: Settled[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { result } of settled) {
    const name = `${result.outcome}: ${result.why}`
    counts[name] = (counts[name] ?? 0) + 1
  }
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
