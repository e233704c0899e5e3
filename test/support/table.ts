/** The table of lib/adapters/store/dynamodb-layout.ts, in the words that CreateTable and AWS::DynamoDB::Table share. */
export const tableDefinition = {
  AttributeDefinitions: [
    { AttributeName: 'key', AttributeType: 'S' },
    { AttributeName: 'list', AttributeType: 'S' },
    { AttributeName: 'sort', AttributeType: 'N' },
  ],
  KeySchema: [{ AttributeName: 'key', KeyType: 'HASH' }],
  GlobalSecondaryIndexes: [
    {
      IndexName: 'by-list',
      KeySchema: [
        { AttributeName: 'list', KeyType: 'HASH' },
        { AttributeName: 'sort', KeyType: 'RANGE' },
      ],
      Projection: {
        ProjectionType: 'INCLUDE',
        NonKeyAttributes: ['pendingSince', 'expiresAt'],
      },
    },
  ],
  BillingMode: 'PAY_PER_REQUEST',
}

/** CloudFormation takes it with the table, the API after it (UpdateTimeToLive). */
export const timeToLive = { AttributeName: 'timeToLive', Enabled: true }
