/** Errors in the form in which kafkajs and Node throw them. */
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

/** A case's name, the error, part of what is said, and part of the advice. */
export const errorCases: [string, unknown, string, string][] = [
  [
    'a wrong password, SCRAM',
    login(
      'SASL SCRAM SHA512 authentication failed: Authentication failed during authentication due to invalid credentials with SASL mechanism SCRAM-SHA-512',
    ),
    'broker kafka:9092 refused the login: SASL SCRAM SHA512 authentication failed: Authentication failed',
    'check KAFKA_SASL, KAFKA_USERNAME and KAFKA_PASSWORD',
  ],
  [
    'a wrong password, PLAIN',
    login('SASL PLAIN authentication failed: Authentication failed: Invalid username or password'),
    'broker kafka:9092 refused the login: SASL PLAIN',
    'check KAFKA_SASL',
  ],
  [
    'no credentials for IAM',
    login('SASL OAUTHBEARER authentication failed: Could not load credentials from any providers'),
    'no AWS credentials found',
    'set AWS_ACCESS_KEY_ID',
  ],
  [
    'a login mechanism that the listener lacks',
    protocol('UNSUPPORTED_SASL_MECHANISM', 'The broker does not support the requested SASL mechanism'),
    'broker kafka:9092 does not support this login mechanism',
    'set KAFKA_SASL to a mechanism that its listener has enabled',
  ],
  [
    'a login on a listener without SASL',
    protocol('ILLEGAL_SASL_STATE', 'Request is not valid given the current SASL state'),
    'broker kafka:9092 does not accept a login on this port',
    'unset KAFKA_SASL',
  ],
  [
    'no login on a listener with SASL',
    failure('x', { code: 'LOGIN_REQUIRED' }),
    'probably requires a login',
    'set KAFKA_SASL',
  ],
  [
    'a topic without permission',
    protocol('TOPIC_AUTHORIZATION_FAILED'),
    'may not read topic kube-events',
    'allow Read and Describe on topic kube-events',
  ],
  [
    'a group without permission',
    protocol('GROUP_AUTHORIZATION_FAILED'),
    'may not join consumer group mine',
    'allow Read on consumer group mine',
  ],
  [
    'a cluster without permission',
    protocol('CLUSTER_AUTHORIZATION_FAILED'),
    'lacks a permission',
    'allow Describe on the cluster',
  ],
  [
    'a missing topic',
    protocol('UNKNOWN_TOPIC_OR_PARTITION'),
    'topic kube-events does not exist',
    'correct KAFKA_TOPICS',
  ],
  [
    'an invalid topic name',
    protocol('INVALID_TOPIC_EXCEPTION'),
    'Kafka does not allow this name',
    'correct KAFKA_TOPICS',
  ],
  [
    'a partition without a leader',
    outOfRetries(protocol('LEADER_NOT_AVAILABLE')),
    'has no leader',
    'start the broker that has the partition',
  ],
  [
    'an unreadable record',
    failure('partition 0, offset 3: compressed with lz4, which this program cannot read', {
      code: 'UNREADABLE_RECORD',
    }),
    'cannot read a record: partition 0, offset 3: compressed with lz4',
    'the worker rejects them',
  ],
  [
    'no coordinator',
    protocol('GROUP_COORDINATOR_NOT_AVAILABLE'),
    'consumer group mine has no coordinator',
    '__consumer_offsets',
  ],
  [
    'no coordinator, for an unknown reason',
    failure('Failed to find group coordinator', { name: 'KafkaJSGroupCoordinatorNotFound' }),
    'there is none yet, or this login may not use the group',
    'allow Read on consumer group mine',
  ],
  [
    'an expired certificate',
    connection('certificate has expired', 'CERT_HAS_EXPIRED'),
    'certificate of broker kafka:9092 has expired',
    'renew',
  ],
  [
    'a certificate of another host',
    connection('Hostname/IP does not match certificate’s altnames', 'ERR_TLS_CERT_ALTNAME_INVALID'),
    'is for another host: Hostname/IP does not match',
    'advertised.listeners',
  ],
  [
    'an unknown authority',
    connection('self-signed certificate in certificate chain', 'SELF_SIGNED_CERT_IN_CHAIN'),
    'is not signed by a trusted authority',
    'KAFKA_CA_FILE',
  ],
  [
    'no client certificate, TLS 1.3',
    alert('certificate required', 'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED'),
    'requires a client certificate',
    'KAFKA_CERTIFICATE_FILE',
  ],
  [
    'no client certificate, as Kafka reports it',
    outOfRetries(alert('bad certificate')),
    'requires a client certificate',
    'KAFKA_CERTIFICATE_FILE',
  ],
  [
    'a client certificate that is not accepted',
    alert('certificate unknown'),
    'does not accept the client certificate',
    'KAFKA_CERTIFICATE_FILE',
  ],
  [
    'a key of another certificate',
    failure('key values mismatch', { code: 'ERR_OSSL_X509_KEY_VALUES_MISMATCH' }),
    'do not belong together',
    'KAFKA_KEY_FILE',
  ],
  [
    'TLS on a plaintext listener',
    connection('write EPROTO wrong version number', 'EPROTO'),
    'does not use TLS',
    'KAFKA_TLS=off',
  ],
  [
    'TLS on a plaintext listener, as Kafka reports it',
    connection('Client network socket disconnected before secure TLS connection was established', 'ECONNRESET'),
    'does not use TLS',
    'KAFKA_TLS=off',
  ],
  ['plaintext on a TLS listener', failure('x', { code: 'TLS_REQUIRED' }), 'requires TLS on this port', 'KAFKA_TLS=on'],
  [
    'another service on the port',
    failure('x', { code: 'NOT_KAFKA' }),
    'kafka:9092 answers, but it is not Kafka',
    'check the port',
  ],
  [
    'an unknown host',
    connection('getaddrinfo ENOTFOUND kafka', 'ENOTFOUND'),
    'the host name of broker kafka:9092 cannot be resolved',
    'KAFKA_BROKERS',
  ],
  [
    'a refused connection',
    outOfRetries(connection('connect ECONNREFUSED', 'ECONNREFUSED')),
    'does not accept connections',
    'check that the broker runs',
  ],
  [
    'a closed connection',
    failure('Closed connection', { name: 'KafkaJSConnectionClosedError' }),
    'closed the connection',
    'KAFKA_SASL',
  ],
  ['no answer', failure('Connection timeout', { name: 'KafkaJSConnectionError' }), 'does not answer', 'firewalls'],
  [
    'no broker at all',
    failure('No broker available', { name: 'KafkaJSNoBrokerAvailableError' }),
    'no broker can be reached',
    'KAFKA_BROKERS',
  ],
  ['any other error', failure('Strange\n  thing'), 'Kafka: Strange thing', 'LOG_LEVEL=debug'],
]
