import assert from 'node:assert/strict'
import type { EmulatedAws } from './emulated-aws.ts'
import { run } from './run.ts'
import { root } from './service.ts'

interface Told {
  level: string
  about: string
  says: string
}

/** `check --aws` finds each part of the deployed stack. */
export async function checkAsked(aws: EmulatedAws) {
  const told = await ask(aws)
  const parts = ['credentials', 'stack', 'function', 'event source', 'token', 'table', 'sweep', 'alarms']
  const found = new Set(told.map(({ about }) => about))
  assert.deepEqual(
    parts.filter((part) => !found.has(part)),
    [],
  )
  const problems = told.filter(({ level }) => level === 'problem').map(({ says }) => says)
  // The emulated AWS drops the pollers from a mapping.
  assert.deepEqual(problems, [
    'records that fail are lost: FAILURE_MODE is partial, but the event source has no provisioned pollers',
  ])
}

async function ask({ environment }: EmulatedAws): Promise<Told[]> {
  const words = ['lib/cli/main.ts', 'check', '--aws', '--json']
  const env = { PATH: process.env.PATH, ...environment }
  // Exit code 1: it found a problem.
  const output = await run(process.execPath, words, { cwd: root, env }).catch(
    ({ stdout }: { stdout: string }) => stdout,
  )
  return (JSON.parse(output) as { aws: Told[] }).aws
}
