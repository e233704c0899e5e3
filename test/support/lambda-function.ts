import type { KafkaBatchResponse } from '../../lib/pipeline/ports.ts'
import type { TestApp } from './app.ts'

export interface LambdaFunction {
  notify(event: unknown): Promise<KafkaBatchResponse>
  /** All processes end, as with a new deployment. The next invocations start new ones. */
  restart(): void
  /** How many invocations have run at once. */
  most: number
}

interface Options {
  /** Further invocations are throttled: they wait. */
  concurrency: number
  milliseconds: number
  /** Called when an invocation, counted from 1, begins. */
  beforeInvocation?: (invocation: number) => void
}

/** A function of Lambda: each of several invocations at once runs in a process of its own, which runs later ones, too. */
export function openFunction(
  start: () => Promise<TestApp>,
  { concurrency, milliseconds, beforeInvocation = () => {} }: Options,
): LambdaFunction {
  let idle: TestApp[] = []
  let running = 0
  let invocations = 0
  let restarts = 0
  const throttled: (() => void)[] = []

  async function begin() {
    if (running >= concurrency) await new Promise<void>((resolve) => throttled.push(resolve))
    else running += 1
    opened.most = Math.max(opened.most, running)
    invocations += 1
    beforeInvocation(invocations)
    return idle.pop() ?? (await start())
  }

  function end() {
    const next = throttled.shift()
    if (next) next()
    else running -= 1
  }

  const opened: LambdaFunction = {
    most: 0,
    async notify(event) {
      const process = await begin()
      const startedAfter = restarts
      try {
        return await process.notify(event, milliseconds)
      } finally {
        if (restarts === startedAfter) idle.push(process)
        end()
      }
    },
    restart() {
      restarts += 1
      idle = []
    },
  }
  return opened
}
