/** The table of lib/adapters/store/dynamodb-layout.ts, in the words that CreateTable and AWS::DynamoDB::Table share. */
export const tableDefinition = {
  AttributeDefinitions: [
    { AttributeName: 'key', AttributeType: 'S' },
    { AttributeName: 'list', AttributeType: 'S' },
    { AttributeName: 'at', AttributeType: 'N' },
  ],
  KeySchema: [{ AttributeName: 'key', KeyType: 'HASH' }],
  GlobalSecondaryIndexes: [
    {
      IndexName: 'listed',
      KeySchema: [
        { AttributeName: 'list', KeyType: 'HASH' },
        { AttributeName: 'at', KeyType: 'RANGE' },
      ],
      Projection: {
        ProjectionType: 'INCLUDE',
        NonKeyAttributes: ['target', 'severity', 'pendingSince', 'keptUntil'],
      },
    },
  ],
  BillingMode: 'PAY_PER_REQUEST',
}

/** CloudFormation takes it with the table, the API after it (UpdateTimeToLive). */
export const timeToLive = { AttributeName: 'expiresAt', Enabled: true }
