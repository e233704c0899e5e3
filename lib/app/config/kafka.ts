import type { KafkaSetting, Login, Tls } from '../../adapters/kafka/client.ts'
import { maskTokens } from '../../core/message/text/mask.ts'
import { eitherOf } from '../../core/routing/problem.ts'
import { type Environment, listed, openReader, type Reader } from './environment.ts'

/** Settings of the worker and of commands that connect to brokers. */
export interface KafkaConfig {
  kafka: KafkaSetting
  /** Empty only where `topicsNeeded` is false. */
  topics: string[]
  group: string
  /** Where a group without committed offsets begins. */
  from: 'latest' | 'beginning'
  /** Of /healthz, /readyz and /metrics. */
  healthPort: number
  warnings: string[]
}

/** Reads a file, or says why it cannot. */
export type ReadText = (name: string) => { text: string } | { problem: string }

/** Reads the KAFKA_ variables, or lists every problem in them. */
export function parseKafka(
  environment: Environment,
  readText: ReadText,
  { topicsNeeded = true }: { topicsNeeded?: boolean } = {},
): { config: KafkaConfig } | { problems: string[] } {
  const reader = openReader(environment)
  const { optional, oneOf, read } = reader
  const brokers = reader.required('KAFKA_BROKERS', 'a comma-separated list of host:port', parseBrokers)
  const topics = (topicsNeeded ? reader.required : read)(
    'KAFKA_TOPICS',
    'a comma-separated list of topic names (at most 249 letters, digits, ".", "_" and "-" each)',
    parseTopics,
  )
  const login = readLogin(reader, readText)
  const tls = readTls(reader, readText, login)
  const config = {
    kafka: { brokers, tls, login },
    topics: topics ?? [],
    group:
      read('KAFKA_GROUP', 'a name of at most 255 characters', (text) => (text.length <= 255 ? text : undefined)) ??
      ownGroup,
    from: oneOf('KAFKA_FROM', ['latest', 'beginning'], 'latest'),
    healthPort: read('HEALTH_PORT', 'a port from 1 to 65535', parsePort) ?? 8080,
    warnings: warningsOf(login, tls, optional('KAFKA_USERNAME')),
  }
  return reader.problems.length === 0 ? { config: config as KafkaConfig } : { problems: reader.problems }
}

const ownGroup = 'kube-eventer-telegram'

/** True for a valid name of a Kafka topic. */
export function isTopic(text: string): boolean {
  return /^[\w.-]{1,249}$/.test(text) && text !== '.' && text !== '..'
}

function parseBrokers(text: string): string[] | undefined {
  const brokers = listOf(text)
  return brokers.length > 0 && brokers.every(isAddress) ? brokers : undefined
}

function isAddress(text: string): boolean {
  // kafkajs takes what follows the first colon for the port, so an IPv6 address needs a name.
  const [, port = ''] = /^[\w.-]+:(\d+)$/.exec(text) ?? []
  return parsePort(port) !== undefined
}

function parseTopics(text: string): string[] | undefined {
  const topics = listOf(text)
  return topics.length > 0 && topics.every(isTopic) ? [...new Set(topics)] : undefined
}

function listOf(text: string): string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
}

function parsePort(text: string): number | undefined {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0
  return port >= 1 && port <= 65_535 ? port : undefined
}

function readLogin(reader: Reader, readText: ReadText): Login | undefined {
  const { optional } = reader
  const mechanism = reader.read('KAFKA_SASL', eitherOf(mechanisms), (text) =>
    mechanisms.find((known) => known === text.toLowerCase()),
  )
  if (mechanism === undefined) {
    const given = ['KAFKA_USERNAME', 'KAFKA_PASSWORD', 'KAFKA_PASSWORD_FILE'].filter((name) => optional(name))
    if (given.length > 0 && optional('KAFKA_SASL') === undefined)
      reader.problem(
        `${listed(given)} ${given.length === 1 ? 'needs' : 'need'} KAFKA_SASL; set it to ${eitherOf(mechanisms)}`,
      )
    return undefined
  }
  if (mechanism === 'aws-msk-iam') {
    const region = optional('AWS_REGION') ?? optional('AWS_DEFAULT_REGION')
    if (region === undefined) reader.problem('AWS_REGION is not set; KAFKA_SASL=aws-msk-iam needs it')
    return region === undefined ? undefined : { mechanism, region }
  }
  const username = optional('KAFKA_USERNAME')
  if (username === undefined) reader.problem(`KAFKA_USERNAME is not set; KAFKA_SASL=${mechanism} needs it`)
  const password = readPassword(reader, readText, mechanism)
  return username === undefined || password === undefined ? undefined : { mechanism, username, password }
}

const mechanisms = ['plain', 'scram-sha-256', 'scram-sha-512', 'aws-msk-iam'] as const

function readPassword(reader: Reader, readText: ReadText, mechanism: string): string | undefined {
  const { optional } = reader
  const [given, file] = [optional('KAFKA_PASSWORD'), optional('KAFKA_PASSWORD_FILE')]
  if ((given === undefined) === (file === undefined)) {
    reader.problem(
      given === undefined
        ? `KAFKA_PASSWORD is not set; KAFKA_SASL=${mechanism} needs it or KAFKA_PASSWORD_FILE`
        : 'KAFKA_PASSWORD and KAFKA_PASSWORD_FILE are set; set only one of them',
    )
    return undefined
  }
  const text = given ?? textOf('KAFKA_PASSWORD_FILE', reader, readText)
  // Editors end a file with a line break.
  const password = text?.replace(/\r?\n$/, '')
  if (password !== '') return password
  reader.problem('KAFKA_PASSWORD_FILE: the file is empty; it must contain the password')
  return undefined
}

function readTls(reader: Reader, readText: ReadText, login: Login | undefined): Tls | undefined {
  const pem = (name: string, form: RegExp, content: string) => {
    const text = textOf(name, reader, readText)
    if (text !== undefined && !form.test(text))
      reader.problem(`${name}: "${maskTokens(reader.optional(name) ?? '')}" contains no ${content} in PEM format`)
    return text
  }
  const ca = pem('KAFKA_CA_FILE', /-----BEGIN (?:TRUSTED )?CERTIFICATE-----/, 'CA certificate')
  const certificate = pem('KAFKA_CERTIFICATE_FILE', /-----BEGIN CERTIFICATE-----/, 'client certificate')
  const key = pem('KAFKA_KEY_FILE', /-----BEGIN (?:RSA |EC )?PRIVATE KEY-----/, 'private key without passphrase')
  const isNamed = (name: string) => reader.optional(name) !== undefined
  if (isNamed('KAFKA_CERTIFICATE_FILE') !== isNamed('KAFKA_KEY_FILE'))
    reader.problem('KAFKA_CERTIFICATE_FILE and KAFKA_KEY_FILE must be set together')
  const isIam = login?.mechanism === 'aws-msk-iam'
  const needing = ['KAFKA_CA_FILE', 'KAFKA_CERTIFICATE_FILE'].filter(isNamed)
  const switched = reader.oneOf('KAFKA_TLS', ['on', 'off'], isIam || needing.length > 0 ? 'on' : 'off')
  const needs = isIam ? 'KAFKA_SASL=aws-msk-iam' : needing[0]
  if (switched === 'off' && needs) reader.problem(`KAFKA_TLS must be on with ${needs}`)
  if (switched !== 'on') return undefined
  return { ...(ca ? { ca } : {}), ...(certificate ? { certificate } : {}), ...(key ? { key } : {}) }
}

function textOf(name: string, reader: Reader, readText: ReadText): string | undefined {
  const file = reader.optional(name)
  if (file === undefined) return undefined
  const read = readText(file)
  if ('text' in read) return read.text
  reader.problem(`${name}: cannot read "${maskTokens(file)}": ${maskTokens(read.problem)}`)
  return undefined
}

function warningsOf(login: Login | undefined, tls: Tls | undefined, username: string | undefined): string[] {
  if (login === undefined || tls !== undefined || login.mechanism === 'aws-msk-iam') return []
  const what = login.mechanism === 'plain' ? `the password of "${maskTokens(username ?? '')}"` : 'all records'
  return [`KAFKA_SASL=${login.mechanism} without KAFKA_TLS=on sends ${what} over the network unencrypted`]
}
