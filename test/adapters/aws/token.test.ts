import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { toLambdaEvent } from '../../../lib/adapters/kafka/lambda-event.ts'
import { type Emulator, startEmulator } from '../../../lib/emulator/server.ts'
import { runBundle } from '../../support/bundle.ts'
import { records } from '../../support/records.ts'

const token = '123456789:AAEhBOweik6ad9r_QXMENQjcrGbqCr4K-bc'
const open: (Server | Emulator)[] = []
afterEach(() => {
  for (const server of open.splice(0)) server.close()
})

/** AWS's JSON APIs as far as we call them; answers in turn, the last one for good. */
async function startAws(...answers: [number, object][]) {
  const asked: { target: unknown; authorization: unknown; body: unknown }[] = []
  const server = createServer(async (request, response) => {
    asked.push({
      target: request.headers['x-amz-target'],
      authorization: request.headers.authorization,
      body: JSON.parse(await text(request)),
    })
    const [status, body] = answers[Math.min(asked.length, answers.length) - 1] ?? [500, {}]
    response.writeHead(status).end(JSON.stringify(body))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  open.push(server)
  const environment = {
    AWS_REGION: 'eu-central-1',
    AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'secret',
    AWS_ENDPOINT_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
  }
  return { asked, environment }
}

async function text(request: IncomingMessage): Promise<string> {
  let all = ''
  for await (const chunk of request) all += chunk
  return all
}

async function startTelegram() {
  const emulator = await startEmulator({ token, isPaced: false })
  open.push(emulator)
  return { emulator, environment: { TELEGRAM_CHAT_ID: '-1001234567890', TELEGRAM_API_ROOT: emulator.apiRoot } }
}

describe('a token in AWS', () => {
  it('is read from SSM once for several invocations', async () => {
    const aws = await startAws([200, { Parameter: { Value: `${token}\n` } }])
    const { emulator, environment } = await startTelegram()
    const events = [toLambdaEvent(records(1)), toLambdaEvent(records(1, { first: 1 }))]
    const { answer } = await runBundle(events, {
      ...aws.environment,
      ...environment,
      TELEGRAM_BOT_TOKEN_PARAMETER: '/bot/token',
    })
    expect(answer).toEqual({ batchItemFailures: [] })
    expect(emulator.messages()).toHaveLength(2)
    expect(aws.asked).toEqual([
      {
        target: 'AmazonSSM.GetParameter',
        authorization: expect.stringMatching(/^AWS4-HMAC-SHA256 .*\/eu-central-1\/ssm\/aws4_request/),
        body: { Name: '/bot/token', WithDecryption: true },
      },
    ])
  })

  it('is read from Secrets Manager', async () => {
    const aws = await startAws([200, { SecretString: token }])
    const { environment } = await startTelegram()
    const { answer } = await runBundle([toLambdaEvent(records(1))], {
      ...aws.environment,
      ...environment,
      TELEGRAM_BOT_TOKEN_SECRET: 'bot',
    })
    expect(answer).toEqual({ batchItemFailures: [] })
    expect(aws.asked).toMatchObject([{ target: 'secretsmanager.GetSecretValue', body: { SecretId: 'bot' } }])
  })

  it.each([
    [
      'AWS refuses',
      [400, { __type: 'ParameterNotFound' }],
      'AWS AmazonSSM.GetParameter: HTTP 400 {"__type":"ParameterNotFound"}',
    ],
    ['it contains no text', [200, { Parameter: {} }], 'the parameter /bot/token contains no text'],
    [
      'it contains no token',
      [200, { Parameter: { Value: 'changeme' } }],
      'the parameter /bot/token contains 8 characters that do not look like a bot token',
    ],
  ] as [string, [number, object], string][])(
    'fails the invocation when %s, so that the batch comes again',
    async (_, answer, words) => {
      const aws = await startAws(answer)
      const { environment } = await startTelegram()
      const { code, output } = await runBundle([toLambdaEvent(records(1))], {
        ...aws.environment,
        ...environment,
        TELEGRAM_BOT_TOKEN_PARAMETER: '/bot/token',
      })
      expect(code).toBe(1)
      expect(output).toContain(words.replaceAll('"', '\\"'))
    },
  )
})
