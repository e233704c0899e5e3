import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, test } from 'vitest'
import { nodeProblem, oldestNode } from '../../lib/app/node-version.ts'
import about from '../../package.json' with { type: 'json' }

test.each([
  ['v20.20.2', 'kube-eventer-telegram needs Node.js 24 or later, but this is Node.js 20.20.2'],
  ['v9.0.0', 'kube-eventer-telegram needs Node.js 24 or later, but this is Node.js 9.0.0'],
  ['v24.0.0', undefined],
  ['v100.1.0', undefined],
])('%s', (version, problem) => {
  expect(nodeProblem(version)).toBe(problem)
})

test('package.json names the same version', () => {
  expect(about.engines.node).toBe(`>=${oldestNode}`)
})

describe('the bundle', () => {
  const root = fileURLToPath(new URL('../../', import.meta.url))
  const folder = mkdtempSync(join(tmpdir(), 'bundle-test-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  const command = about.scripts.build.replace('--outdir=dist', `--outdir=${folder}`)
  execFileSync('sh', ['-c', `PATH="$PWD/node_modules/.bin:$PATH" ${command}`], { cwd: root, stdio: 'ignore' })
  const run = (node: string, file: string, ...args: string[]) => {
    const { status, stdout, stderr } = spawnSync(node, [join(folder, file), ...args], { encoding: 'utf8', env: {} })
    return { status, stdout, stderr }
  }

  test('runs on this version', () => {
    expect(run(process.execPath, 'kube-eventer-telegram.mjs', '--version')).toEqual({
      status: 0,
      stdout: `${about.version}\n`,
      stderr: '',
    })
  })

  const systemNode = '/usr/bin/node'
  const systemVersion = existsSync(systemNode)
    ? spawnSync(systemNode, ['--version'], { encoding: 'utf8' }).stdout.trim()
    : ''
  test.runIf(nodeProblem(systemVersion || process.version)).each(['worker.mjs', 'kube-eventer-telegram.mjs'])(
    '%s says that an older version is too old',
    (file) => {
      expect(run(systemNode, file)).toEqual({ status: 1, stdout: '', stderr: `${nodeProblem(systemVersion)}\n` })
    },
  )
})
