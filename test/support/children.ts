import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { type ConsumedRecord, toLambdaEvent } from '../../lib/adapters/kafka/lambda-event.ts'
import type { StoreMethod } from '../../lib/adapters/store/intercept.ts'
import type { SweepResult } from '../../lib/pipeline/sweep.ts'
import { childEnvironment } from './child-environment.ts'

/** Where a process kills (SIGKILL) or freezes (SIGSTOP) itself: at the `call`-th call of a method of its store. */
export interface Fate {
  method: StoreMethod
  when: 'before' | 'after'
  call: number
  signal: 'SIGKILL' | 'SIGSTOP'
}

export interface Command {
  command: 'notify' | 'sweep'
  event?: unknown
  milliseconds: number
}

/** The result of a command, and the lines that it logged. */
export interface Reply {
  answer?: unknown
  error?: string
  log: Record<string, unknown>[]
}

export interface Child {
  /** Resolves with the outcome of each record as `sent: shown`; with `killed` if the process ended before it answered. */
  notify(records: ConsumedRecord[]): Promise<string[] | 'killed'>
  sweep(): Promise<SweepResult>
  /** The messages of all lines that it logged. */
  said: string[]
  /** Resolves when it has killed or frozen itself. */
  met: Promise<void>
  kill(): void
  /** Resumes the frozen process. Resolves when it has answered. */
  goOn(): Promise<void>
  /** Ends the process, even if it is frozen. */
  end(): Promise<void>
}

// Its leases expire at most 38 s after its start, and the scenarios let a minute pass.
const invocationMilliseconds = 25_000

// Node.js's compile cache: it halves the start time of a process.
const compiled = fileURLToPath(new URL('../../node_modules/.cache/compiled', import.meta.url))
const program = fileURLToPath(new URL('child.ts', import.meta.url))

/** Starts a process of the program with the time of `clockFile`. */
export function startChild(environment: Record<string, string>, clockFile: string, fate?: Fate): Child {
  const own = { CLOCK_FILE: clockFile, FATE: fate ? JSON.stringify(fate) : '' }
  const variables = childEnvironment({ NODE_COMPILE_CACHE: compiled, ...environment, ...own })
  const child = spawn(process.execPath, [program], {
    env: variables,
    stdio: ['pipe', 'pipe', 'inherit'],
    // A frozen process must not outlive its test.
    timeout: 45_000,
    killSignal: 'SIGKILL',
  })
  const { ask, met, isBusy } = converse(child)
  const said: string[] = []

  async function run(command: Omit<Command, 'milliseconds'>): Promise<Reply | undefined> {
    const reply = await ask({ ...command, milliseconds: invocationMilliseconds })
    said.push(...(reply?.log ?? []).map(({ message }) => String(message)))
    if (reply?.error !== undefined) throw new Error(reply.error)
    return reply
  }

  return {
    said,
    met,
    async notify(records) {
      const reply = await run({ command: 'notify', event: toLambdaEvent(records) })
      if (!reply) return 'killed'
      const { batchItemFailures } = reply.answer as { batchItemFailures: unknown[] }
      if (batchItemFailures.length > 0) throw new Error('a record goes back to Kafka')
      return reply.log.flatMap(({ message, outcome, why }) => (message === 'record' ? [`${outcome}: ${why}`] : []))
    },
    async sweep() {
      const reply = await run({ command: 'sweep' })
      if (!reply) throw new Error('killed in a sweep')
      return reply.answer as SweepResult
    },
    kill: () => void child.kill('SIGKILL'),
    async goOn() {
      // Repeated, because SIGSTOP may come after the process's message about it.
      for (; isBusy(); await pause(20)) child.kill('SIGCONT')
    },
    async end() {
      if (child.exitCode !== null || child.signalCode !== null) return
      if (isBusy()) child.kill('SIGKILL')
      else child.stdin.end()
      await once(child, 'exit')
    },
  }
}

type Piped = ChildProcessByStdio<Writable, Readable, null>

/** Commands as lines and their replies, in turn; undefined for one during which the process was killed. */
function converse(child: Piped) {
  const met = Promise.withResolvers<void>()
  const waiting: PromiseWithResolvers<Reply | undefined>[] = []
  createInterface({ input: child.stdout }).on('line', (line) => {
    const reply = JSON.parse(line)
    if (reply.met) met.resolve()
    else waiting.shift()?.resolve(reply)
  })
  // Writing to a killed process fails, which is expected.
  child.stdin.on('error', () => {})
  child.on('close', (code, signal) => {
    for (const { resolve, reject } of waiting.splice(0))
      if (signal === 'SIGKILL') resolve(undefined)
      else reject(new Error(`the process ended with ${code ?? signal}`))
  })
  return {
    met: met.promise,
    isBusy: () => waiting.length > 0,
    ask(command: Command): Promise<Reply | undefined> {
      const reply = Promise.withResolvers<Reply | undefined>()
      waiting.push(reply)
      child.stdin.write(`${JSON.stringify(command)}\n`)
      return reply.promise
    },
  }
}

/** Resolves when `condition` is true. Rejects if it is not within some seconds. */
export async function until(condition: () => boolean): Promise<void> {
  for (let tries = 0; !condition(); tries += 1) {
    if (tries > 2_000) throw new Error(`never: ${condition}`)
    await pause(5)
  }
}
