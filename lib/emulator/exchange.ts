import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Answer } from './answer.ts'
import type { Parameters } from './methods.ts'

export interface Call {
  /** As in the path; undefined where the path is none of a bot's. */
  token: string | undefined
  method: string
  parameters: Parameters
}

/** Parameters come as JSON, as a form or in the query, as with Telegram; uploads (multipart) are not read. */
export async function readCall(request: IncomingMessage): Promise<Call> {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://emulator')
  const [, token, method] = /^\/bot([^/]+)\/([^/]+)$/.exec(pathname) ?? []
  const body = await readBody(request)
  const type = request.headers['content-type'] ?? ''
  const parameters = {
    ...Object.fromEntries(searchParams),
    ...(type.includes('json') ? jsonObject(body) : {}),
    ...(type.includes('x-www-form-urlencoded') ? Object.fromEntries(new URLSearchParams(body)) : {}),
  }
  return { token: token && decode(token), method: method ?? pathname.replace(/^\/bot[^/]*/, ''), parameters }
}

export function writeAnswer(request: IncomingMessage, response: ServerResponse, answer: Answer): void {
  if (answer.kind === 'reset') {
    request.socket.resetAndDestroy()
    return
  }
  const isJson = answer.kind === 'json'
  const retryAfter = isJson && answer.retryAfter !== undefined ? { 'retry-after': `${answer.retryAfter}` } : {}
  response.writeHead(answer.status, { 'content-type': isJson ? 'application/json' : 'text/html', ...retryAfter })
  response.end(isJson ? JSON.stringify(answer.body) : answer.body)
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('utf8')
}

function jsonObject(body: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(body)
    return typeof value === 'object' && value !== null ? { ...value } : {}
  } catch {
    return {}
  }
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}
