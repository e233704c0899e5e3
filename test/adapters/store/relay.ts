import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What happens to a call: it is passed on, its answer is lost, or it is refused with this answer before it arrives. */
export type Fate = 'pass' | 'lose the answer' | { status: number; type: string; message?: string }

/** A call of the JSON API and its answer, parsed. */
export interface Exchange {
  operation: string
  request: Record<string, unknown>
  answer: Record<string, unknown>
}

export interface Relay {
  endpoint: string
  /** The operations so far, in order. */
  calls: string[]
  /** Used for the next calls in order. All later calls pass. */
  fates: Fate[]
  close(): Promise<void>
}

/** A proxy between a client and the AWS at `endpoint` that records calls and causes network faults. */
export async function startRelay(endpoint: string, show: (exchange: Exchange) => void = () => {}): Promise<Relay> {
  const calls: string[] = []
  const fates: Fate[] = []
  const server = createServer((request, response) => {
    relay(request, response).catch(() => response.destroy())
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')

  async function relay(request: IncomingMessage, response: ServerResponse) {
    const { 'x-amz-target': target, 'content-type': type, authorization } = request.headers
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const operation = String(target).split('.').at(-1) ?? ''
    calls.push(operation)
    const fate = fates.shift() ?? 'pass'
    if (typeof fate === 'object') {
      const { status, type: __type, message = 'no' } = fate
      return response.writeHead(status).end(JSON.stringify({ __type: `com.amazonaws#${__type}`, message }))
    }
    const headers = {
      'x-amz-target': String(target),
      'content-type': String(type),
      authorization: String(authorization),
    }
    const asked = Buffer.concat(chunks)
    const answer = await fetch(endpoint, { method: 'POST', headers, body: asked })
    const body = Buffer.from(await answer.arrayBuffer())
    show({ operation, request: JSON.parse(asked.toString()), answer: JSON.parse(body.toString()) })
    if (fate === 'lose the answer') return response.destroy()
    return response.writeHead(answer.status).end(body)
  }

  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    calls,
    fates,
    async close() {
      server.closeAllConnections()
      await new Promise((done) => server.close(done))
    },
  }
}
