import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'
import type { Emulator } from '../../lib/emulator/server.ts'
import { environmentOf, type Way } from './broker.ts'
import { eventually } from './topic.ts'

export interface RunningWorker {
  /** Its log, parsed. */
  log: Record<string, unknown>[]
  stderr: () => string
  /** Resolves with the exit code; null after a signal. */
  ended: Promise<number | null>
  kill(signal: NodeJS.Signals): void
  get(path: '/healthz' | '/readyz' | '/metrics'): Promise<{ status: number; text: string }>
  /** Resolves when it has joined the group. */
  joined(): Promise<void>
  /** Its outcomes, for example `0/3 sent: shown`. */
  outcomes(): string[]
  /** Its peak resident memory, which a container's limit counts. */
  peakMegabytes(): number
}

interface Options {
  emulator: Pick<Emulator, 'token' | 'apiRoot'>
  topics: string[]
  group: string
  environment?: Record<string, string>
  way?: Way
}

const script = fileURLToPath(new URL('../../functions/worker.ts', import.meta.url))

/** Starts the worker in a process of its own, like in a cluster. It ends with the test at the latest. */
export async function startWorkerProcess({
  emulator,
  topics,
  group,
  environment,
  way,
}: Options): Promise<RunningWorker> {
  const port = await freePort()
  const child = spawn(process.execPath, [script], {
    env: {
      PATH: process.env.PATH ?? '',
      TELEGRAM_BOT_TOKEN: emulator.token,
      TELEGRAM_CHAT_ID: '-1001234567890',
      TELEGRAM_API_ROOT: emulator.apiRoot,
      CLUSTER_NAME: 'test',
      KAFKA_TOPICS: topics.join(','),
      KAFKA_GROUP: group,
      KAFKA_FROM: 'beginning',
      HEALTH_PORT: String(port),
      ...environmentOf(way),
      ...environment,
    },
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const log = readLog(child)
  let stderr = ''
  child.stderr.on('data', (chunk) => (stderr += chunk))
  return {
    log,
    stderr: () => stderr,
    ended: once(child, 'close').then(([code]) => code as number | null),
    kill: (signal) => void child.kill(signal),
    async get(path) {
      const response = await fetch(`http://127.0.0.1:${port}${path}`)
      return { status: response.status, text: await response.text() }
    },
    async joined() {
      await eventually('the worker is in the group', () =>
        log.some(({ message }) => message === 'kafka: joined the consumer group'),
      )
    },
    outcomes: () =>
      log
        .filter(({ message }) => message === 'record')
        .map(({ partition, offset, outcome, why }) => `${partition}/${offset} ${outcome}: ${why}`),
    peakMegabytes() {
      const [, kilobytes] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8')) ?? []
      return Number(kilobytes) / 1_024
    },
  }
}

function readLog(child: ChildProcess): Record<string, unknown>[] {
  const log: Record<string, unknown>[] = []
  let rest = ''
  child.stdout?.on('data', (chunk: Buffer) => {
    const lines = (rest + chunk).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) if (line !== '') log.push(JSON.parse(line))
  })
  return log
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
