import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { type Deployment, openDeployment } from '../../../lib/adapters/aws/deployment.ts'
import { systemClock } from '../../../lib/adapters/clock.ts'

const open: Server[] = []
afterEach(() => {
  for (const server of open.splice(0)) server.close()
})

/** Answers as `answerTo` says, with the URL and the body of each request. */
async function deploymentOf(answerTo: (url: string, body: string) => string): Promise<Deployment> {
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    response.end(answerTo(request.url ?? '', body))
  }).listen(0, '127.0.0.1')
  open.push(server)
  await once(server, 'listening')
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const keys = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret', sessionToken: undefined }
  return openDeployment({ region: 'eu-central-1', endpoint, ...keys }, systemClock)
}

test('all pages of a stack’s resources are read', async () => {
  const page = (id: string, next: string) =>
    `<ListStackResourcesResponse><ListStackResourcesResult>${next}<StackResourceSummaries><member><LogicalResourceId>${id}</LogicalResourceId><ResourceType>AWS::SNS::Topic</ResourceType></member></StackResourceSummaries></ListStackResourcesResult></ListStackResourcesResponse>`
  const deployment = await deploymentOf((_, body) =>
    body.includes('NextToken=a%2Bb') ? page('Two', '') : page('One', '<NextToken>a+b</NextToken>'),
  )
  expect((await deployment.resources('stack')).map(({ logicalId }) => logicalId)).toEqual(['One', 'Two'])
})

test('all pages of event sources are read', async () => {
  const deployment = await deploymentOf((url) =>
    JSON.stringify(
      url.includes('&Marker=a%2Bb')
        ? { EventSourceMappings: [{ UUID: 'two' }] }
        : { EventSourceMappings: [{ UUID: 'one' }], NextMarker: 'a+b' },
    ),
  )
  expect(await deployment.eventSources('notify')).toEqual([{ UUID: 'one' }, { UUID: 'two' }])
})

test('more than 100 alarms are read in parts', async () => {
  const deployment = await deploymentOf((_, body) => {
    const { AlarmNames } = JSON.parse(body) as { AlarmNames: string[] }
    return JSON.stringify({ MetricAlarms: AlarmNames.slice(0, 1).map((AlarmName) => ({ AlarmName })) })
  })
  const names = Array.from({ length: 201 }, (_, at) => `alarm ${at}`)
  expect((await deployment.alarms(names)).map(({ AlarmName }) => AlarmName)).toEqual([
    'alarm 0',
    'alarm 100',
    'alarm 200',
  ])
})

test.each([
  ['seconds', 1_764_000_000],
  ['RFC 3339', '2025-11-24T16:00:00Z'],
])('the times of metrics can be %s', async (_, time) => {
  const deployment = await deploymentOf(() =>
    JSON.stringify({ MetricDataResults: [{ Id: 'm0', Timestamps: [time], Values: [3] }] }),
  )
  const [invocations, errors] = await deployment.metrics(['notify'], 0)
  expect(invocations).toEqual({
    functionName: 'notify',
    metric: 'Invocations',
    sums: [{ from: 1_764_000_000_000, sum: 3 }],
  })
  expect(errors?.sums).toEqual([])
})

test('all pages of metrics are read', async () => {
  const deployment = await deploymentOf((_, body) => {
    const isSecond = (JSON.parse(body) as { NextToken?: string }).NextToken === 'a+b'
    return JSON.stringify(
      isSecond
        ? { MetricDataResults: [{ Id: 'm0', Timestamps: [300], Values: [2] }] }
        : { MetricDataResults: [{ Id: 'm0', Timestamps: [600], Values: [3] }], NextToken: 'a+b' },
    )
  })
  const [invocations] = await deployment.metrics(['notify'], 0)
  expect(invocations?.sums).toEqual([
    { from: 600_000, sum: 3 },
    { from: 300_000, sum: 2 },
  ])
})

test('fields that are null are left out', async () => {
  const deployment = await deploymentOf((url) =>
    JSON.stringify(
      url.includes('clusters')
        ? { clusterInfo: { state: 'ACTIVE', serverless: null, provisioned: { clientAuthentication: { sasl: null } } } }
        : { EventSourceMappings: [{ UUID: 'one', Topics: ['a'], FilterCriteria: null }], NextMarker: null },
    ),
  )
  expect(await deployment.eventSources('notify')).toEqual([{ UUID: 'one', Topics: ['a'] }])
  expect(await deployment.cluster('arn')).toEqual({ state: 'ACTIVE', provisioned: { clientAuthentication: {} } })
})

test.each<[string, (deployment: Deployment) => Promise<unknown>, string]>([
  ['XML', (deployment) => deployment.caller(), 'AWS sts.GetCallerIdentity: the answer has no GetCallerIdentityResult'],
  [
    'JSON',
    (deployment) => deployment.function('notify'),
    'AWS lambda.GetFunctionConfiguration: the answer is not JSON',
  ],
])('an answer that is not %s of AWS is an error', async (_, ask, message) => {
  const deployment = await deploymentOf(() => '<html>')
  await expect(ask(deployment)).rejects.toMatchObject({ name: 'AwsError', status: 200, message })
})
