import { describe, expect, it } from 'vitest'
import { dynamodbStore } from '../../../lib/adapters/store/dynamodb.ts'
import { readChat, StateUnavailable } from '../../../lib/pipeline/ports.ts'
import { type Answer, closeTables, hastyClock, startTable } from './answers.ts'
import { bodyOf, keyOf, leaseOf, suppressed, testClock } from './incidents.ts'

// What DynamoDB answers, in its own words; against an emulated one: dynamodb.aws.ts.

const prefix = 'com.amazonaws.dynamodb.v20120810#'
const refusal = (type: string, message = ''): Answer => [400, { __type: `${prefix}${type}`, message }]

describe('what DynamoDB refuses', () => {
  it.each([
    [
      'a table that is not there',
      refusal('ResourceNotFoundException', 'Requested resource not found'),
      /^the state is not available: there is no DynamoDB table incidents in eu-central-1: .*Requested resource not found/,
    ],
    [
      'a role without the right',
      [
        400,
        {
          __type: 'com.amazon.coral.service#AccessDeniedException',
          Message: 'User: arn:aws:sts::1:assumed-role/notify is not authorized to perform: dynamodb:BatchGetItem',
        },
      ],
      /^the state is not available: AWS does not allow it for DynamoDB table incidents .*not authorized to perform: dynamodb:BatchGetItem/,
    ],
    [
      'credentials that have run out',
      [400, { __type: 'com.amazon.coral.service#ExpiredTokenException', message: 'The security token is expired' }],
      /^the state is not available: DynamoDB table incidents .*ExpiredTokenException/,
    ],
  ] as [string, Answer, RegExp][])('is an outage at once: %s', async (_, answer, words) => {
    const { asked, store } = await startTable({}, answer)
    const failed = await store.readIncidents([keyOf(1)]).catch((error) => error)
    expect(failed).toBeInstanceOf(StateUnavailable)
    expect(failed.message).toMatch(words)
    expect(asked).toHaveLength(1)
  })

  it('is an outage for counters and clusters, too, and never "none there"', async () => {
    const { store } = await startTable({}, refusal('ResourceNotFoundException'))
    await expect(store.readCounters(['events-0'])).rejects.toThrow(StateUnavailable)
    await expect(store.saveCounter('events-0', suppressed(1), 0, 1)).rejects.toThrow(StateUnavailable)
    await expect(store.listCounters()).rejects.toThrow(StateUnavailable)
    await expect(store.readSeen(['prod'])).rejects.toThrow(StateUnavailable)
    await expect(store.saveSeen({ cluster: 'prod', at: 1 }, 0, 1)).rejects.toThrow(StateUnavailable)
    await expect(store.listSeen()).rejects.toThrow(StateUnavailable)
  })

  it('is a bug if the request is wrong', async () => {
    const { store } = await startTable({}, refusal('ValidationException', 'Invalid UpdateExpression: Syntax error'))
    const failed = await store.lease(keyOf(1), leaseOf('a'), 1).catch((error) => error)
    expect(failed).not.toBeInstanceOf(StateUnavailable)
    expect(failed.message).toMatch(/^AWS DynamoDB_20120810.UpdateItem: HTTP 400 .*Invalid UpdateExpression/)
  })
})

describe('what DynamoDB can not do now', () => {
  it.each([
    ['throttled', refusal('ThrottlingException'), /is throttled/],
    ['throughput used up', refusal('ProvisionedThroughputExceededException'), /is throttled/],
    ['account throttled', refusal('RequestLimitExceeded'), /is throttled/],
    ['its own failure', [500, { __type: `${prefix}InternalServerError` }], /InternalServerError/],
    ['a gateway between', [503, '<html>'], /HTTP 503/],
    ['no JSON', [200, '<html>'], /is not valid JSON/],
  ] as [string, Answer, RegExp][])('is tried again for about 3 s: %s', async (_, answer, words) => {
    const clock = testClock()
    const start = clock.now()
    const { asked, store } = await startTable({ clock }, answer)
    const failed = await readChat(store, '-100').catch((error) => error)
    expect(failed).toBeInstanceOf(StateUnavailable)
    expect(failed.message).toMatch(words)
    expect(clock.now() - start).toBeGreaterThan(2_000)
    expect(clock.now() - start).toBeLessThanOrEqual(3_000)
    expect(asked.length).toBeGreaterThan(5)
    expect(asked.length).toBeLessThan(13)
  })

  it('is an outage if nobody answers', async () => {
    const { asked, store } = await startTable({ clock: hastyClock() }, 'none')
    const failed = await readChat(store, '-100').catch((error) => error)
    expect(failed).toBeInstanceOf(StateUnavailable)
    expect(failed.message).toMatch(/no answer within 1.5 s/)
    expect(asked).toHaveLength(2)
  })

  it('is an outage if nobody listens', async () => {
    const { access } = await startTable({}, 'none')
    closeTables()
    const store = dynamodbStore({ table: 'incidents', access, clock: testClock() })
    const failed = await readChat(store, '-100').catch((error) => error)
    expect(failed).toBeInstanceOf(StateUnavailable)
    expect(failed.message).toMatch(/ECONNREFUSED/)
  })
})

describe('what DynamoDB gives in parts', () => {
  it('leaves out keys, which are asked for again', async () => {
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

  it('is an outage if keys are left out for good, and never takes them for not there', async () => {
    const { store } = await startTable({}, [200, batch([], [keyOf(1)])])
    await expect(store.readIncidents([keyOf(1)])).rejects.toThrow(StateUnavailable)
  })

  it('comes in pages', async () => {
    const row = (name: number) => ({
      key: { S: `incident/${keyOf(name)}` },
      target: { S: '-100' },
      at: { N: `${name}` },
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

it('asks with what is reserved as a name only, and in the protocol of DynamoDB', async () => {
  const { asked, store } = await startTable({}, [200, {}])
  await store.saveBody(keyOf(1), bodyOf(), { expiresAt: 1_764_000_000_001 }, 0)
  expect(asked).toMatchObject([
    {
      operation: 'DynamoDB_20120810.PutItem',
      type: 'application/x-amz-json-1.0',
      body: {
        TableName: 'incidents',
        Item: { expiresAt: { N: '1764000001' }, keptUntil: { N: '1764000000001' } },
        ConditionExpression: 'attribute_not_exists(#key) OR #keptUntil <= :now',
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
    key: { S: `incident/${key}` },
    version: { N: '1' },
    revision: { N: '1' },
    body: { S: JSON.stringify(body) },
    merged: { S: JSON.stringify(merged) },
    deliveryState: { S: '{"older":[]}' },
  })
  const Keys = unread.map((key) => ({ key: { S: `incident/${key}` } }))
  return {
    Responses: { incidents: found.map(item) },
    UnprocessedKeys: unread.length === 0 ? {} : { incidents: { Keys, ConsistentRead: true } },
  }
}
