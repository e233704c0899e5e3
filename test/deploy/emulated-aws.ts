import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { bareEnvironment } from './service.ts'
import type { Template } from './template.ts'

const region = 'eu-central-1'
export const account = '000000000000'
const extension = fileURLToPath(new URL('handler-extension.cjs', import.meta.url))

export interface EmulatedAws {
  /** The environment of an AWS client that uses it. */
  environment: Record<string, string>
  /** A call of an AWS JSON API: `service` as in its host name, `target` as in `X-Amz-Target`. */
  ask(service: string, target: string, body: object): Promise<Answer>
  configuration(functionName: string): Promise<Answer>
  mappings(functionName: string): Promise<Answer[]>
  /** The function's answer, and the last 4 KB of its log. */
  invoke(functionName: string, event: unknown): Promise<{ answer: unknown; log: string }>
  template(stack: string): Promise<Template>
  /** A call of a REST API. Resolves with the text of the answer. */
  request(service: string, path: string, init?: RequestInit): Promise<string>
  /** A call of a query API. Resolves with XML. */
  query(service: string, action: string, version: string, parameters?: Record<string, string>): Promise<string>
  stop(): Promise<void>
}

export type Answer = Record<string, unknown>

// Without these a signal would leave an emulated AWS behind.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(1))

/** Emulated AWS on 127.0.0.1, in memory: ministack, which runs functions with the first `node` in PATH. It stops with this process. */
export async function startEmulatedAws(programs: string): Promise<EmulatedAws> {
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const environment = {
    AWS_ENDPOINT_URL: url,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_REGION: region,
    // Otherwise the CLI polls the stack every 5 s.
    SLS_AWS_MONITORING_FREQUENCY: '200',
  }
  const emulator = spawn(`${programs}ministack`, {
    // It listens on every address and on port 4566 unless told.
    env: {
      ...bareEnvironment,
      ...environment,
      BIND_HOST: '127.0.0.1',
      GATEWAY_PORT: String(port),
      LOG_LEVEL: 'error',
      // Otherwise roles and their policies have no effect.
      AUTH: 'true',
      NODE_OPTIONS: `--require ${extension}`,
    },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const exited = once(emulator, 'exit')
  const tell = (code: number | null, signal: string | null) => {
    process.stderr.write(`the emulated AWS ended: ${signal ?? code}\n`)
  }
  const kill = () => {
    emulator.off('exit', tell)
    emulator.kill('SIGKILL')
  }
  emulator.once('exit', tell)
  process.once('exit', kill)

  const call = async (service: string, path: string, init: RequestInit = {}) => {
    const response = await fetch(url + path, { ...init, headers: { ...init.headers, authorization: scope(service) } })
    const text = await response.text()
    if (!response.ok) throw new Error(`HTTP ${response.status} ${service} ${path}: ${text.slice(0, 500)}`)
    return { text, headers: response.headers }
  }
  const lambda = async (path: string): Promise<Answer> => JSON.parse((await call('lambda', `/2015-03-31/${path}`)).text)
  const query: EmulatedAws['query'] = async (service, action, version, parameters = {}) => {
    const body = new URLSearchParams({ Action: action, Version: version, ...parameters })
    return (await call(service, '/', { method: 'POST', body })).text
  }

  await answering(`${url}/_ministack/health`)
  return {
    environment,
    async ask(service, target, body) {
      const headers = { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': target }
      const { text } = await call(service, '/', { method: 'POST', headers, body: JSON.stringify(body) })
      return text === '' ? {} : JSON.parse(text)
    },
    configuration: (name) => lambda(`functions/${name}/configuration`),
    mappings: async (name) =>
      (await lambda(`event-source-mappings/?FunctionName=${name}`)).EventSourceMappings as Answer[],
    async invoke(name, event) {
      const path = `/2015-03-31/functions/${name}/invocations`
      const { text, headers } = await call('lambda', path, {
        method: 'POST',
        headers: { 'x-amz-log-type': 'Tail' },
        body: JSON.stringify(event),
      })
      const log = Buffer.from(headers.get('x-amz-log-result') ?? '', 'base64').toString()
      if (headers.has('x-amz-function-error')) throw new Error(`${text}\n${log}`)
      return { answer: JSON.parse(text), log }
    },
    async template(stack) {
      const text = await query('cloudformation', 'GetTemplate', '2010-05-15', { StackName: stack })
      return JSON.parse(fromXml(/<TemplateBody>(.*)<\/TemplateBody>/s.exec(text)?.[1] ?? ''))
    },
    request: async (service, path, init) => (await call(service, path, init)).text,
    query,
    async stop() {
      process.off('exit', kill)
      emulator.off('exit', tell)
      emulator.kill()
      await exited
    },
  }
}

/** The emulated AWS checks no signature, and reads service and region from the credential's scope. */
function scope(service: string): string {
  return `AWS4-HMAC-SHA256 Credential=test/20260101/${region}/${service}/aws4_request, SignedHeaders=host, Signature=0`
}

const entities: Record<string, string> = { quot: '"', lt: '<', gt: '>', '#x27': "'", amp: '&' }

function fromXml(xml: string): string {
  return xml.replace(/&(quot|lt|gt|#x27|amp);/g, (_, name: string) => entities[name] ?? '')
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const address = probe.address()
  await new Promise((done) => probe.close(done))
  if (address === null || typeof address === 'string') throw new Error('no free port')
  return address.port
}

async function answering(url: string): Promise<void> {
  for (let tries = 0; tries < 400; tries += 1) {
    const isUp = await fetch(url).then(
      (response) => response.ok,
      () => false,
    )
    if (isUp) return
    await pause(50)
  }
  throw new Error(`the emulated AWS gave no answer at ${url}`)
}
