import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const execute = promisify(execFile)

export interface RunOptions {
  cwd?: string
  /** Instead of this process's environment. */
  env?: Record<string, string | undefined>
  /** The program's standard input, empty by default. */
  input?: string
}

/** Runs a program and resolves with its standard output. Rejects with its output unless it succeeds within two minutes. */
export async function run(
  program: string,
  words: string[],
  { input = '', ...options }: RunOptions = {},
): Promise<string> {
  const running = execute(program, words, { timeout: 120_000, maxBuffer: 1e8, ...options })
  // A program may end without reading its input, and its result says whether that is a failure.
  running.child.stdin?.on('error', () => {})
  // `invoke local` reads standard input to its end, as an event.
  running.child.stdin?.end(input)
  return (await running).stdout
}
