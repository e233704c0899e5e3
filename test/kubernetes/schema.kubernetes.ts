import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, inject, test } from 'vitest'
import { run } from '../deploy/run.ts'
import { applied, build } from './manifests.ts'

const directory = mkdtempSync(join(tmpdir(), 'manifests-'))
afterAll(() => rmSync(directory, { recursive: true, force: true }))

// The oldest that is still looked after, and the newest with a schema here.
const versions = ['1.34', '1.37']

/** Rejects unless each document has the form that this Kubernetes takes, and no field that it doesn't know. */
function validate(manifests: string, version: string): Promise<string> {
  const file = join(directory, 'manifests.yaml')
  writeFileSync(file, manifests)
  return run(`${inject('programs')}kubernetes-validate`, ['--strict', '-k', version, file])
}

describe.each(versions)('Kubernetes %s', (version) => {
  test.each(applied)('takes %s', async (name) => {
    const manifests = await build(name)
    const said = await validate(manifests, version)
    expect(said.match(/passed/g)?.length).toBe(manifests.match(/^kind: /gm)?.length)
  })
})

describe('what would be refused', () => {
  test.each([
    ['an unknown field', 'replicas: 1', 'replica: 1'],
    ['a wrong type', 'replicas: 1', 'replicas: one'],
    ['a missing field', /^ {2}selector:\n {4}matchLabels:\n {6}app: worker\n/m, ''],
    ['a slip in a probe', 'readinessProbe:', 'readynessProbe:'],
  ])('%s', async (_, right, wrong) => {
    const manifests = await build('base')
    const broken = manifests.replace(right, wrong)
    expect(broken).not.toBe(manifests)
    await expect(validate(broken, '1.37')).rejects.toThrow()
  })
})
