import type { MSKEvent, SelfManagedKafkaEvent } from 'aws-lambda'
import { start } from '../lib/app/app.ts'
import { lambdaHandler } from './lambda-handler.ts'

const app = start()
// Every invocation throws what is wrong with the configuration. Without a warm-up the first one only takes longer.
app.then(({ warmUp }) => warmUp()).catch(() => {})

/** Lambda on a Kafka event source. As long as the function in serverless.yml. */
export const handler = lambdaHandler(
  app,
  300_000,
  ({ notify }, event: MSKEvent | SelfManagedKafkaEvent, milliseconds) => notify(event, milliseconds),
)
