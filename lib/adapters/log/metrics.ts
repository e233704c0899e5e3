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
  { Name: 'PossibleRepeats', Unit: 'Count' },
  { Name: 'PendingIncidents', Unit: 'Count' },
  { Name: 'OldestPending', Unit: 'Seconds' },
  { Name: 'OldestSent', Unit: 'Seconds' },
] as const

export type Measured = Partial<Record<(typeof metrics)[number]['Name'], number>>

/** The metrics as fields of a log line. In Lambda, `_aws` makes CloudWatch read them (CloudWatch Embedded Metric Format specification). */
export function metricFields(measured: Measured, functionName: string | undefined, now: number): Fields {
  if (functionName === undefined) return measured
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
