/** The table of lib/adapters/store/dynamodb-layout.ts, as in CreateTable and in AWS::DynamoDB::Table. */
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

/** Part of the table in CloudFormation, but a call of its own in the API (UpdateTimeToLive). */
export const timeToLive = { AttributeName: 'timeToLive', Enabled: true }
