import type { Settings } from '../settings/settings.ts'

/** The value of FAILURE_MODE, and the properties of a mapping that must match it. */
interface Delivery {
  failureMode: 'partial' | 'throw'
  mapping(settings: Settings): Record<string, unknown>
}

// With a destination AWS would apply this number to infinite retries (AWS Lambda Developer Guide, Configuring error handling controls for Kafka).
const retriesWithDestination = 10

/**
 * How failed records are retried: one switch for both the event source and the function's response. Without provisioned pollers AWS ignores
 * batchItemFailures and commits the offsets, so failed records would be lost.
 */
export const deliveries: Record<Settings['delivery'], Delivery> = {
  /** Provisioned pollers (billed by the hour): the function names the failed records, and only those are retried. */
  provisioned: {
    failureMode: 'partial',
    mapping: (settings) => ({
      // One poller reads 5 MB a second, and a chat takes only 20 messages a minute.
      ProvisionedPollerConfig: {
        MinimumPollers: settings.minimumPollers,
        MaximumPollers: settings.maximumPollers,
        ...(settings.pollerGroup ? { PollerGroupName: settings.pollerGroup } : {}),
      },
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      BisectBatchOnFunctionError: true,
      // Without a destination retry forever: after any number of retries an hour without Telegram would lose records.
      MaximumRetryAttempts: settings.maximumRetries ?? (settings.onFailure ? retriesWithDestination : -1),
      MaximumRecordAgeInSeconds: settings.maximumRecordAgeSeconds ?? -1,
      MetricsConfig: { Metrics: ['EventCount', 'ErrorCount', 'KafkaMetrics'] },
      LoggingConfig: { SystemLogLevel: 'WARN' },
      ...(settings.onFailure ? { DestinationConfig: { OnFailure: { Destination: settings.onFailure } } } : {}),
    }),
  },
  /** AWS's shared pollers, free of charge: any failed record fails the invocation, and AWS retries the whole batch until it succeeds. */
  'on-demand': { failureMode: 'throw', mapping: () => ({}) },
}
