import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { join, resolve } from 'node:path'
import { systemClock } from '../../lib/adapters/clock.ts'
import { collectJars, defaultVersion, loggingOf } from './jars.ts'

export interface BrokerSetting {
  /** For its data and its log. */
  directory: string
  port: number
  /** In place of the next one. */
  controllerPort?: number
  version?: string
  /** Where its jars are, or come to be. */
  jars?: string
  /** Of server.properties; they replace what is written there otherwise. */
  properties?: Record<string, string>
  /** Who may log in by SCRAM. They are made once, with the data. */
  users?: { mechanism: 'SCRAM-SHA-256' | 'SCRAM-SHA-512'; name: string; password: string }[]
}

export interface Broker {
  address: string
  log: string
  /** Starts it again after stop or kill, with its data; resolves when it listens. */
  start(): Promise<void>
  /** As an operator does it: it says goodbye to its clients. */
  stop(): Promise<void>
  /** As a power failure does it. */
  kill(): Promise<void>
}

const host = '127.0.0.1'
const mostSecondsToStart = 60

/** A real single-node Kafka broker (KRaft) without Docker. It ends with the process that started it, however that ends. */
export async function startBroker(setting: BrokerSetting): Promise<Broker> {
  const { port, version = defaultVersion, users = [] } = setting
  const directory = resolve(setting.directory)
  const classPath = collectJars(resolve(setting.jars ?? join(directory, `libs-${version}`)), version)
  const data = join(directory, `data-${version}`)
  const [properties, logging, log] = ['server.properties', 'log4j.properties', 'broker.log'].map((name) =>
    join(directory, name),
  ) as [string, string, string]
  const { option, text } = loggingOf(version, logging)
  mkdirSync(directory, { recursive: true })
  writeFileSync(logging, text)
  writeFileSync(properties, propertiesOf(setting, data))

  const java = [option, '-Xms128m', '-Xmx512m', '-XX:+UseSerialGC', '-cp', classPath]
  if (!existsSync(join(data, 'meta.properties'))) {
    const scram = users.map(({ mechanism, name, password }) => `${mechanism}=[name=${name},password=${password}]`)
    const format = ['format', '--cluster-id', freshId(), '--config', properties]
    const args = [...java, 'kafka.tools.StorageTool', ...format, ...scram.flatMap((user) => ['--add-scram', user])]
    const { status, stdout, stderr } = spawnSync('java', args, { encoding: 'utf8' })
    if (status !== 0) throw new Error(`Kafka could not make its data in ${data}:\n${stdout}${stderr}`)
  }

  let child: ChildProcess | undefined
  const broker: Broker = {
    address: `${host}:${port}`,
    log,
    async start() {
      if (child && !hasEnded(child)) return
      if (!(await isFree(port))) throw new Error(`${host}:${port} is taken by another program.`)
      child = launch([...java, 'kafka.Kafka', properties], log)
      await listening(child, port, log)
    },
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
  }
  await broker.start()
  return broker

  async function end(signal: NodeJS.Signals) {
    if (child === undefined || hasEnded(child)) return
    const ended = once(child, 'exit')
    child.kill(signal)
    await ended
  }
}

/** Its fourth stream is a line to this process: when that is cut, whatever the reason, a shell beside it stops the broker. */
function launch(args: string[], log: string): ChildProcess {
  const output = openSync(log, 'a')
  const script = '(read -r _ <&3; kill "$$" 2>/dev/null) & exec java "$@" 3<&-'
  // In a group of its own: Ctrl-C in a terminal is for who started it, not for it.
  const child = spawn('sh', ['-c', script, 'sh', ...args], {
    stdio: ['ignore', output, output, 'pipe'],
    detached: true,
  })
  closeSync(output)
  const [, , , line] = child.stdio
  line?.on('error', () => {})
  child.on('exit', () => line?.destroy())
  return child
}

async function listening(child: ChildProcess, port: number, log: string) {
  for (let tries = 0; tries < 5 * mostSecondsToStart; tries += 1) {
    if (hasEnded(child)) throw new Error(`The broker ended at once. ${log} ends with:\n${endOf(log)}`)
    if (await answers(port)) return
    await systemClock.sleep(200)
  }
  child.kill('SIGKILL')
  throw new Error(`There is no broker on ${host}:${port} after ${mostSecondsToStart} s. ${log} says:\n${endOf(log)}`)
}

function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null
}

function endOf(log: string): string {
  return readFileSync(log, 'utf8').trimEnd().split('\n').slice(-20).join('\n')
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port })
    socket.on('connect', () => resolve(true)).on('error', () => resolve(false))
    socket.on('connect', () => socket.destroy())
  })
}

/** True if this process could listen there. */
export function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.on('error', () => resolve(false))
    server.listen(port, host, () => server.close(() => resolve(true)))
  })
}

/** Kafka's form of a UUID; it may not begin with a dash, which is an option to its tools. */
function freshId(): string {
  const id = Buffer.from(randomUUID().replaceAll('-', ''), 'hex').toString('base64url')
  return id.startsWith('-') ? freshId() : id
}

function propertiesOf({ port, controllerPort = port + 1, properties }: BrokerSetting, data: string): string {
  const all = {
    'process.roles': 'broker,controller',
    'node.id': '1',
    'controller.quorum.voters': `1@${host}:${controllerPort}`,
    'controller.listener.names': 'CONTROLLER',
    'inter.broker.listener.name': 'PLAINTEXT',
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SASL_SSL:SASL_SSL,SSL:SSL',
    listeners: `PLAINTEXT://${host}:${port},CONTROLLER://${host}:${controllerPort}`,
    'advertised.listeners': `PLAINTEXT://${host}:${port}`,
    'log.dirs': data,
    'num.partitions': '3',
    // A name with a slip in it is to be told, not to become a topic.
    'auto.create.topics.enable': 'false',
    // A single node has nobody to copy to.
    'offsets.topic.replication.factor': '1',
    'offsets.topic.num.partitions': '5',
    'transaction.state.log.replication.factor': '1',
    'transaction.state.log.min.isr': '1',
    // Else the first member of a group waits 3 s for others.
    'group.initial.rebalance.delay.ms': '0',
    ...properties,
  }
  const lines = Object.entries(all).map(([name, value]) => `${name}=${value}\n`)
  return lines.join('')
}

if (import.meta.main) void import('./run-broker.ts')
