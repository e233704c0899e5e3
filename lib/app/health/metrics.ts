import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { Meter, MeteredRequests } from '../../pipeline/ports.ts'

/** What is read at the time of a scrape. Times are milliseconds since the epoch. */
export interface Measurements {
  now: number
  isInGroup: boolean
  lags: { topic: string; partition: number; records: number; seconds: number }[]
  /** Undefined: the store could not be read. */
  pending: { count: number; since: number | undefined } | undefined
  /** In the chat with the most. */
  slotsInUse: number | undefined
}

export interface Metrics extends Meter {
  /** In Prometheus's text format. */
  render(measurements: Measurements): Promise<string>
}

const prefix = 'kube_eventer_telegram_'
const mostOpen = 50_000

/** The worker's metrics. Rules, chats and namespaces are not labels, since there may be thousands of them. */
export function openMetrics(version: string): Metrics {
  const registry = new Registry()
  const registers = [registry]
  const counter = <Label extends string>(name: string, help: string, labelNames: Label[] = []) =>
    new Counter({ name: `${prefix}${name}`, help, labelNames, registers })
  const gauge = <Label extends string>(name: string, help: string, labelNames: Label[] = []) =>
    new Gauge({ name: `${prefix}${name}`, help, labelNames, registers })

  const outcomes = counter('outcomes_total', 'Outcomes of records, one per target', ['outcome', 'why'])
  const requests = counter('requests_total', 'Requests to Telegram that send or edit a message')
  const edits = counter('edits_total', 'Requests to Telegram that edit a message')
  const rateLimited = counter('rate_limited_total', 'Requests that Telegram answered with 429')
  const possibleRepeats = counter(
    'possible_repeats_total',
    'Messages sent again because the first request got no answer',
  )
  const batches = new Histogram({
    name: `${prefix}batch_duration_seconds`,
    help: 'Time to process a batch',
    buckets: [0.01, 0.05, 0.25, 1, 5, 15, 30],
    registers,
  })
  const lastDelivery = gauge('last_delivery_timestamp_seconds', 'Time of the last message sent or edited')
  const isInGroup = gauge('in_group', '1 while this worker is a member of the consumer group, else 0')
  const lagRecords = gauge('lag_records', 'Records in the partition that are not processed yet', ['topic', 'partition'])
  const lagSeconds = gauge('lag_seconds', 'Age of the last processed record while others wait, else 0', [
    'topic',
    'partition',
  ])
  const pending = gauge('pending_incidents', 'Incidents in the store with a message to send or edit')
  const oldestPending = gauge('oldest_pending_seconds', 'How long the oldest pending incident has been pending')
  const slots = gauge(
    'rate_limit_slots_in_use',
    'Slots in use of the 20 requests a minute that Telegram allows, in the busiest chat',
  )
  const openIncidents = gauge('open_incidents', 'Open incidents that this process has seen')
  gauge('info', 'Version of the program', ['version']).set({ version }, 1)
  collectDefaultMetrics({ register: registry })
  const open = new Map<string, number>()

  function count(counts: MeteredRequests) {
    requests.inc(counts.requests)
    edits.inc(counts.edits)
    rateLimited.inc(counts.rateLimited)
    possibleRepeats.inc(counts.possibleRepeats)
  }

  return {
    batch({ ended, open: opened, milliseconds, now, ...counts }) {
      for (const { outcome, why, records } of ended) outcomes.inc({ outcome, why }, records)
      for (const { key, until } of opened.slice(0, mostOpen - open.size)) open.set(key, until)
      count(counts)
      if (ended.some(({ outcome }) => outcome === 'sent')) lastDelivery.set(now / 1_000)
      batches.observe(milliseconds / 1_000)
    },
    sweep({ hasDelivered, now, ...counts }) {
      count(counts)
      if (hasDelivered) lastDelivery.set(now / 1_000)
    },
    render({ now, ...measured }) {
      isInGroup.set(measured.isInGroup ? 1 : 0)
      for (const one of [lagRecords, lagSeconds]) one.reset()
      for (const { topic, partition, records, seconds } of measured.lags) {
        lagRecords.set({ topic, partition }, records)
        lagSeconds.set({ topic, partition }, seconds)
      }
      if (measured.pending) {
        pending.set(measured.pending.count)
        oldestPending.set(
          measured.pending.since === undefined ? 0 : Math.max(0, (now - measured.pending.since) / 1_000),
        )
      }
      if (measured.slotsInUse !== undefined) slots.set(measured.slotsInUse)
      for (const [key, until] of open) if (until < now) open.delete(key)
      openIncidents.set(open.size)
      return registry.metrics()
    },
  }
}
