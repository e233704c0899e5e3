import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { afterEach, describe, expect, it, test } from 'vitest'
import { openConnection } from '../../lib/telegram/https.ts'

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
