import { spawn } from 'node:child_process'
import { once } from 'node:events'

export const chat = '-1001234567890'

/** Environment of a function whose chat is at `apiRoot`. */
export function environment(apiRoot: string): Record<string, string> {
  return {
    PATH: process.env.PATH ?? '',
    TELEGRAM_BOT_TOKEN: '123456789:bench-token-of-nobody',
    TELEGRAM_CHAT_ID: chat,
    TELEGRAM_API_ROOT: apiRoot,
  }
}

/** Runs a script in a fresh process of this Node. Resolves with its standard output. */
export async function run(script: string, env: Record<string, string>): Promise<string> {
  const child = spawn(process.execPath, ['-e', script], { env, stdio: ['ignore', 'pipe', 'inherit'] })
  let output = ''
  child.stdout.on('data', (chunk) => {
    output += chunk
  })
  const [code] = await once(child, 'close')
  if (code !== 0) throw new Error(`exit code ${code}`)
  return output
}

/** The CPU time that this process has used, in milliseconds. Other processes of a busy machine hardly change it. */
export function cpuMilliseconds(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1_000
}

export function median(numbers: number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}

/** Takes each measurement in turn, `rounds` times, so that a slow moment of the machine affects all of them. */
export async function inTurn<Name extends string>(
  rounds: number,
  measurements: Record<Name, () => number | Promise<number>>,
) {
  const taken = new Map<string, number[]>()
  for (let round = 0; round < rounds; round += 1) {
    for (const [name, measure] of Object.entries<() => number | Promise<number>>(measurements)) {
      taken.set(name, [...(taken.get(name) ?? []), await measure()])
    }
  }
  return Object.fromEntries(taken) as Record<Name, number[]>
}
