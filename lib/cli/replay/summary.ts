import { isoTime } from '../../core/event/time.ts'
import type { RecordedBatch } from '../recording.ts'
import { formatCount, plural } from '../terminal.ts'
import type { Driven } from './drive.ts'
import type { Counts } from './tally.ts'

export interface ReplaySummary extends Omit<Counts, 'warnings'>, Driven {
  records: number
  batches: number
  /** Undefined if unknown. */
  messages?: number
  /** By Telegram's description. */
  refused?: Record<string, number>
  /** From the first batch of the recording to the last. */
  recordedMinutes: number
  /** Until nothing was due, or the time was over. */
  minutes: number
}

/** The summary of a run that began at `startedAt` and ended at `now`. */
export function summarise(
  batches: readonly RecordedBatch[],
  { startedAt, now, counts, driven }: { startedAt: number; now: number; counts: Counts; driven: Driven },
): ReplaySummary {
  const { warnings: _, ...counted } = counts
  const times = batches.flatMap(({ at }) => at ?? [])
  const minutes = (from = 0, to = 0) => Math.round((to - from) / 60_000)
  return {
    records: batches.reduce((sum, { size }) => sum + size, 0),
    batches: batches.length,
    recordedMinutes: minutes(times[0], times.at(-1)),
    minutes: minutes(startedAt, now),
    ...counted,
    ...driven,
  }
}

/** The result of a replay in a few lines. */
export function renderReplaySummary(summary: ReplaySummary): string {
  const { records, batches, recordedMinutes, minutes, incidents, messages, requests, edits, refused = {} } = summary
  const refusals = Object.entries(refused).map(([said, count]) => `${formatCount(count)} × ${said}`)
  const shown = messages === undefined ? '' : ` in ${plural(messages, 'message')}`
  return [
    `${plural(records, 'record')} in ${plural(batches, 'batch', 'batches')}; ${batches > 1 ? `${duration(recordedMinutes)} of recording, ` : ''}finished after ${duration(minutes)}`,
    ...outcomeLines(summary),
    `${plural(incidents, 'incident')}${shown}; ${plural(requests, 'request')} to Telegram, including ${plural(edits, 'edit')}`,
    ...(refusals.length > 0 ? [`refused by Telegram: ${refusals.join('; ')}`] : []),
    ...remainder(summary),
  ].join('\n')
}

/** Nothing is pending and nothing is left in Kafka. */
export function isComplete({ pending, undelivered }: ReplaySummary): boolean {
  return pending === 0 && undelivered === 0
}

const outcomes = ['sent', 'skipped', 'pending', 'rejected', 'returned']

function outcomeLines({ outcomes: counted, pending }: ReplaySummary): string[] {
  const rows = Object.entries(counted).map(([name, count]) => [...name.split(': '), count] as [string, string, number])
  return outcomes.flatMap((outcome) => {
    const whys = rows.filter(([name]) => name === outcome).sort((a, b) => b[2] - a[2])
    if (whys.length === 0) return []
    const sum = whys.reduce((total, [, , count]) => total + count, 0)
    const detail = whys.map(([, why, count]) => (whys.length > 1 ? `${why} ${formatCount(count)}` : why)).join(', ')
    const isDelivered = outcome === 'pending' && pending === 0
    return [`  ${outcome.padEnd(9)}${formatCount(sum).padStart(6)}  ${detail}${isDelivered ? '; delivered later' : ''}`]
  })
}

function remainder({ pending, undelivered, nextAt }: ReplaySummary): string[] {
  return [
    ...(pending > 0
      ? [
          `still pending: ${plural(pending, 'incident')}${nextAt === undefined ? '' : `; the next is due at ${isoTime(nextAt).slice(11, 19)} UTC`}`,
        ]
      : []),
    ...(undelivered > 0
      ? [`still in Kafka: ${plural(undelivered, 'record')}, because Telegram did not accept them in time`]
      : []),
  ]
}

function duration(minutes: number): string {
  if (minutes < 120) return plural(minutes, 'minute')
  const hours = Math.round(minutes / 60)
  return hours < 48 ? plural(hours, 'hour') : plural(Math.round(hours / 24), 'day')
}
