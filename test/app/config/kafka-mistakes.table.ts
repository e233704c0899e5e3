import type { Environment } from '../../../lib/app/config/environment.ts'

export const secret = 'not-to-be-seen'
export const plain = { KAFKA_SASL: 'plain', KAFKA_USERNAME: 'events', KAFKA_PASSWORD: secret }
export const iam = { KAFKA_SASL: 'aws-msk-iam', AWS_REGION: 'eu-west-1' }

export const ca = '-----BEGIN CERTIFICATE-----\nMII\n-----END CERTIFICATE-----\n'
export const key = `-----BEGIN PRIVATE KEY-----\n${secret}\n-----END PRIVATE KEY-----\n`
/** The files that can be read, by name. */
export const files: Record<string, string> = {
  'ca.pem': ca,
  'client.pem': ca,
  'client.key': key,
  'locked.key': key.replaceAll('PRIVATE', 'ENCRYPTED PRIVATE'),
  password: `${secret}\n`,
}

const brokers = 'a comma-separated list of host:port'
const topics = 'a comma-separated list of topic names (at most 249 letters, digits, ".", "_" and "-" each)'
const mechanisms = 'plain, scram-sha-256, scram-sha-512 or aws-msk-iam'

/** Variables in addition to valid brokers and a valid topic, and every problem with them. */
export const mistakes: [string, Environment, string[]][] = [
  [
    'nothing is set',
    { KAFKA_BROKERS: '', KAFKA_TOPICS: '' },
    [`KAFKA_BROKERS is not set; it must be ${brokers}`, `KAFKA_TOPICS is not set; it must be ${topics}`],
  ],
  ...['kafka', 'kafka:0', 'kafka:65536', 'kafka:x', 'a:1,b', 'http://kafka:9092', ',', 'a b:1'].map(
    (given): [string, Environment, string[]] => [
      `the broker ${given}`,
      { KAFKA_BROKERS: given },
      [`KAFKA_BROKERS must be ${brokers}, not "${given}"`],
    ],
  ),
  ...['a b', 'a/b', '.', '..', 'ä', 'x'.repeat(250), ',,'].map((given): [string, Environment, string[]] => [
    `the topic ${given.slice(0, 9)}`,
    { KAFKA_TOPICS: given },
    [`KAFKA_TOPICS must be ${topics}, not "${given}"`],
  ]),
  [
    'a long group name',
    { KAFKA_GROUP: 'g'.repeat(256) },
    [`KAFKA_GROUP must be a name of at most 255 characters, not "${'g'.repeat(256)}"`],
  ],
  ['an unknown start', { KAFKA_FROM: 'earliest' }, ['KAFKA_FROM must be latest or beginning, not "earliest"']],
  ['an invalid port', { HEALTH_PORT: '65536' }, ['HEALTH_PORT must be a port from 1 to 65535, not "65536"']],
  ['TLS neither on nor off', { KAFKA_TLS: 'true' }, ['KAFKA_TLS must be on or off, not "true"']],
  ['an unknown login', { KAFKA_SASL: 'gssapi' }, [`KAFKA_SASL must be ${mechanisms}, not "gssapi"`]],
  [
    'a user without a mechanism',
    { KAFKA_USERNAME: 'events', KAFKA_PASSWORD: secret },
    [`KAFKA_USERNAME and KAFKA_PASSWORD need KAFKA_SASL; set it to ${mechanisms}`],
  ],
  [
    'a login without user and password',
    { KAFKA_SASL: 'plain' },
    [
      'KAFKA_USERNAME is not set; KAFKA_SASL=plain needs it',
      'KAFKA_PASSWORD is not set; KAFKA_SASL=plain needs it or KAFKA_PASSWORD_FILE',
    ],
  ],
  [
    'two passwords',
    { ...plain, KAFKA_PASSWORD_FILE: 'password' },
    ['KAFKA_PASSWORD and KAFKA_PASSWORD_FILE are set; set only one of them'],
  ],
  [
    'a missing password file',
    { ...plain, KAFKA_PASSWORD: '', KAFKA_PASSWORD_FILE: 'nope' },
    ['KAFKA_PASSWORD_FILE: cannot read "nope": there is no such file in /app'],
  ],
  ['IAM without a region', { KAFKA_SASL: 'aws-msk-iam' }, ['AWS_REGION is not set; KAFKA_SASL=aws-msk-iam needs it']],
  ['IAM without TLS', { ...iam, KAFKA_TLS: 'off' }, ['KAFKA_TLS must be on with KAFKA_SASL=aws-msk-iam']],
  ['a CA without TLS', { KAFKA_CA_FILE: 'ca.pem', KAFKA_TLS: 'off' }, ['KAFKA_TLS must be on with KAFKA_CA_FILE']],
  [
    'a missing CA file',
    { KAFKA_CA_FILE: 'nope' },
    ['KAFKA_CA_FILE: cannot read "nope": there is no such file in /app'],
  ],
  [
    'a CA file with a key',
    { KAFKA_CA_FILE: 'client.key' },
    ['KAFKA_CA_FILE: "client.key" contains no CA certificate in PEM format'],
  ],
  [
    'a certificate without its key',
    { KAFKA_CERTIFICATE_FILE: 'client.pem' },
    ['KAFKA_CERTIFICATE_FILE and KAFKA_KEY_FILE must be set together'],
  ],
  [
    'a key with a passphrase',
    { KAFKA_CERTIFICATE_FILE: 'client.pem', KAFKA_KEY_FILE: 'locked.key' },
    ['KAFKA_KEY_FILE: "locked.key" contains no private key without passphrase in PEM format'],
  ],
]
