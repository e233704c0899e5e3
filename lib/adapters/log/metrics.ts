import type { Fields } from './log.ts'

const metrics = [
  { Name: 'Records', Unit: 'Count' },
  { Name: 'Sent', Unit: 'Count' },
  { Name: 'Skipped', Unit: 'Count' },
  { Name: 'Rejected', Unit: 'Count' },
  { Name: 'Pending', Unit: 'Count' },
  { Name: 'Returned', Unit: 'Count' },
  { Name: 'Requests', Unit: 'Count' },
  { Name: 'Edits', Unit: 'Count' },
  { Name: 'RateLimited', Unit: 'Count' },
  { Name: 'Reclaimed', Unit: 'Count' },
  { Name: 'StillPending', Unit: 'Count' },
  { Name: 'OldestPending', Unit: 'Seconds' },
  { Name: 'OldestSent', Unit: 'Seconds' },
] as const

export type Measured = Partial<Record<(typeof metrics)[number]['Name'], number>>

/** The fields that make CloudWatch read metrics out of a log line (CloudWatch Embedded Metric Format specification). */
export function metricFields(measured: Measured, functionName: string, now: number): Fields {
  return {
    _aws: {
      Timestamp: now,
      CloudWatchMetrics: [
        {
          Namespace: 'KubeEventerTelegram',
          Dimensions: [['FunctionName']],
          Metrics: metrics.filter(({ Name }) => measured[Name] !== undefined),
        },
      ],
    },
    FunctionName: functionName,
    ...measured,
  }
}
