import { type AwsAccess, callAws } from '../../lib/adapters/aws/request.ts'
import { systemClock } from '../../lib/adapters/clock.ts'
import type { NewState } from './scenarios.ts'
import { tableDefinition } from './table.ts'

export function callDynamodb(operation: string, body: object, access: AwsAccess): Promise<unknown> {
  const call = { service: 'dynamodb', target: `DynamoDB_20120810.${operation}`, version: '1.0', body } as const
  return callAws(call, access, systemClock)
}

/** Creates a new table each time in the emulated AWS, whose name begins with `prefix`. */
export function newTables(access: AwsAccess, prefix: string): NewState {
  let tables = 0
  return async () => {
    tables += 1
    const TableName = `${prefix}-${tables}`
    await callDynamodb('CreateTable', { TableName, ...tableDefinition }, access)
    const { region, accessKeyId, secretAccessKey, endpoint = '' } = access
    return {
      environment: {
        STATE: `dynamodb:${TableName}`,
        AWS_REGION: region,
        AWS_ACCESS_KEY_ID: accessKeyId,
        AWS_SECRET_ACCESS_KEY: secretAccessKey,
        AWS_ENDPOINT_URL: endpoint,
      },
      async remove() {
        await callDynamodb('DeleteTable', { TableName }, access)
      },
    }
  }
}
