import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it, test } from 'vitest'
import { type AwsRequest, hostOf, requestAws } from '../../../lib/adapters/aws/request.ts'
import { systemClock } from '../../../lib/adapters/clock.ts'

const open: Server[] = []
afterEach(() => {
  for (const server of open.splice(0)) server.close()
})

interface Literal {
  status: number
  headers?: Record<string, string>
  body: string
}

async function request(asked: Omit<AwsRequest, 'retries'>, { status, headers, body }: Literal) {
  let seen: IncomingMessage | undefined
  const server = createServer((incoming, response) => {
    seen = incoming
    response.writeHead(status, headers).end(body)
  }).listen(0, '127.0.0.1')
  open.push(server)
  await once(server, 'listening')
  const access = {
    region: 'eu-central-1',
    accessKeyId: 'AKIDEXAMPLE',
    secretAccessKey: 'secret',
    sessionToken: 'session',
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
  }
  const result = await requestAws({ ...asked, retries: 0 }, access, systemClock).catch((error: unknown) => error)
  return { result, seen }
}

test.each([
  ['eu-central-1', 'sts.eu-central-1.amazonaws.com'],
  ['us-gov-west-1', 'sts.us-gov-west-1.amazonaws.com'],
  ['cn-north-1', 'sts.cn-north-1.amazonaws.com.cn'],
  ['eusc-de-east-1', 'sts.eusc-de-east-1.amazonaws.eu'],
  ['us-iso-east-1', 'sts.us-iso-east-1.c2s.ic.gov'],
  ['us-isob-east-1', 'sts.us-isob-east-1.sc2s.sgov.gov'],
])('the endpoint in %s', (region, host) => {
  expect(hostOf('sts', region)).toBe(host)
})

describe('a request', () => {
  it('is signed with its method, path and query', async () => {
    const path = '/2015-03-31/event-source-mappings/?FunctionName=notify'
    const { result, seen } = await request(
      { service: 'lambda', name: 'ListEventSourceMappings', method: 'GET', path },
      { status: 200, body: 'whole text' },
    )
    expect(result).toBe('whole text')
    expect(seen).toMatchObject({ method: 'GET', url: path })
    expect(seen?.headers).toMatchObject({
      authorization: expect.stringMatching(/Credential=AKIDEXAMPLE\/\d{8}\/eu-central-1\/lambda\/aws4_request/),
      'x-amz-security-token': 'session',
    })
  })

  it.each<[string, Literal, string | undefined]>([
    ['JSON', { status: 400, body: '{"__type":"com.amazonaws.ssm#ParameterNotFound"}' }, 'ParameterNotFound'],
    [
      'REST',
      {
        status: 404,
        headers: { 'x-amzn-errortype': 'ResourceNotFoundException:http://internal.amazon.com/coral/com.amazonaws/' },
        body: '{"Message":"Function not found"}',
      },
      'ResourceNotFoundException',
    ],
    [
      'XML',
      {
        status: 403,
        body: '<ErrorResponse><Error><Type>Sender</Type><Code>ExpiredToken</Code></Error></ErrorResponse>',
      },
      'ExpiredToken',
    ],
    ['a proxy', { status: 502, body: 'bad gateway' }, undefined],
  ])('that %s refuses rejects with the type of the error', async (_, answer, type) => {
    const { result } = await request({ service: 'sts', name: 'Ask' }, answer)
    expect(result).toMatchObject({ name: 'AwsError', status: answer.status, type })
    expect((result as Error).message).toContain(`AWS Ask: HTTP ${answer.status} ${answer.body}`)
  })
})
