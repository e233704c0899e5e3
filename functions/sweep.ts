import middy from '@middy/core'
import type { Context } from 'aws-lambda'
import { loadConfig } from '../lib/config/load.ts'
import type { SweepReport } from '../lib/sweep.ts'
import { wire } from '../lib/wire.ts'

const { sweep, log } = wire(loadConfig())

// Without Lambda's context, as in a script: as long as the function in serverless.yml.
const defaultMilliseconds = 60_000

/** Lambda on a schedule, once a minute: pays what invocations of notify have left owed. Takes any event. */
export const handler = middy<unknown, SweepReport>()
  .onError(({ error }) => {
    // Nothing may be returned here: middy would take it for the answer, and the failure would not count as one.
    log.error('invocation failed', { error: error?.message, stack: error?.stack })
  })
  .handler((_, context: Partial<Context>) => sweep(context.getRemainingTimeInMillis?.() ?? defaultMilliseconds))
