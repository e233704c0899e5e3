import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'
import { childEnvironment } from '../support/child-environment.ts'

export interface Ended {
  code: number | null
  stdout: string
  stderr: string
}

const root = fileURLToPath(new URL('../../', import.meta.url))

/** A program of this project, run as a user does, in an environment that holds nothing else. */
export async function run(
  script: string,
  args: string[],
  env: Record<string, string> = {},
  onError: (stderr: string, kill: (signal: NodeJS.Signals) => void) => void = () => {},
): Promise<Ended> {
  const child = spawn(process.execPath, [join(root, script), ...args], {
    cwd: root,
    env: childEnvironment({ TZ: 'UTC', ...env }),
  })
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (chunk) => (stdout += chunk))
  child.stderr.on('data', (chunk) => {
    stderr += chunk
    onError(stderr, (signal) => child.kill(signal))
  })
  const [code] = await once(child, 'close')
  return { code, stdout, stderr }
}

export const cli = (args: string[], env?: Record<string, string>) => run('lib/cli/main.ts', args, env)

/** A folder that is gone after the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'cli-test-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}
