import { once } from 'node:events'
import { createServer as createTlsServer } from 'node:https'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { afterEach, describe, expect, it, test } from 'vitest'
import { openConnection, prepareTls } from '../../../lib/adapters/telegram/https.ts'

const ends: (() => void)[] = []
afterEach(() => {
  for (const end of ends.splice(0)) end()
})

/** A server that does with each connection what it is told. */
async function serve(behave: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    behave(socket)
  }).listen(0, '127.0.0.1')
  ends.push(() => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

const answer =
  (text: string) =>
  (socket: Socket): void => {
    socket.on('data', () => socket.write(text))
  }
const ok = 'HTTP/1.1 200 OK\r\ncontent-length: 11\r\n\r\n{"ok":true}'

describe('what is known of a request that fails', () => {
  test.each([
    ['nobody listens', 'http', undefined, false],
    [
      'closed during the TLS handshake',
      'https',
      (socket: Socket): void => {
        socket.destroy()
      },
      false,
    ],
    [
      'plain HTTP where TLS is expected',
      'https',
      (socket: Socket): void => {
        socket.end(ok)
      },
      false,
    ],
    ['the handshake never ends', 'https', () => {}, false],
    [
      'closed after the request',
      'http',
      (socket: Socket): void => {
        socket.on('data', () => socket.destroy())
      },
      true,
    ],
    ['silence', 'http', () => {}, true],
    ['half an answer, then silence', 'http', answer(ok.slice(0, -3)), true],
    ['no JSON', 'http', answer('HTTP/1.1 502 Bad Gateway\r\ncontent-length: 4\r\n\r\n<html'.slice(0, -1)), true],
    [
      'another protocol (101)',
      'http',
      answer('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n'),
      true,
    ],
  ] as const)('%s', async (_, protocol, behave, isWritten) => {
    const port = behave ? await serve(behave) : 9
    const { post } = openConnection()
    const failed = await post(`${protocol}://127.0.0.1:${port}/`, '{}', AbortSignal.timeout(300)).catch(
      (error: Error) => error.cause,
    )
    expect(failed).toMatchObject({ isWritten })
  })
})

it('keeps its connection until it is closed, and opens a new one then', async () => {
  let connections = 0
  const port = await serve((socket) => {
    connections += 1
    answer(ok)(socket)
  })
  const { post, close } = openConnection()
  const send = () => post(`http://127.0.0.1:${port}/`, '{}', AbortSignal.timeout(5_000))
  await send()
  await send()
  expect(connections).toBe(1)
  close()
  expect(await send()).toEqual({ ok: true })
  expect(connections).toBe(2)
})

it('sends nothing to whom no known authority has signed, prepared or not', async () => {
  let requests = 0
  const server = createTlsServer({ key: ownKey, cert: ownCertificate }, (_, response) => {
    requests += 1
    response.end('{"ok":true}')
  }).listen(0, '127.0.0.1')
  ends.push(() => server.close())
  await once(server, 'listening')
  const url = `https://localhost:${(server.address() as AddressInfo).port}/`
  const send = () =>
    openConnection()
      .post(url, '{}', AbortSignal.timeout(5_000))
      .catch((error: Error) => error.cause)
  expect(await send()).toMatchObject({ isWritten: false, code: expect.stringMatching(/SELF_SIGNED|NOT_YET_VALID/) })
  prepareTls()
  expect(await send()).toMatchObject({ isWritten: false, code: expect.stringMatching(/SELF_SIGNED|NOT_YET_VALID/) })
  expect(requests).toBe(0)
})

// Of localhost, signed by itself: openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 36500
const ownKey = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgC4k2xOlbJ0EGzjxn
VEsOARZI+pXRHheS/+xyDRJt6EShRANCAAQZFbfFXb9iF33qqnzCQRlOljD2qjnQ
9g1W3vG8Z51DpA1Os+6S/bbvCqxufCEVeRDJeYTiCHE4Yjf0y118X7AA
-----END PRIVATE KEY-----`
const ownCertificate = `-----BEGIN CERTIFICATE-----
MIIBmzCCAUGgAwIBAgIUDB6fpuy98ZGMJ+J/9BhSofsA9rswCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyODEwNDEzMloYDzIxMjYxMTA0
MTA0MTMyWjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAAQZFbfFXb9iF33qqnzCQRlOljD2qjnQ9g1W3vG8Z51DpA1Os+6S/bbv
CqxufCEVeRDJeYTiCHE4Yjf0y118X7AAo28wbTAdBgNVHQ4EFgQUEeHeCpavHcRJ
wsrpfgz7FgYT9yQwHwYDVR0jBBgwFoAUEeHeCpavHcRJwsrpfgz7FgYT9yQwDwYD
VR0TAQH/BAUwAwEB/zAaBgNVHREEEzARgglsb2NhbGhvc3SHBH8AAAEwCgYIKoZI
zj0EAwIDSAAwRQIhAIRfyKMgLqWsNZcdWVjNDWouQB1fucqvTxtYyyAk6YK9AiB+
St3uu0Kp0QM6KDxzKLwUn7+iquX14SAWyENB/rExxg==
-----END CERTIFICATE-----`
