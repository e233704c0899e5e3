import * as fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import type { Environment } from '../../../lib/app/config/environment.ts'
import { parseKafka } from '../../../lib/app/config/kafka.ts'
import { ca, files, iam, key, mistakes, plain, secret } from './kafka-mistakes.table.ts'

const least = { KAFKA_BROKERS: 'kafka:9092', KAFKA_TOPICS: 'kube-events' }

function readText(name: string) {
  const text = files[name]
  return text === undefined ? { problem: 'there is no such file in /app' } : { text }
}

function parse(environment: Environment, options?: { topicsNeeded?: boolean }) {
  return parseKafka(environment, readText, options)
}

function configOf(environment: Environment) {
  const parsed = parse(environment)
  if ('problems' in parsed) throw new Error(parsed.problems.join('\n'))
  return parsed.config
}

function problemsOf(environment: Environment): string[] {
  const parsed = parse(environment)
  return 'problems' in parsed ? parsed.problems : []
}

describe('defaults', () => {
  it('need only brokers and topics', () => {
    expect(configOf(least)).toEqual({
      kafka: { brokers: ['kafka:9092'], tls: undefined, login: undefined },
      topics: ['kube-events'],
      group: 'kube-eventer-telegram',
      from: 'latest',
      healthPort: 8080,
      warnings: [],
    })
  })

  it('treat an empty variable as not set', () => {
    const empty = Object.fromEntries(
      ['GROUP', 'FROM', 'TLS', 'CA_FILE', 'CERTIFICATE_FILE', 'KEY_FILE', 'SASL', 'USERNAME', 'PASSWORD'].map(
        (name) => [`KAFKA_${name}`, ' '],
      ),
    )
    expect(configOf({ ...least, ...empty, HEALTH_PORT: '' })).toEqual(configOf(least))
  })

  it('need no topics where a command names them', () => {
    const parsed = parse({ KAFKA_BROKERS: 'kafka:9092' }, { topicsNeeded: false })
    expect(parsed).toMatchObject({ config: { topics: [] } })
  })
})

describe('settings', () => {
  test.each<[string, Environment, object]>([
    [
      'several brokers and topics, each topic once',
      { KAFKA_BROKERS: ' a:1, b.example-1.com:65535 ,', KAFKA_TOPICS: 'x, y,x' },
      { kafka: { brokers: ['a:1', 'b.example-1.com:65535'] }, topics: ['x', 'y'] },
    ],
    [
      'a group, its start and a port',
      { KAFKA_GROUP: 'mine', KAFKA_FROM: 'beginning', HEALTH_PORT: '9' },
      { group: 'mine', from: 'beginning', healthPort: 9 },
    ],
    ['TLS alone uses the system’s certificate authorities', { KAFKA_TLS: 'on' }, { kafka: { tls: {} } }],
    ['a CA turns TLS on', { KAFKA_CA_FILE: 'ca.pem' }, { kafka: { tls: { ca } } }],
    [
      'a client certificate turns TLS on',
      { KAFKA_CERTIFICATE_FILE: 'client.pem', KAFKA_KEY_FILE: 'client.key' },
      { kafka: { tls: { certificate: ca, key } } },
    ],
    [
      'SCRAM over TLS',
      { ...plain, KAFKA_SASL: 'SCRAM-SHA-512', KAFKA_TLS: 'on' },
      { kafka: { login: { mechanism: 'scram-sha-512', username: 'events', password: secret } }, warnings: [] },
    ],
    [
      'a password from a file, without its final line break',
      { ...plain, KAFKA_PASSWORD: '', KAFKA_PASSWORD_FILE: 'password', KAFKA_TLS: 'on' },
      { kafka: { login: { password: secret } } },
    ],
    ['IAM turns TLS on', iam, { kafka: { tls: {}, login: { mechanism: 'aws-msk-iam', region: 'eu-west-1' } } }],
    [
      'IAM with the region from AWS_DEFAULT_REGION',
      { KAFKA_SASL: 'aws-msk-iam', AWS_DEFAULT_REGION: 'eu-west-2' },
      { kafka: { login: { region: 'eu-west-2' } } },
    ],
  ])('%s', (_name, environment, expected) => {
    expect(configOf({ ...least, ...environment })).toMatchObject(expected)
  })

  test.each<[string, Environment, string[]]>([
    [
      'PLAIN without TLS',
      plain,
      ['KAFKA_SASL=plain without KAFKA_TLS=on sends the password of "events" over the network unencrypted'],
    ],
    [
      'SCRAM without TLS',
      { ...plain, KAFKA_SASL: 'scram-sha-256' },
      ['KAFKA_SASL=scram-sha-256 without KAFKA_TLS=on sends all records over the network unencrypted'],
    ],
    ['nothing with TLS', { ...plain, KAFKA_TLS: 'on' }, []],
  ])('warn about %s', (_name, environment, warnings) => {
    expect(configOf({ ...least, ...environment }).warnings).toEqual(warnings)
  })
})

describe('mistakes', () => {
  test.each(mistakes)('%s', (_name, environment, problems) => {
    expect(problemsOf({ ...least, ...environment })).toEqual(problems)
  })

  it('are reported all at once', () => {
    const wrong = { KAFKA_BROKERS: 'kafka', KAFKA_TOPICS: 'a b', KAFKA_FROM: 'x', KAFKA_TLS: 'x', KAFKA_SASL: 'x' }
    expect(problemsOf(wrong).map((problem) => problem.split(' ')[0])).toEqual([
      'KAFKA_BROKERS',
      'KAFKA_TOPICS',
      'KAFKA_SASL',
      'KAFKA_TLS',
      'KAFKA_FROM',
    ])
  })
})

const token = '123456789:AAEhBOweik6ad9r_QXMENQjcrGbqCr4K-bc'
const names = ['BROKERS', 'TOPICS', 'GROUP', 'FROM', 'TLS', 'SASL', 'USERNAME', 'CA_FILE', 'KEY_FILE', 'PASSWORD_FILE']
const mistaken = fc.constantFrom(undefined, 'client.key', 'locked.key', 'password', 'plain', 'on')
const tokenOrMistake = fc.oneof(fc.constant(token), mistaken)

test('no message contains the password, a key or a token', () => {
  const environments = fc.record(Object.fromEntries(names.map((name) => [`KAFKA_${name}`, tokenOrMistake])))
  fc.assert(
    fc.property(environments, (environment) => {
      const parsed = parse({ ...environment, KAFKA_PASSWORD: secret })
      const told = JSON.stringify('problems' in parsed ? parsed.problems : parsed.config.warnings)
      expect(told).not.toContain(secret)
      expect(told).not.toContain(token)
    }),
  )
})
