import middy from '@middy/core'
import type { Context, MSKEvent, SelfManagedKafkaEvent } from 'aws-lambda'
import { start } from '../lib/app/app.ts'
import type { KafkaBatchResponse } from '../lib/pipeline/ports.ts'

const app = start()
// Every invocation throws what is wrong with the configuration. Without a warm-up the first one only takes longer.
app.then(({ warmUp }) => warmUp()).catch(() => {})

// Without Lambda's context, as in a script: as long as the function in serverless.yml.
const defaultMilliseconds = 300_000

/**
 * Lambda on a Kafka event source. middy's own early timeout (5 ms before Lambda's) stays as a net under the batch's earlier deadline:
 * it would throw the answer away.
 */
export const handler = middy<MSKEvent | SelfManagedKafkaEvent, KafkaBatchResponse>()
  .onError(async ({ error }) => {
    // Nothing may be returned here: middy would take it for the answer, and Lambda would commit what failed.
    const { log } = (await app.catch(() => undefined)) ?? {}
    log?.error('invocation failed', { error: error?.message, stack: error?.stack })
  })
  .handler(async (event, context: Partial<Context>) => {
    const { notify } = await app
    return notify(event, context.getRemainingTimeInMillis?.() ?? defaultMilliseconds)
  })
