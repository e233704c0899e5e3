import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, it, test } from 'vitest'
import { toLambdaEvent } from '../../lib/adapters/kafka/lambda-event.ts'
import type { Fault } from '../../lib/emulator/faults.ts'
import { type Emulator, startEmulator } from '../../lib/emulator/server.ts'
import { runBundle } from '../support/bundle.ts'
import { envelope, event, record, records } from '../support/records.ts'

const token = '123456789:AAEhBOweik6ad9r_QXMENQjcrGbqCr4K-bc'
const batch = JSON.parse(readFileSync(new URL('../batches/trouble.json', import.meta.url), 'utf8'))

let emulator: Emulator
let environment: Record<string, string>

beforeAll(async () => {
  emulator = await startEmulator({ token, isPaced: false })
  environment = { TELEGRAM_BOT_TOKEN: token, TELEGRAM_CHAT_ID: '-1001234567890', TELEGRAM_API_ROOT: emulator.apiRoot }
})
afterAll(() => emulator.close())
beforeEach(() => {
  for (const chat of emulator.chats.values()) chat.messages.length = 0
})

describe('the minified bundle, over a socket', () => {
  it('sends the messages of a recorded batch', async () => {
    const { code, answer } = await runBundle([batch], environment)
    expect({ code, answer }).toEqual({ code: 0, answer: { batchItemFailures: [] } })
    expect(emulator.messages()).toHaveLength(14)
  })

  it('returns the records that could not be sent', async () => {
    const own = await startEmulator({ token, isPaced: false })
    own.inject({ kind: 'too many requests', retryAfter: 120, skip: 1 })
    const { answer } = await runBundle([toLambdaEvent(records(3))], { ...environment, TELEGRAM_API_ROOT: own.apiRoot })
    await own.close()
    const failure = (offset: number) => ({ itemIdentifier: { partition: 'kube-events-0', offset } })
    expect(answer).toEqual({ batchItemFailures: [failure(1), failure(2)] })
  })

  it('rejects if a record is returned and FAILURE_MODE is throw, because an answer would commit the batch', async () => {
    const own = await startEmulator({ token, isPaced: false })
    own.inject({ kind: 'forbidden' })
    const { code, answer } = await runBundle([toLambdaEvent(records(1))], {
      ...environment,
      TELEGRAM_API_ROOT: own.apiRoot,
      FAILURE_MODE: 'throw',
    })
    await own.close()
    expect({ code, answer }).toEqual({ code: 1, answer: undefined })
  })

  it('in Lambda, requires STATE and FAILURE_MODE, and reports all problems at start', async () => {
    const { code, output } = await runBundle([batch], { AWS_LAMBDA_FUNCTION_NAME: 'notify', TELEGRAM_CHAT_ID: 'ops' })
    expect(code).not.toBe(0)
    expect(output).toContain('4 problems in the configuration')
    for (const name of [
      'STATE is not set',
      'FAILURE_MODE is not set',
      'TELEGRAM_CHAT_ID must be a chat ID',
      'TELEGRAM_BOT_TOKEN is not set',
    ])
      expect(output).toContain(name)
  })
})

describe('the token appears in no output', () => {
  const faults: [string, Fault][] = [
    ['401', { kind: 'unauthorized' }],
    ['403', { kind: 'forbidden' }],
    [
      'a 401 that repeats it',
      { kind: 'answer', status: 401, body: { ok: false, error_code: 401, description: `Unauthorized: ${token}` } },
    ],
    ['429', { kind: 'too many requests', retryAfter: 600 }],
    ['an HTML 502', { kind: 'bad gateway', isAccepted: false }],
    ['a reset', { kind: 'reset', isAccepted: false }],
    [
      'a refusal that repeats it',
      {
        times: 2,
        kind: 'answer',
        status: 400,
        body: { ok: false, error_code: 400, description: `Bad Request: ${token} ${encodeURIComponent(token)}` },
      },
    ],
  ]
  test.each(faults)('%s', async (_, fault) => {
    const own = await startEmulator({ token, isPaced: false })
    own.inject(fault)
    const { output } = await runBundle([toLambdaEvent(records(2))], {
      ...environment,
      TELEGRAM_API_ROOT: own.apiRoot,
      LOG_LEVEL: 'debug',
    })
    await own.close()
    expect(output).toContain('returned')
    expectNoToken(output)
  })

  it('after a request that times out, and an invocation with too little time', async () => {
    const silent = createServer(() => {}).listen(0, '127.0.0.1')
    await once(silent, 'listening')
    const { port } = silent.address() as AddressInfo
    const { output } = await runBundle(
      [toLambdaEvent(records(1))],
      { ...environment, TELEGRAM_API_ROOT: `http://127.0.0.1:${port}` },
      13_500,
    )
    silent.close()
    expect(output).toContain('"why":"unknown"')
    expectNoToken(output)
  })

  it('after a refused connection with FAILURE_MODE=throw', async () => {
    const gone = await startEmulator()
    await gone.close()
    const { output, code } = await runBundle(
      [toLambdaEvent(records(1))],
      { ...environment, TELEGRAM_API_ROOT: gone.apiRoot, FAILURE_MODE: 'throw' },
      13_500,
    )
    expect(output).toContain('the batch goes back to Kafka (records not done: 1)')
    expect(code).toBe(1)
    expectNoToken(output)
  })

  test.each([
    ['the chat’s variable', { TELEGRAM_CHAT_ID: token }],
    ['the API root', { TELEGRAM_API_ROOT: `https://api.telegram.org/bot${token}` }],
    ['a malformed token', { TELEGRAM_BOT_TOKEN: ` ${token}/` }],
    ['the parameter’s variable', { TELEGRAM_BOT_TOKEN: '', TELEGRAM_BOT_TOKEN_PARAMETER: token }],
    ['two variables', { TELEGRAM_BOT_TOKEN_SECRET: token }],
    ['an unknown mode', { FAILURE_MODE: token }],
  ])('pasted into %s', async (_, wrong) => {
    const { output, code } = await runBundle([batch], { ...environment, ...wrong })
    expect(code).not.toBe(0)
    expect(output).toContain('1 problem in the configuration')
    expectNoToken(output)
  })

  it('after a record that contains it, shown or rejected', async () => {
    const leaking = [
      record(0, { value: envelope(event(0, { metadata: { name: token }, reason: token })) }),
      record(1, { value: `not JSON ${token}` }),
    ]
    const { output } = await runBundle([toLambdaEvent(leaking)], environment)
    expect(output).toContain('"why":"not JSON"')
    expectNoToken(output)
    const gzip = /"gzip":"([^"]+)"/.exec(output)?.[1] ?? ''
    expectNoToken(process.getBuiltinModule('node:zlib').gunzipSync(Buffer.from(gzip, 'base64')).toString())
  })
})

function expectNoToken(output: string) {
  expect(output).not.toContain(token.slice(10))
  expect(output).not.toContain(encodeURIComponent(token))
}
