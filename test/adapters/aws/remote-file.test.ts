import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it, test } from 'vitest'
import { addressOf, type RemoteFile, readRemoteText } from '../../../lib/adapters/aws/remote-file.ts'
import { systemClock } from '../../../lib/adapters/clock.ts'

const servers: Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) server.close()
})

interface Answer {
  status: number
  body: string
  headers?: Record<string, string>
}

const parameter: RemoteFile = { kind: 'parameter', name: '/team/rules' }
const object: RemoteFile = { kind: 'object', bucket: 'team-rules', key: 'prod/my rules+ü.yml' }
const access = {
  region: 'eu-central-1',
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: 'secret',
  sessionToken: 'session',
}

async function startAws(answer: Answer) {
  const asked: { method: string | undefined; url: string | undefined; headers: IncomingHttpHeaders }[] = []
  const server = createServer(({ method, url, headers }, response) => {
    asked.push({ method, url, headers })
    response.writeHead(answer.status, answer.headers).end(answer.status === 304 ? undefined : answer.body)
  })
  servers.push(server)
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return { asked, access: { ...access, endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` } }
}

describe('an object', () => {
  const headers = { etag: '"one"', 'last-modified': 'Tue, 24 Nov 2026 07:26:34 GMT' }
  const modifiedAt = Date.parse('2026-11-24T07:26:34Z')

  it('is read by a signed request', async () => {
    const aws = await startAws({ status: 200, body: 'rules: []', headers: { ...headers, 'x-amz-version-id': 'v7' } })
    expect(await readRemoteText(object, aws.access, systemClock)).toEqual({
      ...{ text: 'rules: []', version: 'v7', etag: '"one"', modifiedAt },
    })
    expect(aws.asked).toMatchObject([
      {
        method: 'GET',
        url: '/team-rules/prod/my%20rules%2B%C3%BC.yml',
        headers: {
          range: 'bytes=0-65535',
          authorization: expect.stringMatching(/^AWS4-HMAC-SHA256 .*\/eu-central-1\/s3\/aws4_request/),
          'x-amz-security-token': 'session',
        },
      },
    ])
  })

  it('has its time as its version in a bucket without versioning', async () => {
    const aws = await startAws({ status: 200, body: '', headers })
    expect((await readRemoteText(object, aws.access, systemClock)).version).toBe('2026-11-24T07:26:34Z')
  })

  it('is not sent again if it has not changed', async () => {
    const aws = await startAws({ status: 304, body: '' })
    const known = { text: 'rules: []', version: 'v7', etag: '"one"', modifiedAt }
    expect(await readRemoteText(object, aws.access, systemClock, known)).toBe(known)
    expect(aws.asked[0]?.headers['if-none-match']).toBe('"one"')
  })

  const error = (code: string, message: string) =>
    `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${message}</Message><RequestId>4442587FB7D0A2F9</RequestId></Error>`
  test.each<[string, Answer, string]>([
    ['no key', { status: 404, body: error('NoSuchKey', '') }, 'there is no such object in the bucket team-rules'],
    ['no bucket', { status: 404, body: error('NoSuchBucket', '') }, 'there is no bucket team-rules'],
    [
      'no rights',
      { status: 403, body: error('AccessDenied', 'Access Denied') },
      'S3 denies access: allow s3:GetObject on this object. S3 says the same if the object does not exist',
    ],
    [
      'another region',
      {
        status: 301,
        body: error('PermanentRedirect', ''),
        headers: { 'x-amz-bucket-region': 'eu-west-1', location: 'http://127.0.0.1:1/' },
      },
      'the bucket team-rules is in eu-west-1, and the program uses eu-central-1',
    ],
    [
      'anything else, without an id that is always another',
      { status: 400, body: error('InvalidRequest', 'Something is wrong') },
      'AWS s3.GetObject: HTTP 400 InvalidRequest Something is wrong',
    ],
    [
      'much text, of which S3 sends the beginning',
      { status: 206, body: 'x'.repeat(65_536), headers: { 'content-range': 'bytes 0-65535/65537' } },
      'the object is larger than 64 KB',
    ],
    [
      'much text in a store without ranges',
      { status: 200, body: 'ü'.repeat(32_769) },
      'the object is larger than 64 KB',
    ],
    ['no text', { status: 416, body: error('InvalidRange', '') }, 'the object is empty'],
  ])('that cannot be read is refused in words: %s', async (_, answer, words) => {
    const aws = await startAws(answer)
    await expect(readRemoteText(object, aws.access, systemClock)).rejects.toThrow(words)
  })

  test.each([
    [
      'team-rules',
      'eu-central-1',
      undefined,
      { root: 'https://team-rules.s3.eu-central-1.amazonaws.com', folder: '/' },
    ],
    ['team-rules', 'cn-north-1', undefined, { root: 'https://team-rules.s3.cn-north-1.amazonaws.com.cn', folder: '/' }],
    [
      'team.rules',
      'eu-central-1',
      undefined,
      { root: 'https://s3.eu-central-1.amazonaws.com', folder: '/team.rules/' },
    ],
    ['team-rules', 'eu-central-1', 'http://minio:9000/', { root: 'http://minio:9000', folder: '/team-rules/' }],
  ])('in the bucket %s in %s (endpoint %s) has this address', (bucket, region, endpoint, address) => {
    expect(addressOf(bucket, { ...access, region, endpoint })).toEqual(address)
  })
})

describe('a parameter', () => {
  const answered = (answer: object) => startAws({ status: 200, body: JSON.stringify(answer) })

  it('is read with its version and time', async () => {
    const aws = await answered({ Parameter: { Value: 'rules: []', Version: 7, LastModifiedDate: 1_795_505_194.123 } })
    expect(await readRemoteText(parameter, aws.access, systemClock)).toEqual({
      ...{ text: 'rules: []', version: '7', etag: undefined, modifiedAt: 1_795_505_194_123 },
    })
    expect(aws.asked[0]?.headers['x-amz-target']).toBe('AmazonSSM.GetParameter')
  })

  test.each<[object, number, string]>([
    [{ __type: 'ParameterNotFound' }, 400, 'there is no such parameter in eu-central-1'],
    [{ __type: 'AccessDeniedException', Message: 'User: a is not authorized' }, 400, 'User: a is not authorized'],
    [{ Parameter: {} }, 200, 'the parameter contains no text'],
  ])('that cannot be read is refused in words: %j', async (answer, status, words) => {
    const aws = await startAws({ status, body: JSON.stringify(answer) })
    await expect(readRemoteText(parameter, aws.access, systemClock)).rejects.toThrow(words)
  })
})
