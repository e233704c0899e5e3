import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, inject, test } from 'vitest'
import { run } from '../deploy/run.ts'
import { applied, build } from './manifests.ts'

const directory = mkdtempSync(join(tmpdir(), 'manifests-'))
afterAll(() => rmSync(directory, { recursive: true, force: true }))

// The oldest supported version, and the newest with a schema in the validator.
const versions = ['1.34', '1.37']

/** Rejects unless each document is valid for this Kubernetes version, without unknown fields. */
function validate(manifests: string, version: string): Promise<string> {
  const file = join(directory, 'manifests.yaml')
  writeFileSync(file, manifests)
  return run(`${inject('programs')}kubernetes-validate`, ['--strict', '-k', version, file])
}

describe.each(versions)('Kubernetes %s', (version) => {
  test.each(applied)('accepts %s', async (name) => {
    const manifests = await build(name)
    const said = await validate(manifests, version)
    expect(said.match(/passed/g)?.length).toBe(manifests.match(/^kind: /gm)?.length)
  })
})

describe('mistakes are reported', () => {
  test.each([
    ['an unknown field', 'replicas: 1', 'replica: 1'],
    ['a wrong type', 'replicas: 1', 'replicas: one'],
    ['a missing field', /^ {2}selector:\n {4}matchLabels:\n {6}app: worker\n/m, ''],
    ['a typo in a probe', 'readinessProbe:', 'readynessProbe:'],
  ])('%s', async (_, right, wrong) => {
    const manifests = await build('base')
    const broken = manifests.replace(right, wrong)
    expect(broken).not.toBe(manifests)
    await expect(validate(broken, '1.37')).rejects.toThrow()
  })
})
