import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { childEnvironment } from './child-environment.ts'

export interface Ended {
  code: number | null
  /** Standard output and error, as they came. */
  output: string
  /** What the handler resolved with; undefined if it rejected or never ran. */
  answer: unknown
}

/** Built by test/support/build.ts. */
const path = fileURLToPath(new URL('../../.bench/notify.cjs', import.meta.url))

const marker = '\nANSWER '

/** Runs the minified bundle in a process of its own, as Lambda does: load, one invocation per event, end. */
export async function runBundle(events: unknown[], env: Record<string, string>, milliseconds = 60_000): Promise<Ended> {
  const script = `
    const { handler } = require(${JSON.stringify(path)})
    const run = async () => {
      let answer
      for (const event of JSON.parse(require('node:fs').readFileSync(0, 'utf8'))) {
        const until = Date.now() + ${milliseconds}
        answer = await handler(event, { getRemainingTimeInMillis: () => until - Date.now() })
      }
      process.stdout.write(${JSON.stringify(marker)} + JSON.stringify(answer))
    }
    run().catch((error) => { console.error(error); process.exitCode = 1 })`
  const child = spawn(process.execPath, ['-e', script], { env: childEnvironment(env) })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk))
  child.stdin.on('error', () => {})
  child.stdin.end(JSON.stringify(events))
  const [code] = await once(child, 'close')
  const [said = '', answer] = output.split(marker)
  return { code, output: said, answer: answer === undefined ? undefined : JSON.parse(answer.split('\n')[0] ?? '') }
}
