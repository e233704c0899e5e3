import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { Meter, MeteredRequests } from '../../pipeline/meter.ts'

/** What is looked up when somebody asks. Times are milliseconds since the epoch. */
export interface Looked {
  now: number
  isInGroup: boolean
  lags: { topic: string; partition: number; records: number; seconds: number }[]
  /** Undefined: the state could not be read. */
  pending: { count: number; since: number | undefined } | undefined
  /** Of the chat with the most. */
  slotsInUse: number | undefined
}

export interface Metrics extends Meter {
  /** In Prometheus' text format. */
  render(looked: Looked): Promise<string>
}

const prefix = 'kube_eventer_telegram_'
const mostOpen = 50_000

/** Counts what the worker does. Rules, chats and namespaces are no labels: there may be thousands. */
export function openMetrics(version: string): Metrics {
  const registry = new Registry()
  const registers = [registry]
  const counter = <Label extends string>(name: string, help: string, labelNames: Label[] = []) =>
    new Counter({ name: `${prefix}${name}`, help, labelNames, registers })
  const gauge = <Label extends string>(name: string, help: string, labelNames: Label[] = []) =>
    new Gauge({ name: `${prefix}${name}`, help, labelNames, registers })

  const outcomes = counter('outcomes_total', 'Outcomes of records, one for each target', ['outcome', 'why'])
  const requests = counter('requests_total', 'Requests to Telegram that send or edit')
  const edits = counter('edits_total', 'Those of them that edit')
  const rateLimited = counter('rate_limited_total', 'Those that Telegram answered with 429')
  const reclaimed = counter('reclaimed_total', 'Messages sent with the mark of a possible repeat')
  const batches = new Histogram({
    name: `${prefix}batch_seconds`,
    help: 'How long batches took',
    buckets: [0.01, 0.05, 0.25, 1, 5, 15, 30],
    registers,
  })
  const lastDelivery = gauge('last_delivery_timestamp_seconds', 'When a message was last sent or edited')
  const isInGroup = gauge('in_group', '1 while it is a member of the consumer group')
  const lagRecords = gauge('lag_records', 'Records that wait in a partition', ['topic', 'partition'])
  const lagSeconds = gauge('lag_seconds', 'Age of the last record done while others wait', ['topic', 'partition'])
  const pending = gauge('pending_incidents', 'Incidents that are kept and not shown yet')
  const oldestPending = gauge('oldest_pending_seconds', 'Since when the oldest of them is pending')
  const slots = gauge('slots_in_use', 'Of the 20 requests a minute that Telegram allows, in the chat with the most')
  const openIncidents = gauge('open_incidents', 'Incidents of this process whose quiet time is not over')
  gauge('info', 'The version of the program', ['version']).set({ version }, 1)
  collectDefaultMetrics({ register: registry })
  const open = new Map<string, number>()

  function count(counts: MeteredRequests) {
    requests.inc(counts.requests)
    edits.inc(counts.edits)
    rateLimited.inc(counts.rateLimited)
    reclaimed.inc(counts.reclaimed)
  }

  return {
    batch({ ended, open: touched, milliseconds, now, ...counts }) {
      for (const { outcome, why, records } of ended) outcomes.inc({ outcome, why }, records)
      for (const { key, until } of touched.slice(0, mostOpen - open.size)) open.set(key, until)
      count(counts)
      if (ended.some(({ outcome }) => outcome === 'sent')) lastDelivery.set(now / 1_000)
      batches.observe(milliseconds / 1_000)
    },
    sweep({ hasDelivered, now, ...counts }) {
      count(counts)
      if (hasDelivered) lastDelivery.set(now / 1_000)
    },
    render({ now, ...looked }) {
      isInGroup.set(looked.isInGroup ? 1 : 0)
      for (const one of [lagRecords, lagSeconds]) one.reset()
      for (const { topic, partition, records, seconds } of looked.lags) {
        lagRecords.set({ topic, partition }, records)
        lagSeconds.set({ topic, partition }, seconds)
      }
      if (looked.pending) {
        pending.set(looked.pending.count)
        oldestPending.set(looked.pending.since === undefined ? 0 : Math.max(0, (now - looked.pending.since) / 1_000))
      }
      if (looked.slotsInUse !== undefined) slots.set(looked.slotsInUse)
      for (const [key, until] of open) if (until < now) open.delete(key)
      openIncidents.set(open.size)
      return registry.metrics()
    },
  }
}
