/** As kafkajs and Node make them. */
export function failure(message: string, fields: Record<string, unknown> = {}): Error {
  return Object.assign(new Error(message), fields)
}

export const protocol = (type: string, message = type) => failure(message, { name: 'KafkaJSProtocolError', type })
export const connection = (message: string, code?: string) =>
  failure(`Connection error: ${message}`, { name: 'KafkaJSConnectionError', broker: 'kafka:9092', code })
const login = (message: string) => failure(message, { name: 'KafkaJSSASLAuthenticationError' })
const outOfRetries = (cause: Error) => failure(cause.message, { name: 'KafkaJSNumberOfRetriesExceeded', cause })
const alert = (what: string, code?: string) =>
  connection(
    `409D639F087F0000:error:0A000412:SSL routines:ssl3_read_bytes:ssl/tls alert ${what}:../deps/x.c:918\n`,
    code,
  )

/** An error, and how what is said and what is advised goes on or begins. */
export const troubles: [string, unknown, string, string][] = [
  [
    'a wrong password by SCRAM',
    login(
      'SASL SCRAM SHA512 authentication failed: Authentication failed during authentication due to invalid credentials with SASL mechanism SCRAM-SHA-512',
    ),
    'the broker kafka:9092 refuses the login: SASL SCRAM SHA512 authentication failed: Authentication failed',
    'check KAFKA_SASL, KAFKA_USERNAME and KAFKA_PASSWORD',
  ],
  [
    'a wrong password by PLAIN',
    login('SASL PLAIN authentication failed: Authentication failed: Invalid username or password'),
    'the broker kafka:9092 refuses the login: SASL PLAIN',
    'check KAFKA_SASL',
  ],
  [
    'no credentials for IAM',
    login('SASL OAUTHBEARER authentication failed: Could not load credentials from any providers'),
    'no AWS credentials are found',
    'give AWS_ACCESS_KEY_ID',
  ],
  [
    'a login that the listener has not',
    protocol('UNSUPPORTED_SASL_MECHANISM', 'The broker does not support the requested SASL mechanism'),
    'the broker kafka:9092 does not know this way of login',
    'set KAFKA_SASL to one that its listener has enabled',
  ],
  [
    'a login where none is taken',
    protocol('ILLEGAL_SASL_STATE', 'Request is not valid given the current SASL state'),
    'the broker kafka:9092 takes no login on this port',
    'leave KAFKA_SASL out',
  ],
  [
    'no login where one is wanted',
    failure('x', { code: 'LOGIN_WANTED' }),
    'closes the connection when',
    'set KAFKA_SASL',
  ],
  [
    'a topic that is not its',
    protocol('TOPIC_AUTHORIZATION_FAILED'),
    'may not read topic kube-events',
    'allow it Read and',
  ],
  [
    'a group that is not its',
    protocol('GROUP_AUTHORIZATION_FAILED'),
    'may not join group mine',
    'allow it Read on group mine',
  ],
  [
    'a cluster that is not its',
    protocol('CLUSTER_AUTHORIZATION_FAILED'),
    'may not do that',
    'allow it Describe on the cluster',
  ],
  ['no topic', protocol('UNKNOWN_TOPIC_OR_PARTITION'), 'there is no topic kube-events', 'correct KAFKA_TOPICS'],
  ['no name of a topic', protocol('INVALID_TOPIC_EXCEPTION'), 'Kafka takes no such name', 'correct KAFKA_TOPICS'],
  [
    'no leader',
    outOfRetries(protocol('LEADER_NOT_AVAILABLE')),
    'has a partition without a leader',
    'bring back the broker',
  ],
  [
    'lz4',
    failure('partition 0, offset 3: compressed with lz4, which this program cannot read', {
      code: 'UNREADABLE_RECORD',
    }),
    'a record is compressed with lz4',
    'set compression.type=gzip',
  ],
  [
    'another record that nobody can read',
    failure('partition 0, offset 3: more than 16 MB when it is unpacked', { code: 'UNREADABLE_RECORD' }),
    'a record can’t be read: partition 0, offset 3: more than 16 MB',
    'the worker rejects them',
  ],
  [
    'no coordinator',
    protocol('GROUP_COORDINATOR_NOT_AVAILABLE'),
    'group mine has no coordinator',
    '__consumer_offsets',
  ],
  [
    'no coordinator, and no reason',
    failure('Failed to find group coordinator', { name: 'KafkaJSGroupCoordinatorNotFound' }),
    'there is none yet, or this login may not use the group',
    'allow it Read on group mine',
  ],
  [
    'an old certificate',
    connection('certificate has expired', 'CERT_HAS_EXPIRED'),
    'certificate of the broker kafka:9092 has expired',
    'renew',
  ],
  [
    'a certificate of another host',
    connection('Hostname/IP does not match certificate’s altnames', 'ERR_TLS_CERT_ALTNAME_INVALID'),
    'is another host’s: Hostname/IP does not match',
    'advertised.listeners',
  ],
  [
    'another authority',
    connection('self-signed certificate in certificate chain', 'SELF_SIGNED_CERT_IN_CHAIN'),
    'is not signed by an',
    'KAFKA_CA_FILE',
  ],
  [
    'no client certificate, TLS 1.3',
    alert('certificate required', 'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED'),
    'wants a client',
    'KAFKA_CERT',
  ],
  ['no client certificate, as Kafka says it', outOfRetries(alert('bad certificate')), 'wants a client', 'KAFKA_CERT'],
  ['another client certificate', alert('certificate unknown'), 'does not accept the client certificate', 'KAFKA_CERT'],
  [
    'a key of another certificate',
    failure('key values mismatch', { code: 'ERR_OSSL_X509_KEY_VALUES_MISMATCH' }),
    'do not belong',
    'KAFKA_KEY_FILE',
  ],
  [
    'TLS where there is none',
    connection('write EPROTO wrong version number', 'EPROTO'),
    'does not speak TLS',
    'KAFKA_TLS=off',
  ],
  [
    'TLS where there is none, as Kafka says it',
    connection('Client network socket disconnected before secure TLS connection was established', 'ECONNRESET'),
    'does not speak TLS',
    'KAFKA_TLS=off',
  ],
  ['no TLS where it is wanted', failure('x', { code: 'TLS_WANTED' }), 'wants TLS on this port', 'KAFKA_TLS=on'],
  ['no Kafka', failure('x', { code: 'NO_KAFKA' }), 'what answers at kafka:9092 is not Kafka', 'check the port'],
  [
    'an unknown host',
    connection('getaddrinfo ENOTFOUND kafka', 'ENOTFOUND'),
    'no address is known for the broker kafka:9092',
    'KAFKA_BROKERS',
  ],
  [
    'nobody there',
    outOfRetries(connection('connect ECONNREFUSED', 'ECONNREFUSED')),
    'takes no connection',
    'check that it runs',
  ],
  [
    'hung up',
    failure('Closed connection', { name: 'KafkaJSConnectionClosedError' }),
    'closed the connection',
    'KAFKA_SASL',
  ],
  ['no answer', failure('Connection timeout', { name: 'KafkaJSConnectionError' }), 'does not answer', 'firewalls'],
  [
    'no broker',
    failure('No broker available', { name: 'KafkaJSNoBrokerAvailableError' }),
    'no broker can be',
    'KAFKA_BROKERS',
  ],
  ['whatever else', failure('Strange\n  thing'), 'Kafka: Strange thing', 'LOG_LEVEL=debug'],
]
