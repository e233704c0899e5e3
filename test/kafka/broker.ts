import { readFileSync } from 'node:fs'
import { inject } from 'vitest'
import type { KafkaSetting, Login } from '../../lib/adapters/kafka/client.ts'

/** Starts and stops the broker of this run. A test that stops it must start it again, at the latest in onTestFinished. */
export const broker = {
  /** Resolves when it listens; at once if it already runs. */
  start: () => control('start'),
  /** A clean shutdown. */
  stop: () => control('stop'),
  /** SIGKILL, like a power failure. */
  kill: () => control('kill'),
}

async function control(action: string): Promise<void> {
  const response = await fetch(`${inject('broker').control}/${action}`, { method: 'POST' })
  if (!response.ok) throw new Error(await response.text())
}

/** The broker's listeners, each with one login mechanism. */
export const ways = ['plaintext', 'plain', 'scram-sha-256', 'scram-sha-512', 'certificate'] as const
export type Way = (typeof ways)[number]

/** The client's setting for one of these listeners. */
export function settingOf(way: Way): KafkaSetting {
  const { addresses, certificates, user } = inject('broker')
  const ca = readFileSync(certificates.ca, 'utf8')
  if (way === 'plaintext') return { brokers: [addresses.plaintext], tls: undefined, login: undefined }
  if (way === 'certificate') {
    const [certificate, key] = [readFileSync(certificates.certificate, 'utf8'), readFileSync(certificates.key, 'utf8')]
    return { brokers: [addresses.mutualTls], tls: { ca, certificate, key }, login: undefined }
  }
  const login: Login = { mechanism: way, username: user.name, password: user.password }
  return { brokers: [addresses.saslTls], tls: { ca }, login }
}

/** The same as environment variables. */
export function environmentOf(way: Way = 'plaintext'): Record<string, string> {
  const { addresses, certificates, user } = inject('broker')
  if (way === 'plaintext') return { KAFKA_BROKERS: addresses.plaintext }
  const { ca, certificate, key } = certificates
  if (way === 'certificate')
    return {
      ...{ KAFKA_BROKERS: addresses.mutualTls, KAFKA_CA_FILE: ca },
      ...{ KAFKA_CERTIFICATE_FILE: certificate, KAFKA_KEY_FILE: key },
    }
  return {
    ...{ KAFKA_BROKERS: addresses.saslTls, KAFKA_CA_FILE: ca },
    ...{ KAFKA_SASL: way, KAFKA_USERNAME: user.name, KAFKA_PASSWORD: user.password },
  }
}
