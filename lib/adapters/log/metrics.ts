import { type LogFields, type Measured, metrics } from '../../pipeline/ports.ts'

/** The metrics as fields of a log line. In Lambda, `_aws` makes CloudWatch read them (CloudWatch Embedded Metric Format specification). */
export function metricFields(measured: Measured, functionName: string | undefined, now: number): LogFields {
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
