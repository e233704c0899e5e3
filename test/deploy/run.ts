import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const execute = promisify(execFile)

export interface RunOptions {
  cwd?: string
  /** Instead of this process's environment. */
  env?: Record<string, string | undefined>
}

/** The standard output of a program; rejects with its output unless it ends well within two minutes. */
export async function run(program: string, words: string[], options: RunOptions = {}): Promise<string> {
  const { stdout } = await execute(program, words, { timeout: 120_000, maxBuffer: 1e8, ...options })
  return stdout
}
