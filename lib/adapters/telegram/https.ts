import { type ClientRequest, Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import type { Socket } from 'node:net'
import { createSecureContext, type SecureContext } from 'node:tls'

/** In the `cause` of every error of `post`: what is known of the request. */
export interface RequestState {
  /** True from the moment when its bytes may have left: it may have been carried out. */
  isWritten: boolean
  code: string
}

export interface Connection {
  /** POSTs JSON and resolves with the parsed JSON answer, whatever its status. Rejects with an Error whose `cause` is a RequestState. */
  post(url: string, body: string, signal: AbortSignal): Promise<unknown>
  /** Closes the sockets that no request uses. */
  close(): void
}

// A socket that was idle for longer may be dead at the other end, and a request lost on it is one whose fate nobody knows.
const idleMilliseconds = 5_000

let prepared: SecureContext | undefined

/** Reads the authorities that sign certificates, which the first request over TLS would do else: it takes as long as the rest of that request. */
export function prepareTls(): void {
  prepared ??= createSecureContext()
}

/** One keep-alive connection, over node:https: its first request is twice as fast as one by the global fetch (docs/benchmarks.md). */
export function openConnection(): Connection {
  const agents = {
    'http:': new HttpAgent(agentOptions),
    'https:': new HttpsAgent({ ...agentOptions, ...(prepared && { secureContext: prepared }) }),
  }
  return {
    post: (url, body, signal) => post(new URL(url), body, signal, agents),
    close() {
      for (const { freeSockets } of Object.values(agents)) {
        for (const sockets of Object.values(freeSockets)) for (const socket of sockets ?? []) socket.destroy()
      }
    },
  }
}

const agentOptions = { keepAlive: true, timeout: idleMilliseconds }

function post(
  url: URL,
  body: string,
  signal: AbortSignal,
  agents: { 'http:': HttpAgent; 'https:': HttpsAgent },
): Promise<unknown> {
  const state: RequestState = { isWritten: false, code: '' }
  return new Promise((resolve, reject) => {
    const options = {
      method: 'POST',
      signal,
      headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
    }
    const request =
      url.protocol === 'https:'
        ? httpsRequest(url, { ...options, agent: agents['https:'] })
        : httpRequest(url, { ...options, agent: agents['http:'] })
    request.on('socket', (socket) =>
      watch(socket, request, state, url.protocol === 'https:' ? 'secureConnect' : 'connect'),
    )
    request.on('response', (response) => read(response, state).then(resolve, reject))
    request.on('error', (error) => reject(failure(error, state)))
    // An answer that changes the protocol ends neither in a response nor in an error, not even when the request is aborted.
    request.on('upgrade', (_, socket) => {
      socket.destroy()
      reject(failure(undefined, { ...state, code: 'HTTP 101' }))
    })
    signal.addEventListener('abort', () => reject(failure(signal.reason, state)), { once: true })
    request.end(body)
  })
}

// Bytes leave as soon as the socket is connected, over TLS once the handshake is done: a failure before that is certainly not sent.
function watch(socket: Socket, request: ClientRequest, state: RequestState, connected: 'connect' | 'secureConnect') {
  if (request.reusedSocket) state.isWritten = true
  else socket.once(connected, () => Object.assign(state, { isWritten: true }))
}

async function read(response: IncomingMessage, state: RequestState): Promise<unknown> {
  try {
    const chunks: Buffer[] = []
    for await (const chunk of response) chunks.push(chunk as Buffer)
    return JSON.parse(Buffer.concat(chunks).toString('utf8'))
  } catch (error) {
    throw failure(error, {
      ...state,
      code: error instanceof SyntaxError ? `HTTP ${response.statusCode}, not JSON` : '',
    })
  }
}

function failure(error: unknown, state: RequestState): Error {
  const code = state.code || (error instanceof Error && 'code' in error ? String(error.code) : 'no answer')
  return new Error(code, { cause: { ...state, code } satisfies RequestState })
}
