import middy from '@middy/core'
import type { Context } from 'aws-lambda'
import { type App, start } from '../lib/app/app.ts'
import { requestIds } from '../lib/app/request-ids.ts'

/**
 * A handler for Lambda. If the app cannot be started, each invocation tries again, because rules in AWS may be right by then. The program ends an
 * invocation in time by itself. middy's own time-out, 5 ms before Lambda's, is only a net: it throws the answer away. `defaultMilliseconds` is the time
 * of an invocation without Lambda's context, as in a script.
 */
export function lambdaHandler<Event, Answer>(
  started: Promise<App>,
  defaultMilliseconds: number,
  run: (app: App, event: Event, milliseconds: number) => Promise<Answer>,
) {
  let app = started
  const invocation = middy<Event, Answer>()
    .onError(async ({ error }) => {
      // Nothing may be returned here: middy would take it for the answer, and Lambda would count the failure as a success.
      const { log } = await app
      log.error('invocation failed', { error: error?.message, stack: error?.stack })
    })
    .handler(async (event, context: Partial<Context>) =>
      run(await app, event, context.getRemainingTimeInMillis?.() ?? defaultMilliseconds),
    )
  return (event: Event, context: Partial<Context> = {}): Promise<Answer> =>
    // Around middy, whose time-out is logged as well.
    requestIds.run(context.awsRequestId, async () => {
      app = app.catch(() => start())
      await app
      return invocation(event, context as Context)
    })
}
