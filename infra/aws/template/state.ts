import type { Settings } from '../settings/settings.ts'
import { allow, type Fragment, type Statement, type Value } from './fragment.ts'

const table = { arn: { 'Fn::GetAtt': ['StateTable', 'Arn'] }, index: { 'Fn::Sub': `$\{StateTable.Arn}/index/by-list` } }

/** The value of STATE. */
export function stateVariable({ state }: Settings): Value {
  return state === 'dynamodb' ? { 'Fn::Sub': `dynamodb:$\{StateTable}` } : 'memory'
}

/** The memory of one process is not shared: a second one would show the same records again. Undefined: AWS runs as many as it can. */
export function reservedConcurrency({ state }: Settings): number | undefined {
  return state === 'memory' ? 1 : undefined
}

/**
 * The state that all invocations share: incidents, chats with their rate limits, counters of suppressed events, dead letters. Each is one item
 * under its `key`; lib/adapters/store/dynamodb-layout.ts lists the attributes.
 */
export function stateTable(settings: Settings, tableName: Value): Fragment {
  if (settings.state !== 'dynamodb') return { Resources: {} }
  const { tableKeyArn, tableRecovery, tableProtection, retainTable } = settings
  return {
    Resources: {
      StateTable: {
        Type: 'AWS::DynamoDB::Table',
        // By default `serverless remove`, or a switch to STATE=memory, also deletes what is still pending: check the metric PendingIncidents first.
        // If the first deployment fails, CloudFormation also deletes a table that would stay later: its name would be taken for the next one.
        DeletionPolicy: retainTable ? 'RetainExceptOnCreate' : 'Delete',
        // A replacement is empty. What is pending in the old table can still be delivered by a sweep from a laptop.
        UpdateReplacePolicy: 'Retain',
        Properties: {
          // A fixed name, so that STATE can name the table on a laptop, and CloudFormation refuses changes that would replace it.
          TableName: tableName,
          // The load is low for weeks and high for minutes.
          BillingMode: 'PAY_PER_REQUEST',
          AttributeDefinitions: [
            { AttributeName: 'key', AttributeType: 'S' },
            { AttributeName: 'list', AttributeType: 'S' },
            { AttributeName: 'sort', AttributeType: 'N' },
          ],
          KeySchema: [{ AttributeName: 'key', KeyType: 'HASH' }],
          // Items that are due, counters, dead letters and so on are on a list, so the table is never scanned.
          GlobalSecondaryIndexes: [
            {
              IndexName: 'by-list',
              KeySchema: [
                { AttributeName: 'list', KeyType: 'HASH' },
                { AttributeName: 'sort', KeyType: 'RANGE' },
              ],
              Projection: { ProjectionType: 'INCLUDE', NonKeyAttributes: ['pendingSince', 'expiresAt'] },
            },
          ],
          // Pending incidents have none. AWS deletes expired items days late; the program ignores them.
          TimeToLiveSpecification: { AttributeName: 'timeToLive', Enabled: true },
          // Also if they are off: no source says that leaving them out switches them off again.
          PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: tableRecovery },
          DeletionProtectionEnabled: tableProtection,
          ...(tableKeyArn
            ? { SSESpecification: { SSEEnabled: true, SSEType: 'KMS', KMSMasterKeyId: tableKeyArn } }
            : {}),
        },
      },
    },
    Outputs: {
      StateTable: { Description: 'The table with incidents and what is pending', Value: { Ref: 'StateTable' } },
    },
  }
}

export function stateStatements({ state, tableKeyArn }: Settings): Statement[] {
  if (state !== 'dynamodb') return []
  const items = ['BatchGetItem', 'PutItem', 'UpdateItem', 'DeleteItem'].map((name) => `dynamodb:${name}`)
  return [
    allow(items, table.arn),
    allow(['dynamodb:Query'], table.index),
    ...(tableKeyArn ? [allow(['kms:Decrypt'], tableKeyArn)] : []),
  ]
}
