import { start } from '../lib/app/app.ts'
import { lambdaHandler } from './lambda-handler.ts'

const app = start()
// What is wrong with the configuration is thrown by every invocation.
app.catch(() => {})

/** Lambda on a schedule, once a minute: delivers what invocations of notify have left pending. Accepts any event. As long as in serverless.yml. */
export const handler = lambdaHandler(app, 60_000, ({ sweep }, _: unknown, milliseconds) => sweep(milliseconds))
