import { type AwsAccess, callAws } from '../../lib/adapters/aws/request.ts'
import { systemClock } from '../../lib/adapters/clock.ts'
import type { NewState } from './scenarios.ts'
import { tableDefinition } from './table.ts'

/** Tables named after `prefix`, a new one each time, in the emulated AWS. */
export function newTables(access: AwsAccess, prefix: string): NewState {
  let tables = 0
  const ask = async (operation: string, body: object) => {
    const call = { service: 'dynamodb', target: `DynamoDB_20120810.${operation}`, version: '1.0', body } as const
    await callAws(call, access, systemClock)
  }
  return async () => {
    tables += 1
    const TableName = `${prefix}-${tables}`
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
}
