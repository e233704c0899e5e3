import type { IncomingMessage, ServerResponse } from 'node:http'
import { fieldsOf } from '../core/event/fields.ts'
import { parseJson } from '../core/json.ts'
import type { Parameters } from './methods.ts'

export interface ApiCall {
  /** From the path; undefined if the path is not `/bot<token>/…`. */
  token: string | undefined
  method: string
  parameters: Parameters
}

/** Parameters may be in JSON, a form or the query, as with Telegram. Uploads (multipart) are not supported. */
export async function readCall(request: IncomingMessage): Promise<ApiCall> {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://emulator')
  const [, token, method] = /^\/bot([^/]+)\/([^/]+)$/.exec(pathname) ?? []
  const body = await readBody(request)
  const type = request.headers['content-type'] ?? ''
  const parameters = {
    ...Object.fromEntries(searchParams),
    ...(type.includes('json') ? fieldsOf(parseJson(body)) : {}),
    ...(type.includes('x-www-form-urlencoded') ? Object.fromEntries(new URLSearchParams(body)) : {}),
  }
  return { token: token && decode(token), method: method ?? pathname.replace(/^\/bot[^/]*/, ''), parameters }
}

export function writeAnswer(request: IncomingMessage, response: ServerResponse, answer: ApiAnswer): void {
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

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}

/** An HTTP answer. */
export type ApiAnswer =
  | { kind: 'json'; status: number; body: unknown; retryAfter?: number }
  | { kind: 'html'; status: number; body: string }
  | { kind: 'reset' }

export function succeed(result: unknown): ApiAnswer {
  return { kind: 'json', status: 200, body: { ok: true, result } }
}

export function refuse(status: number, description: string, parameters?: object): ApiAnswer {
  return {
    kind: 'json',
    status,
    body: { ok: false, error_code: status, description, ...(parameters && { parameters }) },
  }
}

/** A TDLib error: the Bot API adds a prefix and lowers the first letter, unless it is a CODE (Client.cpp:71-205). */
export function badRequest(why: string): ApiAnswer {
  const isCode = /^.[A-Z_]/.test(why)
  return refuse(400, `Bad Request: ${isCode ? why : why.charAt(0).toLowerCase() + why.slice(1)}`)
}

export function tooManyRequests(retryAfter: number): ApiAnswer {
  const answer = refuse(429, `Too Many Requests: retry after ${retryAfter}`, { retry_after: retryAfter })
  return { ...answer, retryAfter } as ApiAnswer
}

/** The answer of an overloaded front end. */
export const badGateway: ApiAnswer = {
  kind: 'html',
  status: 502,
  body: '<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>nginx/1.18.0</center>\r\n</body>\r\n</html>\r\n',
}

export function descriptionOf(answer: ApiAnswer): string | undefined {
  if (answer.kind !== 'json') return undefined
  const { body } = answer
  const has = typeof body === 'object' && body !== null && 'description' in body
  return has && typeof body.description === 'string' ? body.description : undefined
}
