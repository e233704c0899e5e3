import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { toLambdaEvent } from '../../lib/adapters/kafka/lambda-event.ts'
import { packagedJson, packagedName } from '../../lib/app/config/load.ts'
import { parseTarget } from '../../lib/core/routing/target.ts'
import { makeCertificates } from '../kafka/certificates.ts'
import { record } from '../support/records.ts'
import { bundleLibraries, bundleNotify, bundleSweep } from './bundle.ts'
import { cpuShareOf, openCgroup } from './cgroup.ts'
import { chat, environment, median } from './processes.ts'
import { manyRules } from './rules.ts'

/** Milliseconds of one start: of CPU until the module has been loaded, and from the invocation to the first byte at Telegram. */
interface Start {
  load: number
  firstByte: number
}

interface Program {
  /** Loads the module, and evaluates to the function that the invocation calls. */
  script: string
  environment?: Record<string, string>
  /** False: only its load is measured. */
  isInvoked?: boolean
}

// As in serverless.yml.
const megabytes = 256

/** How a function of 256 MB starts. Milliseconds and ratios of programs that were started in turn. */
export async function measureStart() {
  const [notify, sweep, libraries] = [await bundleNotify(), await bundleSweep(), await bundleLibraries()]
  const lambda = { AWS_LAMBDA_FUNCTION_NAME: 'notify', STATE: 'memory', FAILURE_MODE: 'partial' }
  const files = await writeRules(lambda)
  const { isLimited, taken } = await measureStarts(11, (apiRoot) => ({
    nothing: { script: '() => {}', isInvoked: false },
    libraries: { script: `(require(${JSON.stringify(libraries.path)}), () => {})`, isInvoked: false },
    // The same program without processing the example record at start.
    sweep: { script: `(require(${JSON.stringify(sweep.path)}), () => {})`, isInvoked: false, environment: lambda },
    bare: { script: bareRequest(apiRoot) },
    notify: { script: invocationOf(notify.path), environment: lambda },
    packaged: { script: invocationOf(notify.path), environment: { ...lambda, CONFIG_FILE: files.packaged } },
    yaml: { script: invocationOf(notify.path), environment: { ...lambda, CONFIG_FILE: files.yaml } },
  }))
  const loads = (name: keyof typeof taken, than: keyof typeof taken) =>
    taken[name].map(({ load }, round) => load - (taken[than][round]?.load ?? Number.NaN))
  const firstBytes = (name: keyof typeof taken) => taken[name].map(({ firstByte }) => firstByte)
  const ratio = (some: number[], others: number[]) =>
    median(some.map((one, round) => one / (others[round] ?? Number.NaN)))
  return {
    isLimited,
    bytes: notify.bytes,
    load: {
      milliseconds: median(loads('sweep', 'nothing')),
      libraries: median(loads('libraries', 'nothing')),
      ratio: ratio(loads('sweep', 'nothing'), loads('libraries', 'nothing')),
      example: median(loads('notify', 'sweep')),
    },
    firstByte: {
      milliseconds: median(firstBytes('notify')),
      bare: median(firstBytes('bare')),
      ratio: ratio(firstBytes('notify'), firstBytes('bare')),
    },
    rules: { packaged: median(loads('packaged', 'notify')), yaml: median(loads('yaml', 'notify')) },
  }
}

/** Forty rules as a YAML file and as a packaged one. Without a time zone, because its first use takes as long as all rules. */
async function writeRules(environment: Record<string, string>) {
  const [yaml, packaged] = ['rules.yml', 'packaged-rules.yml'].map((name) =>
    fileURLToPath(new URL(`../../.bench/${name}`, import.meta.url)),
  ) as [string, string]
  for (const file of [yaml, packaged]) writeFileSync(file, manyRules(40))
  const target = parseTarget(chat)
  if (!target) throw new Error('no target')
  const read = await packagedJson({ ...environment, CONFIG_FILE: packaged }, { target, timeZone: 'UTC' })
  writeFileSync(packagedName(packaged), read ?? '')
  return { yaml, packaged }
}

/**
 * Starts each program in turn as Lambda does: its module loads with a whole CPU, and its invocation has the share that comes with 256 MB.
 * The chat is behind TLS. `isLimited` is false if no cgroup can be created.
 */
async function measureStarts<Name extends string>(
  rounds: number,
  programs: (apiRoot: string) => Record<Name, Program>,
): Promise<{ isLimited: boolean; taken: Record<Name, Start[]> }> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-tls-'))
  const { ca, keyStore } = makeCertificates(folder)
  const pem = readFileSync(keyStore)
  let arrived = 0
  const server = createServer({ key: pem, cert: pem }, (request, response) => {
    arrived = performance.now()
    request.resume()
    response.end('{"ok":true,"result":{"message_id":1}}')
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const apiRoot = `https://localhost:${(server.address() as AddressInfo).port}`
  let isLimited = true

  async function start(program: Program): Promise<Start> {
    const env = { ...environment(apiRoot), NODE_EXTRA_CA_CERTS: ca, ...program.environment }
    const child = spawn(process.execPath, ['-e', harness(program.script)], { env, stdio: ['pipe', 'pipe', 'inherit'] })
    const cgroup = openCgroup(megabytes)
    try {
      if (!cgroup) isLimited = false
      const load = await readyAfter(child.stdout)
      if (program.isInvoked === false) return await ended(child, { load, firstByte: Number.NaN })
      cgroup?.add(child.pid ?? 0)
      cgroup?.slowTo(cpuShareOf(megabytes))
      const invoked = performance.now()
      child.stdin.write('\n')
      await once(server, 'request')
      return await ended(child, { load, firstByte: arrived - invoked })
    } finally {
      cgroup?.close()
    }
  }

  const all = Object.entries<Program>(programs(apiRoot))
  const taken = Object.fromEntries(all.map(([name]) => [name, [] as Start[]])) as Record<Name, Start[]>
  for (let round = 0; round < rounds; round += 1)
    for (const [name, program] of all) taken[name as Name].push(await start(program))
  server.closeAllConnections()
  server.close()
  rmSync(folder, { recursive: true })
  return { isLimited, taken }
}

async function ended(child: ChildProcess, start: Start): Promise<Start> {
  const closed = once(child, 'close')
  child.kill('SIGKILL')
  await closed
  return start
}

/** Resolves with the process's report about its load. Continues reading, so that the process never blocks on a full pipe. */
async function readyAfter(stream: Readable): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>()
  let said = ''
  stream.on('data', (chunk) => {
    said += chunk
    const [, milliseconds] = /READY ([\d.]+)\n/.exec(said) ?? []
    if (milliseconds) resolve(Number(milliseconds))
  })
  stream.once('end', () => reject(new Error(`the module does not load: ${said}`)))
  return promise
}

/**
 * The runtime asks for the first event once nothing is left to do that needs no input or output. The load is measured as CPU time, which other
 * processes of a busy machine hardly change.
 */
function harness(script: string): string {
  return `
    const invoke = ${script}
    setImmediate(() => {
      process.stdin.once('data', () => invoke())
      const { user, system } = process.cpuUsage()
      console.log('READY ' + (user + system) / 1000)
    })`
}

function invocationOf(path: string): string {
  const event = JSON.stringify(toLambdaEvent([record(0)]))
  return `(({ handler }) => { const event = JSON.parse(${JSON.stringify(event)}); return () => handler(event, { getRemainingTimeInMillis: () => 60_000 }) })(require(${JSON.stringify(path)}))`
}

function bareRequest(apiRoot: string): string {
  return `(({ request }) => () => request('${apiRoot}/', { method: 'POST' }, (answer) => answer.resume()).end('{}'))(require('node:https'))`
}
