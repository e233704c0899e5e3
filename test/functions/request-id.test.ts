import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { toLambdaEvent } from '../../lib/adapters/kafka/lambda-event.ts'
import { type Emulator, startEmulator } from '../../lib/emulator/server.ts'
import { childEnvironment } from '../support/child-environment.ts'
import { record, records } from '../support/records.ts'

interface Invocation {
  event: unknown
  /** Without one, as in a script, the context has no request id. */
  requestId?: string
  /** What getRemainingTimeInMillis answers, in turn; then the last again. */
  remaining?: number[]
}

type Line = Record<string, unknown> & { message: string; requestId?: string }

const first = '0bd1b1c5-9b2f-4f0e-8d3a-6a1c2f7e0001'
const second = '7c9e6679-7425-40de-944b-e07fc1f90002'
const folder = mkdtempSync(join(tmpdir(), 'request-id-'))
let emulator: Emulator
let environment: Record<string, string>

beforeAll(async () => {
  emulator = await startEmulator({ isPaced: false })
  environment = {
    TELEGRAM_BOT_TOKEN: emulator.token,
    TELEGRAM_CHAT_ID: '-1001234567890',
    TELEGRAM_API_ROOT: emulator.apiRoot,
    STATE: `sqlite:${join(folder, 'incidents.db')}`,
    LOG_LEVEL: 'debug',
  }
})
afterAll(async () => {
  await emulator.close()
  rmSync(folder, { recursive: true })
})

/** Invokes the bundled handler (test/support/build.ts) of a new process, all at once or in turn. Resolves with what it logged. */
async function invoke(
  name: 'notify' | 'sweep',
  invocations: Invocation[],
  { isParallel = false, own = {} }: { isParallel?: boolean; own?: Record<string, string> } = {},
): Promise<Line[]> {
  const script = `
    const { handler } = require(${JSON.stringify(fileURLToPath(new URL(`../../.bench/${name}.cjs`, import.meta.url)))})
    const invoke = ({ event, requestId, remaining = [60_000] }) => {
      const next = () => (remaining.length > 1 ? remaining.shift() : remaining[0])
      return handler(event, { awsRequestId: requestId, getRemainingTimeInMillis: next }).catch(() => {})
    }
    const run = async (invocations) => {
      if (${isParallel}) await Promise.all(invocations.map(invoke))
      else for (const invocation of invocations) await invoke(invocation)
      process.exit()
    }
    run(JSON.parse(require('node:fs').readFileSync(0, 'utf8')))`
  const child = spawn(process.execPath, ['-e', script], { env: childEnvironment({ ...environment, ...own }) })
  let output = ''
  child.stdout.on('data', (chunk) => (output += chunk))
  child.stdin.end(JSON.stringify(invocations))
  await once(child, 'close')
  return output
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
}

const countBy = (lines: Line[]) => Object.groupBy(lines, ({ requestId }) => requestId ?? 'none')
const messages = (lines: Line[] = []) => lines.map(({ message }) => message)
const onPartition = (partition: number) =>
  toLambdaEvent([0, 1].map((offset) => record(10 * partition + offset, { partition, offset })))

describe('the request id', () => {
  it('is in every line of an invocation of notify, also in the one with the metrics, and in no other line', async () => {
    const own = { AWS_LAMBDA_FUNCTION_NAME: 'notify', STATE: 'memory', FAILURE_MODE: 'partial' }
    const invocations = [
      { event: toLambdaEvent(records(2)), requestId: first },
      { event: 'not an event of Kafka', requestId: second },
    ]
    const lines = await invoke('notify', invocations, { own })
    const { none, [first]: notified, [second]: failed, ...others } = countBy(lines)
    expect(others).toEqual({})
    expect(messages(none)).toEqual(['start'])
    expect(messages(notified)).toEqual(['record', 'record', 'batch'])
    expect(notified?.at(-1)).toHaveProperty('_aws.CloudWatchMetrics')
    expect(messages(failed)).toEqual(['invocation failed'])
  })

  it('is in every line of a sweep', async () => {
    const lines = await invoke('sweep', [{ event: {}, requestId: first }])
    const { none, [first]: swept } = countBy(lines)
    expect(messages(none)).toEqual(['start'])
    expect(messages(swept)).toEqual(['sweep'])
  })

  it('is that of the line’s own invocation when two run at the same time in one process', async () => {
    const lines = await invoke(
      'notify',
      [
        { event: onPartition(1), requestId: first },
        { event: onPartition(2), requestId: second },
      ],
      { isParallel: true, own: { STATE: 'memory' } },
    )
    const partitions = (requestId: string) =>
      lines
        .filter((line) => line.requestId === requestId && line.message === 'record')
        .map(({ partition }) => partition)
    expect(partitions(first)).toEqual([1, 1])
    expect(partitions(second)).toEqual([2, 2])
    expect(messages(lines.filter(({ message }) => message === 'batch'))).toHaveLength(2)
  })

  it('is in the line about an invocation that ended just before Lambda’s timeout', async () => {
    const silent = createServer(() => {}).listen(0, '127.0.0.1')
    await once(silent, 'listening')
    const { port } = silent.address() as AddressInfo
    // middy asks first, and is told of 10 ms; the batch believes in a minute.
    const lines = await invoke(
      'notify',
      [{ event: toLambdaEvent(records(1)), requestId: first, remaining: [10, 60_000] }],
      { own: { TELEGRAM_API_ROOT: `http://127.0.0.1:${port}` } },
    )
    silent.close()
    expect(lines.at(-1)).toMatchObject({
      message: 'invocation failed',
      requestId: first,
      error: '[AbortError]: The operation was aborted.',
    })
  })

  it('is in no line if the context has none', async () => {
    const lines = await invoke('notify', [{ event: onPartition(3) }])
    expect(messages(lines)).toContain('batch')
    expect(Object.keys(countBy(lines))).toEqual(['none'])
  })
})

it('every line has a level and a timestamp by which Lambda’s JSON log format can filter', async () => {
  const levels = ['debug', 'info', 'warn', 'error']
  for (const line of await invoke('notify', [{ event: onPartition(4), requestId: first }])) {
    expect(levels).toContain(line.level)
    expect(line.timestamp).toBe(new Date(String(line.timestamp)).toISOString())
  }
})
