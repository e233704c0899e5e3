import { describe, expect, it } from 'vitest'
import { dynamodbStore } from '../../../lib/adapters/store/dynamodb.ts'
import { layout } from '../../../lib/adapters/store/dynamodb-layout.ts'
import { freshChat } from '../../../lib/core/rate-limit/chat.ts'
import { readDocument, StateUnavailable } from '../../../lib/pipeline/ports.ts'
import { bodyOf, keyOf, leaseOf, suppressed, testClock } from './builders.ts'
import { type Answer, closeTables, hastyClock, startTable } from './scripted-dynamodb.ts'

// Literal answers of DynamoDB. The tests against an emulated one are in dynamodb.aws.ts.

const prefix = 'com.amazonaws.dynamodb.v20120810#'
const refusal = (type: string, message = ''): Answer => [400, { __type: `${prefix}${type}`, message }]

const otherVersion =
  /^the state is not available: DynamoDB table incidents in eu-central-1 was created by another version of this program\. Use a new table, or delete this one if nothing in it is pending/

describe('a refusal by DynamoDB', () => {
  it.each([
    [
      'a missing table',
      refusal('ResourceNotFoundException', 'Requested resource not found'),
      /^the state is not available: DynamoDB table incidents in eu-central-1 does not exist: .*Requested resource not found/,
    ],
    [
      'a role without permission',
      [
        400,
        {
          __type: 'com.amazon.coral.service#AccessDeniedException',
          Message: 'User: arn:aws:sts::1:assumed-role/notify is not authorized to perform: dynamodb:BatchGetItem',
        },
      ],
      /^the state is not available: AWS denies access to DynamoDB table incidents .*not authorized to perform: dynamodb:BatchGetItem/,
    ],
    [
      'expired credentials',
      [400, { __type: 'com.amazon.coral.service#ExpiredTokenException', message: 'The security token is expired' }],
      /^the state is not available: DynamoDB table incidents .*ExpiredTokenException/,
    ],
  ] as [string, Answer, RegExp][])('is an outage without further attempts: %s', async (_, answer, words) => {
    const { asked, store } = await startTable({}, answer)
    const failed = await store.readIncidents([keyOf(1)]).catch((error) => error)
    expect(failed).toBeInstanceOf(StateUnavailable)
    expect(failed.message).toMatch(words)
    expect(asked).toHaveLength(1)
  })

  it('is an outage for documents too, and not a missing document', async () => {
    const { store } = await startTable({}, refusal('ResourceNotFoundException'))
    await expect(store.counters.read(['events-0'])).rejects.toThrow(StateUnavailable)
    await expect(store.counters.save('events-0', suppressed(1), 0, 1)).rejects.toThrow(StateUnavailable)
    await expect(store.counters.list()).rejects.toThrow(StateUnavailable)
    await expect(store.lastSeen.read(['prod'])).rejects.toThrow(StateUnavailable)
    await expect(store.lastSeen.save('prod', { cluster: 'prod', at: 1 }, 0, 1)).rejects.toThrow(StateUnavailable)
    await expect(store.lastSeen.list()).rejects.toThrow(StateUnavailable)
  })

  it.each([
    ['another index', 'The table does not have the specified index: by-list'],
    [
      'another index, in the words of an emulator',
      'Invalid index: by-list for table: incidents. Available indexes are: listed',
    ],
  ])('names the remedy for a table of an earlier version, which has %s', async (_, message) => {
    const { store } = await startTable({}, refusal('ValidationException', message))
    const failed = await store.listDueTargets().catch((error) => error)
    expect(failed).toBeInstanceOf(StateUnavailable)
    expect(failed.message).toMatch(otherVersion)
  })

  it.each([
    ['no layout', undefined],
    ['an earlier layout', layout - 1],
    ['a later layout', layout + 1],
  ])('names the remedy for a table whose items have %s', async (_, found) => {
    const item = { key: { S: 'chats/-100' }, version: { N: '1' }, value: { S: '{}' } }
    const stored = { ...item, ...(found === undefined ? {} : { layout: { N: `${found}` } }) }
    const read = await startTable({}, [200, { Responses: { incidents: [stored] } }])
    await expect(readDocument(read.store.chats, '-100')).rejects.toThrow(otherVersion)
    const unmet: Answer = [400, { __type: `${prefix}ConditionalCheckFailedException`, Item: stored }]
    const written = await startTable({}, unmet)
    const failed = await written.store.chats.save('-100', freshChat, 0).catch((error) => error)
    expect(failed).toBeInstanceOf(StateUnavailable)
    expect(failed.message).toMatch(otherVersion)
  })

  it('is a bug if the request is invalid', async () => {
    const { store } = await startTable({}, refusal('ValidationException', 'Invalid UpdateExpression: Syntax error'))
    const failed = await store.takeLease(keyOf(1), leaseOf('a'), 1).catch((error) => error)
    expect(failed).not.toBeInstanceOf(StateUnavailable)
    expect(failed.message).toMatch(/^AWS DynamoDB_20120810.UpdateItem: HTTP 400 .*Invalid UpdateExpression/)
  })
})

describe('a failure of DynamoDB', () => {
  it.each([
    ['throttled', refusal('ThrottlingException'), /is throttled/],
    ['throughput exceeded', refusal('ProvisionedThroughputExceededException'), /is throttled/],
    ['account throttled', refusal('RequestLimitExceeded'), /is throttled/],
    ['an internal error', [500, { __type: `${prefix}InternalServerError` }], /InternalServerError/],
    ['an answer of a gateway', [503, '<html>'], /HTTP 503/],
    ['an answer that is not JSON', [200, '<html>'], /the answer is not JSON/],
  ] as [string, Answer, RegExp][])('is retried for about 3 s: %s', async (_, answer, words) => {
    const clock = testClock()
    const start = clock.now()
    const { asked, store } = await startTable({ clock }, answer)
    const failed = await readDocument(store.chats, '-100').catch((error) => error)
    expect(failed).toBeInstanceOf(StateUnavailable)
    expect(failed.message).toMatch(words)
    expect(clock.now() - start).toBeGreaterThan(2_000)
    expect(clock.now() - start).toBeLessThanOrEqual(3_000)
    expect(asked.length).toBeGreaterThan(5)
    expect(asked.length).toBeLessThan(13)
  })

  it('is an outage if there is no answer', async () => {
    const { asked, store } = await startTable({ clock: hastyClock() }, 'none')
    const failed = await readDocument(store.chats, '-100').catch((error) => error)
    expect(failed).toBeInstanceOf(StateUnavailable)
    expect(failed.message).toMatch(/no answer within 1.5 s/)
    expect(asked).toHaveLength(2)
  })

  it('is an outage if the connection is refused', async () => {
    const { access } = await startTable({}, 'none')
    closeTables()
    const store = dynamodbStore({ table: 'incidents', access, clock: testClock() })
    const failed = await readDocument(store.chats, '-100').catch((error) => error)
    expect(failed).toBeInstanceOf(StateUnavailable)
    expect(failed.message).toMatch(/ECONNREFUSED/)
  })
})

describe('a partial answer of DynamoDB', () => {
  it('is completed by a request for the missing keys', async () => {
    const [one, two] = [keyOf(1), keyOf(2)]
    const { asked, store } = await startTable(
      {},
      [200, batch([one], [two])],
      [200, batch([], [two])],
      [200, batch([two], [])],
    )
    expect([...(await store.readIncidents([one, two])).keys()]).toEqual([one, two])
    const requests = asked.map(({ body }) => body.RequestItems) as BatchRequest[]
    expect(requests.map(({ incidents }) => incidents.Keys.length)).toEqual([2, 1, 1])
    expect(requests.map(({ incidents }) => incidents.ConsistentRead)).toEqual([true, true, true])
  })

  it('is an outage if keys stay missing', async () => {
    const { store } = await startTable({}, [200, batch([], [keyOf(1)])])
    await expect(store.readIncidents([keyOf(1)])).rejects.toThrow(StateUnavailable)
  })

  it('is read page by page', async () => {
    const row = (name: number) => ({
      key: { S: `incidents/${keyOf(name)}` },
      sort: { N: `${name}` },
    })
    const { asked, store } = await startTable(
      {},
      [200, { Items: [row(1), row(2)], LastEvaluatedKey: { key: { S: 'a' } } }],
      [200, { Items: [], LastEvaluatedKey: { key: { S: 'b' } } }],
      [200, { Items: [row(3)] }],
    )
    const due = [1, 2, 3].map((at) => ({ key: keyOf(at), target: '-100', urgency: 'critical', due: at }))
    expect(await store.readDue('-100', { from: 0, until: 5 }, 10)).toEqual(due)
    expect(asked.map(({ body }) => body.ExclusiveStartKey)).toEqual([
      undefined,
      { key: { S: 'a' } },
      { key: { S: 'b' } },
    ])
  })
})

it('uses placeholders for attribute names and the JSON protocol of DynamoDB', async () => {
  const { asked, store } = await startTable({}, [200, {}])
  await store.saveBody(keyOf(1), bodyOf(), { expiresAt: 1_764_000_000_001 }, 0)
  expect(asked).toMatchObject([
    {
      operation: 'DynamoDB_20120810.PutItem',
      type: 'application/x-amz-json-1.0',
      body: {
        TableName: 'incidents',
        Item: { expiresAt: { N: '1764000000001' }, timeToLive: { N: '1764000001' } },
        ConditionExpression: 'attribute_not_exists(#key) OR #expiresAt <= :now',
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      },
    },
  ])
})

interface BatchRequest {
  incidents: { Keys: unknown[]; ConsistentRead: boolean }
}

function batch(found: string[], unread: string[]) {
  const { merged, ...body } = bodyOf()
  const item = (key: string) => ({
    key: { S: `incidents/${key}` },
    version: { N: '1' },
    revision: { N: '1' },
    body: { S: JSON.stringify(body) },
    merged: { S: JSON.stringify(merged) },
    delivery: { S: '{"older":[]}' },
    layout: { N: `${layout}` },
  })
  const Keys = unread.map((key) => ({ key: { S: `incidents/${key}` } }))
  return {
    Responses: { incidents: found.map(item) },
    UnprocessedKeys: unread.length === 0 ? {} : { incidents: { Keys, ConsistentRead: true } },
  }
}
