import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach } from 'vitest'
import { dynamodbStore } from '../../../lib/adapters/store/dynamodb.ts'
import type { Clock } from '../../../lib/pipeline/ports.ts'
import { testClock } from './builders.ts'

const opened: Server[] = []
afterEach(closeTables)

export function closeTables() {
  for (const server of opened.splice(0)) {
    server.closeAllConnections()
    server.close()
  }
}

export type Answer = [status: number, body: object | string] | 'none'

/** A DynamoDB that gives these answers in order, and repeats the last one. */
export async function startTable({ clock = testClock() as Clock }, ...answers: Answer[]) {
  const asked: { operation: string; type: unknown; body: Record<string, unknown> }[] = []
  const server = createServer(async (request, response) => {
    let text = ''
    for await (const chunk of request) text += chunk
    const operation = String(request.headers['x-amz-target'])
    asked.push({ operation, type: request.headers['content-type'], body: JSON.parse(text) })
    const answer = answers[Math.min(asked.length, answers.length) - 1]
    if (!answer || answer === 'none') return
    const [status, body] = answer
    response.writeHead(status).end(typeof body === 'string' ? body : JSON.stringify(body))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  opened.push(server)
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const access = {
    region: 'eu-central-1',
    accessKeyId: 'AKIDEXAMPLE',
    secretAccessKey: 'secret',
    sessionToken: undefined,
    endpoint,
  }
  return { asked, access, store: dynamodbStore({ table: 'incidents', access, clock }) }
}

/** Time-outs end after milliseconds of real time, although this clock moves on by their full length. */
export function hastyClock(): Clock {
  const clock = testClock()
  return {
    ...clock,
    after(milliseconds, callback) {
      const timer = setTimeout(() => {
        clock.pass(milliseconds)
        callback()
      }, 30)
      return () => clearTimeout(timer)
    },
  }
}
