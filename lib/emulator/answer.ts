/** What goes back over HTTP. */
export type Answer =
  | { kind: 'json'; status: number; body: unknown; retryAfter?: number }
  | { kind: 'html'; status: number; body: string }
  | { kind: 'reset' }

export function succeed(result: unknown): Answer {
  return { kind: 'json', status: 200, body: { ok: true, result } }
}

export function refuse(status: number, description: string, parameters?: object): Answer {
  return {
    kind: 'json',
    status,
    body: { ok: false, error_code: status, description, ...(parameters && { parameters }) },
  }
}

/** `why` in TDLib's words: the Bot API prefixes it and lowers its first letter, unless it is a CODE (Client.cpp:71-205). */
export function badRequest(why: string): Answer {
  const isCode = /^.[A-Z_]/.test(why)
  return refuse(400, `Bad Request: ${isCode ? why : why.charAt(0).toLowerCase() + why.slice(1)}`)
}

export function tooManyRequests(retryAfter: number): Answer {
  const answer = refuse(429, `Too Many Requests: retry after ${retryAfter}`, { retry_after: retryAfter })
  return { ...answer, retryAfter } as Answer
}

/** What an overloaded front end says instead of the Bot API. */
export const badGateway: Answer = {
  kind: 'html',
  status: 502,
  body: '<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>nginx/1.18.0</center>\r\n</body>\r\n</html>\r\n',
}

export function descriptionOf(answer: Answer): string | undefined {
  if (answer.kind !== 'json') return undefined
  const { body } = answer
  const has = typeof body === 'object' && body !== null && 'description' in body
  return has && typeof body.description === 'string' ? body.description : undefined
}
