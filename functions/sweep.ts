import middy from '@middy/core'
import type { Context } from 'aws-lambda'
import { start } from '../lib/app/app.ts'
import type { SweepResult } from '../lib/pipeline/sweep.ts'

const app = start()
// What is wrong with the configuration is thrown by every invocation.
app.catch(() => {})

// Without Lambda's context, as in a script: as long as the function in serverless.yml.
const defaultMilliseconds = 60_000

/** Lambda on a schedule, once a minute: delivers what invocations of notify have left pending. Accepts any event. */
export const handler = middy<unknown, SweepResult>()
  .onError(async ({ error }) => {
    // Nothing may be returned here: middy would take it for the answer, and the failure would not count as one.
    const { log } = (await app.catch(() => undefined)) ?? {}
    log?.error('invocation failed', { error: error?.message, stack: error?.stack })
  })
  .handler(async (_, context: Partial<Context>) => {
    const { sweep } = await app
    return sweep(context.getRemainingTimeInMillis?.() ?? defaultMilliseconds)
  })
