import { inject } from 'vitest'
import { callAws } from '../lib/aws/request.ts'
import { systemClock } from '../lib/clock.ts'
import { sharedStateScenarios } from './support/scenarios.ts'
import { tableDefinition } from './support/table.ts'

const aws = inject('aws')
let tables = 0

sharedStateScenarios('DynamoDB', async () => {
  tables += 1
  const table = `shared-${tables}`
  const call = (operation: string, body: object) =>
    callAws(
      {
        service: 'dynamodb',
        target: `DynamoDB_20120810.${operation}`,
        version: '1.0',
        body: { TableName: table, ...body },
      },
      aws,
      systemClock,
    )
  await call('CreateTable', tableDefinition)
  return {
    environment: {
      STATE: `dynamodb:${table}`,
      AWS_REGION: aws.region,
      AWS_ACCESS_KEY_ID: aws.accessKeyId,
      AWS_SECRET_ACCESS_KEY: aws.secretAccessKey,
      AWS_ENDPOINT_URL: aws.endpoint ?? '',
    },
    remove: async () => {
      await call('DeleteTable', {})
    },
  }
})
