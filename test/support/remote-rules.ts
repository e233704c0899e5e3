import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A rules file in AWS, as much of AWS as the program asks for. */
export interface RemoteRules {
  /** CONFIG_FILE and access to AWS. */
  environment: Record<string, string>
  /** Writes a version. `at` in milliseconds since the epoch. */
  put(text: string, at?: number): void
  /** Every request gets this answer, until it is undefined again. */
  fail(answer: { status: number; body: string; headers?: Record<string, string> } | undefined): void
  /** The status of each answer. */
  answers: number[]
  close(): Promise<void>
}

export type RemoteKind = 'SSM' | 'S3'

/** Starts it with a first version. */
export async function startRemoteRules(kind: RemoteKind, text: string): Promise<RemoteRules> {
  let current = { text, version: 1, at: Date.parse('2026-11-23T12:00:00Z') }
  let failure: Parameters<RemoteRules['fail']>[0]
  const answers: number[] = []
  const answer = { SSM: answerSsm, S3: answerS3 }[kind]
  const server = createServer((request, response) => {
    response.on('finish', () => answers.push(response.statusCode))
    request.resume()
    if (failure) response.writeHead(failure.status, failure.headers).end(failure.body)
    else answer(request, response)
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  return {
    environment: {
      CONFIG_FILE: kind === 'SSM' ? 'ssm:/team/rules' : 's3://team-rules/prod/rules.yml',
      AWS_REGION: 'eu-central-1',
      AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
      AWS_SECRET_ACCESS_KEY: 'secret',
      AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`,
    },
    put(next, at = current.at) {
      current = { text: next, version: current.version + 1, at }
    },
    fail(next) {
      failure = next
    },
    answers,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }

  function answerSsm({ headers }: IncomingMessage, response: ServerResponse) {
    if (headers['x-amz-target'] !== 'AmazonSSM.GetParameter') return void response.writeHead(400).end('{}')
    const Parameter = { Value: current.text, Version: current.version, LastModifiedDate: current.at / 1_000 }
    response.end(JSON.stringify({ Parameter }))
  }

  function answerS3({ url, headers }: IncomingMessage, response: ServerResponse) {
    const etag = `"${current.version}"`
    if (url !== '/team-rules/prod/rules.yml') return void response.writeHead(404).end('<Code>NoSuchKey</Code>')
    if (headers['if-none-match'] === etag) return void response.writeHead(304).end()
    response
      .writeHead(200, {
        etag,
        'last-modified': new Date(current.at).toUTCString(),
        'x-amz-version-id': String(current.version),
      })
      .end(current.text)
  }
}
