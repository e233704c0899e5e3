import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../../', import.meta.url))

/** Runs the text of a module in a new process, after the command `shell`. Resolves with its standard output. */
export async function runModule(text: string, { shell = '', flags = [] as string[] } = {}): Promise<string> {
  const words = [process.execPath, ...flags, '--input-type=module', '-e', text]
  const [program = '', ...rest] = shell === '' ? words : ['sh', '-c', `${shell}; exec "$@"`, 'sh', ...words]
  const child = spawn(program, rest, { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] })
  let output = ''
  child.stdout.on('data', (chunk) => {
    output += chunk
  })
  const [code, signal] = await once(child, 'close')
  if (code !== 0) throw new Error(`the process ended with ${code ?? signal}: ${output}`)
  return output
}
