import { inject } from 'vitest'
import { callAws } from '../lib/aws/request.ts'
import { systemClock } from '../lib/clock.ts'
import { killScenarios } from './support/kills.ts'
import type { NewState } from './support/scenarios.ts'
import { tableDefinition } from './support/table.ts'

const access = inject('aws')
let tables = 0

async function ask(operation: string, body: object) {
  const call = { service: 'dynamodb', target: `DynamoDB_20120810.${operation}`, version: '1.0', body } as const
  await callAws(call, access, systemClock)
}

const newTable: NewState = async () => {
  tables += 1
  const TableName = `kills-${tables}`
  await ask('CreateTable', { TableName, ...tableDefinition })
  const { region, accessKeyId, secretAccessKey, endpoint = '' } = access
  return {
    environment: {
      STATE: `dynamodb:${TableName}`,
      AWS_REGION: region,
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      AWS_ENDPOINT_URL: endpoint,
    },
    remove: () => ask('DeleteTable', { TableName }),
  }
}

killScenarios('DynamoDB', newTable)
