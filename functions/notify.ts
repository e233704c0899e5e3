import middy from '@middy/core'
import type { Context, MSKEvent, SelfManagedKafkaEvent } from 'aws-lambda'
import { loadConfig } from '../lib/config/load.ts'
import type { KafkaBatchResponse } from '../lib/outcome.ts'
import { wire } from '../lib/wire.ts'

const { notify, log } = wire(loadConfig())

// Without Lambda's context, as in a script: as long as the function in serverless.yml.
const defaultMilliseconds = 300_000

/**
 * Lambda on a Kafka event source. middy's own early timeout (5 ms before Lambda's) stays as a net under the batch's earlier deadline:
 * it would throw the answer away.
 */
export const handler = middy<MSKEvent | SelfManagedKafkaEvent, KafkaBatchResponse>()
  .onError(({ error }) => {
    // Nothing may be returned here: middy would take it for the answer, and Lambda would commit what failed.
    log.error('invocation failed', { error: error?.message, stack: error?.stack })
  })
  .handler((event, context: Partial<Context>) =>
    notify(event, context.getRemainingTimeInMillis?.() ?? defaultMilliseconds),
  )
