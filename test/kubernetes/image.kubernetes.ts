import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import about from '../../package.json' with { type: 'json' }
import { run } from '../deploy/run.ts'
import { lastOf, letIn, readDockerfile, runStage, type Stage } from './dockerfile.ts'
import { folder, root } from './manifests.ts'

const dockerfile = `${folder}Dockerfile`
const [build, final] = readDockerfile(dockerfile) as [Stage, Stage]
const isRoot = process.getuid?.() === 0

test('the linter reports nothing', async () => {
  expect(await run(`${inject('programs')}hadolint`, [dockerfile])).toBe('')
})

test('the linter reports a mistake', async () => {
  const wrong = join(mkdtempSync(join(tmpdir(), 'dockerfile-')), 'Dockerfile')
  writeFileSync(wrong, 'FROM node:latest\nRUN cd /app && sudo npm ci\n')
  await expect(run(`${inject('programs')}hadolint`, [wrong])).rejects.toThrow()
  rmSync(dirname(wrong), { recursive: true })
})

test('both stages use the same Node version as the tests', () => {
  const [, major, minor] = /^(\d+)\.(\d+)/.exec(about.devDependencies.node) ?? []
  expect([build.image, final.image]).toEqual(Array(2).fill(`node:${major}.${minor}-slim`))
})

test('the image declares its user, its volume and its stop signal', () => {
  const said = Object.fromEntries(['USER', 'VOLUME', 'EXPOSE', 'STOPSIGNAL'].map((name) => [name, lastOf(final, name)]))
  expect(said).toEqual({ USER: '1000:1000', VOLUME: '/data', EXPOSE: '8080', STOPSIGNAL: 'SIGTERM' })
})

test('the build context has only what the image copies', () => {
  const copied = build.steps.filter(({ instruction }) => instruction === 'COPY').flatMap(({ rest }) => rest.split(' '))
  expect(letIn(`${root}.dockerignore`).sort()).toEqual(
    copied.filter((name, at) => name !== './' && copied.indexOf(name) === at).sort(),
  )
})

describe('its steps, in a clean folder', () => {
  const place = mkdtempSync(join(tmpdir(), 'image-'))
  const roots = { build: join(place, 'build'), '': join(place, 'final') }
  const programs = join(roots[''], 'usr/local/bin')
  const app = join(roots[''], 'app')
  const command: string[] = JSON.parse(lastOf(final, 'CMD') ?? '[]')

  beforeAll(() => {
    // Another user must be able to read it.
    chmodSync(place, 0o755)
    const context = join(place, 'context')
    for (const name of letIn(`${root}.dockerignore`)) cpSync(join(root, name), join(context, name), { recursive: true })
    const node = join(place, 'node')
    for (const directory of [node, programs, roots.build]) mkdirSync(directory, { recursive: true })
    cpSync(join(root, 'node_modules/node/bin/node'), join(programs, 'node'), { dereference: true })
    symlinkSync(join(programs, 'node'), join(node, 'node'))
    runStage(build, { context, roots, programs: node })
    runStage(isRoot ? final : withoutOwners(final), { context, roots, programs: node })
    spawnSync('chmod', ['-R', 'a-w', app])
  })
  afterAll(() => rmSync(place, { recursive: true, force: true }))

  /** Starts it like a container: as user 1000, without this process's environment. */
  const options = (env: Record<string, string> = {}) => ({
    cwd: app,
    env: { PATH: `${programs}:/usr/bin:/bin`, ...env },
    ...(isRoot ? { uid: 1_000, gid: 1_000 } : {}),
  })
  const start = ([program = '', ...words]: string[], env?: Record<string, string>) =>
    spawnSync(program, words, { ...options(env), encoding: 'utf8', timeout: 30_000 })

  test('the image has only bundles', () => {
    expect(readdirSync(app)).toEqual(['dist'])
    expect(readdirSync(join(app, 'dist')).filter((name) => !name.endsWith('.mjs'))).toEqual([])
  })

  test.runIf(isRoot)('the program may write its state, but not its own files', () => {
    expect(statSync(join(roots[''], 'data')).uid).toBe(1_000)
    expect(statSync(join(app, 'dist/worker.mjs'))).toMatchObject({ uid: 0 })
    expect(start(['touch', join(app, 'dist/worker.mjs')]).status).not.toBe(0)
    expect(start(['touch', join(roots[''], 'data/state.db')]).status).toBe(0)
  })

  test('the command line is in PATH', () => {
    expect(start(['kube-eventer-telegram', '--version'])).toMatchObject({ status: 0, stdout: `${about.version}\n` })
    expect(start(['kube-eventer-telegram', 'check', '--telegram']).status).toBe(1)
  })

  test('the worker reports all missing settings at once', () => {
    const { status, stderr } = start(command)
    expect(status).toBe(1)
    for (const name of ['TELEGRAM_BOT_TOKEN', 'TELEGRAM_CHAT_ID', 'KAFKA_BROKERS', 'KAFKA_TOPICS'])
      expect(stderr).toContain(`- ${name}`)
  })

  test('the worker waits for unreachable brokers, reports that on /readyz, and exits on SIGTERM', async () => {
    const port = 30_000 + Math.floor(Math.random() * 2_000)
    const [program = '', ...words] = command
    const worker = spawn(program, words, {
      ...options({
        TELEGRAM_BOT_TOKEN: '123456789:AAE-of-a-test-in-the-form-of-one',
        TELEGRAM_CHAT_ID: '-1001234567890',
        TELEGRAM_API_ROOT: 'http://127.0.0.1:1',
        KAFKA_BROKERS: '127.0.0.1:1',
        KAFKA_TOPICS: 'kube-events',
        STATE: `sqlite:${join(roots[''], 'data/incidents.db')}`,
        HEALTH_PORT: String(port),
      }),
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const ended = once(worker, 'exit')
    const said = outputOf(worker)
    await firstLine(worker)
    const [alive, ready, metrics] = await Promise.all(
      ['healthz', 'readyz', 'metrics'].map((page) => fetch(`http://127.0.0.1:${port}/${page}`)),
    )
    expect([alive?.status, ready?.status, metrics?.status]).toEqual([200, 503, 200])
    expect(await ready?.json()).toMatchObject({
      kafka: expect.stringContaining('not in the consumer group'),
      state: 'ok',
    })
    worker.kill('SIGTERM')
    expect({ code: (await ended)[0], said: said() }).toMatchObject({ code: 0 })
  })
})

function withoutOwners(stage: Stage): Stage {
  const steps = stage.steps.map((step) => ({ ...step, rest: step.rest.replace(/&& chown .*/, '') }))
  return { ...stage, steps }
}

function outputOf({ stdout, stderr }: ChildProcess): () => string {
  let text = ''
  for (const stream of [stdout, stderr])
    stream?.on('data', (chunk) => {
      text += chunk
    })
  return () => text
}

/** The worker logs this when its health endpoints are up. */
async function firstLine({ stdout }: ChildProcess): Promise<void> {
  if (stdout) await once(stdout, 'data')
}
