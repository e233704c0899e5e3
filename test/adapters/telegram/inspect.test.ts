import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { systemClock } from '../../../lib/adapters/clock.ts'
import { createInspector } from '../../../lib/adapters/telegram/inspect.ts'
import { startEmulator } from '../../../lib/emulator/server.ts'

/** What a server answers whatever it is asked. */
async function inspectorOf(status: number, body: string) {
  const server = createServer((_request, response) => response.writeHead(status).end(body))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())))
  const { port } = server.address() as AddressInfo
  const inspector = createInspector({ token: '1:x', apiRoot: `http://127.0.0.1:${port}`, clock: systemClock })
  onTestFinished(() => inspector.close())
  return inspector
}

const notBotApi = { kind: 'failed', isWritten: true, reason: 'JSON, but not a Bot API answer' }

test.each<[string, number, string, object]>([
  ['a page', 502, '<html>Bad Gateway</html>', { kind: 'failed', isWritten: true, reason: 'HTTP 502, not JSON' }],
  ['a proxy’s JSON', 403, '{"error":"forbidden"}', notBotApi],
  ['nothing in it', 200, '{"ok":true}', notBotApi],
  ['a list', 200, '{"ok":true,"result":[1]}', notBotApi],
  ['something else', 200, '{"ok":true,"result":{"type":"planet","status":"bored"}}', notBotApi],
  [
    'a refusal',
    401,
    '{"ok":false,"error_code":401,"description":"Unauthorized"}',
    { kind: 'refused', code: 401, description: 'Unauthorized' },
  ],
])('%s', async (_name, status, body, expected) => {
  const inspector = await inspectorOf(status, body)
  expect(await inspector.bot()).toEqual(expected)
  expect(await inspector.chat('-1')).toEqual(expected)
  expect(await inspector.membership('-1', 1)).toEqual(expected)
})

test('a server that does not answer is given up', async () => {
  const emulator = await startEmulator()
  onTestFinished(() => emulator.close())
  emulator.inject({ kind: 'slow', milliseconds: Infinity })
  const { apiRoot, token } = emulator
  const inspector = createInspector({ token, apiRoot, clock: systemClock, timeoutMilliseconds: 50 })
  onTestFinished(() => inspector.close())
  expect(await inspector.bot()).toEqual({ kind: 'failed', isWritten: true, reason: 'no answer within 0.05 s' })
  expect(await inspector.bot()).toMatchObject({ kind: 'ok', value: { username: 'emulator_bot', name: 'Emulator' } })
})
