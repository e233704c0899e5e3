import { mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { TestProject } from 'vitest/node'
import { type Broker, isFree, startBroker } from '../../infra/local/broker.ts'
import { defaultVersion } from '../../infra/local/jars.ts'
import { type Certificates, makeCertificates } from './certificates.ts'

/** How tests reach the broker of this run. */
export interface BrokerPlace {
  /** The listeners: plaintext, TLS with login, TLS with client certificates. */
  addresses: { plaintext: string; saslTls: string; mutualTls: string }
  /** Accepts POST /start, /stop and /kill: the broker is a child of another process. */
  control: string
  /** For its data; deleted after the run. */
  directory: string
  /** The jars of each Kafka version, in libs-<version>. */
  jars: string
  certificates: Certificates
  /** For PLAIN, SCRAM-SHA-256 and SCRAM-SHA-512. */
  user: { name: string; password: string }
}

declare module 'vitest' {
  export interface ProvidedContext {
    broker: BrokerPlace
  }
}

const root = fileURLToPath(new URL('../../', import.meta.url))
const user = { name: 'events', password: 'a-password-of-tests' }

/** Starts one broker for all tests, on free ports. */
export async function setup(project: TestProject) {
  mkdirSync(join(root, '.bench'), { recursive: true })
  const directory = mkdtempSync(join(root, '.bench/kafka-'))
  const certificates = makeCertificates(directory)
  const jars = process.env.KAFKA_JARS || join(root, '.kafka')
  const [port, saslTls, mutualTls, controllerPort] = (await freePorts(4)) as [number, number, number, number]
  const listeners = [
    `PLAINTEXT://127.0.0.1:${port}`,
    `SASL_SSL://127.0.0.1:${saslTls}`,
    `SSL://127.0.0.1:${mutualTls}`,
  ].join(',')
  const broker = await startBroker({
    directory,
    port,
    controllerPort,
    jars: join(jars, `libs-${defaultVersion}`),
    users: (['SCRAM-SHA-256', 'SCRAM-SHA-512'] as const).map((mechanism) => ({ mechanism, ...user })),
    properties: {
      listeners: `${listeners},CONTROLLER://127.0.0.1:${controllerPort}`,
      'advertised.listeners': listeners,
      // After a kill the controller must drop the broker before it may return.
      'broker.session.timeout.ms': '2000',
      'broker.heartbeat.interval.ms': '500',
      ...securityOf(certificates),
    },
  })
  const control = await openControl(broker)
  project.provide('broker', {
    addresses: {
      plaintext: broker.address,
      saslTls: `127.0.0.1:${saslTls}`,
      mutualTls: `127.0.0.1:${mutualTls}`,
    },
    ...{ control: control.address, directory, jars, certificates, user },
  })
  return async () => {
    control.close()
    await broker.stop()
    renameSync(broker.log, join(root, '.bench/kafka-broker.log'))
    rmSync(directory, { recursive: true, force: true })
  }
}

function securityOf({ keyStore, ca }: Certificates & { keyStore: string }): Record<string, string> {
  const login = 'org.apache.kafka.common.security'
  const scram = `${login}.scram.ScramLoginModule required;`
  return {
    'sasl.enabled.mechanisms': 'SCRAM-SHA-256,SCRAM-SHA-512,PLAIN',
    'listener.name.sasl_ssl.scram-sha-256.sasl.jaas.config': scram,
    'listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config': scram,
    'listener.name.sasl_ssl.plain.sasl.jaas.config': `${login}.plain.PlainLoginModule required user_${user.name}="${user.password}";`,
    'ssl.keystore.type': 'PEM',
    'ssl.keystore.location': keyStore,
    'ssl.truststore.type': 'PEM',
    'ssl.truststore.location': ca,
    'listener.name.ssl.ssl.client.auth': 'required',
  }
}

/** Below the ephemeral ports: a client that reconnects while the broker is down could otherwise take its port. */
async function freePorts(count: number): Promise<number[]> {
  const found = new Set<number>()
  while (found.size < count) {
    const port = 20_000 + Math.floor(Math.random() * 10_000)
    if (await isFree(port)) found.add(port)
  }
  return [...found]
}

async function openControl(broker: Broker): Promise<{ address: string; close(): void }> {
  const actions: Record<string, () => Promise<void>> = {
    '/start': () => broker.start(),
    '/stop': () => broker.stop(),
    '/kill': () => broker.kill(),
  }
  const server = createServer(async ({ url = '' }, response) => {
    try {
      const action = actions[url]
      if (!action) throw new Error(`there is no ${url}`)
      await action()
      response.end()
    } catch (error) {
      response.writeHead(500).end(String(error))
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return { address: `http://127.0.0.1:${port}`, close: () => server.close() }
}
