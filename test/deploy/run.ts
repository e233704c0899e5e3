import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const execute = promisify(execFile)

export interface RunOptions {
  cwd?: string
  /** Instead of this process's environment. */
  env?: Record<string, string | undefined>
}

/** The standard output of a program that is given no input; rejects with its output unless it ends well within two minutes. */
export async function run(program: string, words: string[], options: RunOptions = {}): Promise<string> {
  const running = execute(program, words, { timeout: 120_000, maxBuffer: 1e8, ...options })
  // `invoke local` reads its event from there, to the end.
  running.child.stdin?.end()
  return (await running).stdout
}
