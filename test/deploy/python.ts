import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { run } from './run.ts'

const requirements = fileURLToPath(new URL('requirements.txt', import.meta.url))
const venv = fileURLToPath(new URL('../../.venv/', import.meta.url))
// A copy of the requirements that were installed last.
const installed = `${venv}requirements.txt`

/** The folder of programs of a Python environment with requirements.txt in it; made at the first run, about 40 s. */
export async function preparePython(): Promise<string> {
  const wanted = readFileSync(requirements, 'utf8')
  if (existsSync(installed) && readFileSync(installed, 'utf8') === wanted) return `${venv}bin/`
  if (!existsSync(`${venv}bin/python`)) await run(await findPython(), ['-m', 'venv', venv])
  await run(`${venv}bin/python`, ['-m', 'pip', 'install', '--quiet', '--requirement', requirements])
  writeFileSync(installed, wanted)
  return `${venv}bin/`
}

// Newer than the models that the emulated AWS can run with, and therefore in a folder of its own.
const models = 'botocore==1.44.8'
const modelsFolder = `${venv}${models}/`

/** The folder of a Python module with the models of AWS's APIs. */
export async function prepareModels(programs: string): Promise<string> {
  if (!existsSync(modelsFolder))
    await run(`${programs}python`, ['-m', 'pip', 'install', '--quiet', '--no-deps', '--target', modelsFolder, models])
  return modelsFolder
}

const isNewEnough = 'import sys, venv; sys.exit(sys.version_info < (3, 10))'

async function findPython(): Promise<string> {
  for (const name of ['python3', 'python', 'python3.13', 'python3.12', 'python3.11', 'python3.10']) {
    const found = await run(name, ['-c', isNewEnough]).then(
      () => true,
      () => false,
    )
    if (found) return name
  }
  throw new Error('The deploy check needs Python 3.10 or newer with its venv module in PATH: it runs an emulated AWS.')
}
