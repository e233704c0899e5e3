import middy from '@middy/core'
import type { Context } from 'aws-lambda'
import { type App, start } from '../lib/app/app.ts'

/**
 * A handler for Lambda. If the app cannot be started, each invocation tries again: rules in AWS may be right by then. `defaultMilliseconds` is its
 * time without Lambda's context, as in a script. middy's own early timeout (5 ms before Lambda's) stays as a net under the program's earlier
 * deadline: it throws the answer away.
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
  return async (event: Event, context: Partial<Context> = {}): Promise<Answer> => {
    app = app.catch(() => start())
    const { log } = await app
    // Around middy, whose early timeout is logged as well.
    return log.withRequestId(context.awsRequestId, () => invocation(event, context as Context))
  }
}
