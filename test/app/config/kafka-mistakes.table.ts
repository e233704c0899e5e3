import type { Environment } from '../../../lib/app/config/environment.ts'

export const secret = 'not-to-be-seen'
export const plain = { KAFKA_SASL: 'plain', KAFKA_USERNAME: 'events', KAFKA_PASSWORD: secret }
export const iam = { KAFKA_SASL: 'aws-msk-iam', AWS_REGION: 'eu-west-1' }

export const ca = '-----BEGIN CERTIFICATE-----\nMII\n-----END CERTIFICATE-----\n'
export const key = `-----BEGIN PRIVATE KEY-----\n${secret}\n-----END PRIVATE KEY-----\n`
/** What can be read, by name. */
export const files: Record<string, string> = {
  'ca.pem': ca,
  'client.pem': ca,
  'client.key': key,
  'locked.key': key.replaceAll('PRIVATE', 'ENCRYPTED PRIVATE'),
  password: `${secret}\n`,
}

const brokers = 'expected host:port, several with commas between them'
const topics =
  'expected names of topics with commas between them, each of at most 249 letters, digits, ".", "_" and "-"'
const mechanisms = 'plain, scram-sha-256, scram-sha-512, aws-msk-iam'

/** Variables beside brokers and a topic that are right, and every problem with them. */
export const mistakes: [string, Environment, string[]][] = [
  [
    'nothing',
    { KAFKA_BROKERS: '', KAFKA_TOPICS: '' },
    [`KAFKA_BROKERS: not given, ${brokers}`, `KAFKA_TOPICS: not given, ${topics}`],
  ],
  ...['kafka', 'kafka:0', 'kafka:65536', 'kafka:x', 'a:1,b', 'http://kafka:9092', ',', 'a b:1'].map(
    (given): [string, Environment, string[]] => [
      `the broker ${given}`,
      { KAFKA_BROKERS: given },
      [`KAFKA_BROKERS: given "${given}", ${brokers}`],
    ],
  ),
  ...['a b', 'a/b', '.', '..', 'ä', 'x'.repeat(250), ',,'].map((given): [string, Environment, string[]] => [
    `the topic ${given.slice(0, 9)}`,
    { KAFKA_TOPICS: given },
    [`KAFKA_TOPICS: given "${given}", ${topics}`],
  ]),
  [
    'a long group',
    { KAFKA_GROUP: 'g'.repeat(256) },
    [`KAFKA_GROUP: given "${'g'.repeat(256)}", expected at most 255 characters`],
  ],
  ['another beginning', { KAFKA_FROM: 'earliest' }, ['KAFKA_FROM: given "earliest", expected latest or beginning']],
  ['no port', { HEALTH_PORT: '65536' }, ['HEALTH_PORT: given "65536", expected a port from 1 to 65535']],
  ['TLS that is neither', { KAFKA_TLS: 'true' }, ['KAFKA_TLS: given "true", expected on or off']],
  ['an unknown login', { KAFKA_SASL: 'gssapi' }, [`KAFKA_SASL: given "gssapi", expected ${mechanisms}`]],
  [
    'a user without login',
    { KAFKA_USERNAME: 'events', KAFKA_PASSWORD: secret },
    [`KAFKA_SASL: not given, expected ${mechanisms} with KAFKA_USERNAME and KAFKA_PASSWORD`],
  ],
  [
    'a login without user and password',
    { KAFKA_SASL: 'plain' },
    [
      'KAFKA_USERNAME: not given, expected a name with KAFKA_SASL=plain',
      'KAFKA_PASSWORD, KAFKA_PASSWORD_FILE: neither is given, expected one with KAFKA_SASL=plain',
    ],
  ],
  [
    'two passwords',
    { ...plain, KAFKA_PASSWORD_FILE: 'password' },
    ['KAFKA_PASSWORD, KAFKA_PASSWORD_FILE: both are given, expected one with KAFKA_SASL=plain'],
  ],
  [
    'a password’s file that is not there',
    { ...plain, KAFKA_PASSWORD: '', KAFKA_PASSWORD_FILE: 'nope' },
    ['KAFKA_PASSWORD_FILE: given "nope", expected a file with the password (there is no such file in /app)'],
  ],
  [
    'IAM without a region',
    { KAFKA_SASL: 'aws-msk-iam' },
    ['AWS_REGION: not given, expected with KAFKA_SASL=aws-msk-iam'],
  ],
  [
    'IAM without TLS',
    { ...iam, KAFKA_TLS: 'off' },
    ['KAFKA_TLS: given "off", expected on with KAFKA_SASL=aws-msk-iam'],
  ],
  [
    'a CA without TLS',
    { KAFKA_CA_FILE: 'ca.pem', KAFKA_TLS: 'off' },
    ['KAFKA_TLS: given "off", expected on with KAFKA_CA_FILE'],
  ],
  [
    'a CA that is not there',
    { KAFKA_CA_FILE: 'nope' },
    ['KAFKA_CA_FILE: given "nope", expected a file with certificates of authorities (there is no such file in /app)'],
  ],
  [
    'a CA that is something else',
    { KAFKA_CA_FILE: 'client.key' },
    ['KAFKA_CA_FILE: given "client.key", expected certificates of authorities in it, in PEM form'],
  ],
  [
    'a certificate without its key',
    { KAFKA_CERTIFICATE_FILE: 'client.pem' },
    ['KAFKA_CERTIFICATE_FILE, KAFKA_KEY_FILE: one is given, expected both or neither'],
  ],
  [
    'a key with a passphrase',
    { KAFKA_CERTIFICATE_FILE: 'client.pem', KAFKA_KEY_FILE: 'locked.key' },
    ['KAFKA_KEY_FILE: given "locked.key", expected its key without passphrase in it, in PEM form'],
  ],
]
