/** What an error happened about. */
export interface Context {
  at: string
  topics: string[]
  group: string | undefined
}

/** A trouble that is known. */
export interface Row {
  /** Types of Kafka's protocol, codes of Node and of lib/adapters/kafka/greet.ts, names of kafkajs' errors. */
  words: string[]
  /** Of a message, where there is no such word. */
  form?: RegExp
  says: (context: Context, message: string) => string
  advice: (context: Context) => string
}

const named = ({ topics }: Context) => (topics.length === 1 ? `topic ${topics[0]}` : `topics ${topics.join(', ')}`)
const groupIn = ({ group }: Context) => `group ${group ?? 'KAFKA_GROUP'}`

const noCoordinator =
  'wait; if it stays, look at __consumer_offsets: a single broker needs offsets.topic.replication.factor=1'

const row = (words: string, says: Row['says'], advice: string | Row['advice'], form?: RegExp): Row => ({
  words: words.split(' '),
  ...(form ? { form } : {}),
  says,
  advice: typeof advice === 'string' ? () => advice : advice,
})

/** The first row that matches counts: what a broker says comes before what its connection did. */
export const table: Row[] = [
  row(
    'UNSUPPORTED_SASL_MECHANISM',
    ({ at }) => `${at} does not know this way of login (KAFKA_SASL)`,
    'set KAFKA_SASL to one that its listener has enabled: plain, scram-sha-256, scram-sha-512 or aws-msk-iam',
    /mechanism is not supported|is not enabled in the server/i,
  ),
  row(
    'ILLEGAL_SASL_STATE',
    ({ at }) => `${at} takes no login on this port (KAFKA_SASL)`,
    'use the port of its listener with SASL, or leave KAFKA_SASL out',
  ),
  row(
    'CredentialsProviderError',
    () => 'no AWS credentials are found, which KAFKA_SASL=aws-msk-iam needs',
    'give AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or a role to what this runs on',
    /could not load credentials/i,
  ),
  row(
    'KafkaJSSASLAuthenticationError SASL_AUTHENTICATION_FAILED',
    ({ at }, message) => `${at} refuses the login: ${message}`,
    'check KAFKA_SASL, KAFKA_USERNAME and KAFKA_PASSWORD; of aws-msk-iam what the role may do',
  ),
  row(
    'LOGIN_WANTED',
    ({ at }) => `${at} closes the connection when it is asked something: its listener probably wants a login`,
    'set KAFKA_SASL, KAFKA_USERNAME and KAFKA_PASSWORD, or use the port of its listener without SASL',
  ),
  row(
    'TOPIC_AUTHORIZATION_FAILED',
    (context) => `this login may not read ${named(context)}`,
    (context) => `allow it Read and Describe on ${named(context)}; a topic that is not there is refused the same way`,
  ),
  row(
    'GROUP_AUTHORIZATION_FAILED',
    (context) => `this login may not join ${groupIn(context)}`,
    (context) => `allow it Read on ${groupIn(context)}`,
  ),
  row(
    'CLUSTER_AUTHORIZATION_FAILED',
    () => 'this login may not do that in this Kafka cluster',
    'allow it Describe on the cluster',
  ),
  row(
    'UNKNOWN_TOPIC_OR_PARTITION KafkaJSTopicMetadataNotLoaded',
    (context) => `there is no ${named(context)}`,
    'make it, or correct KAFKA_TOPICS: it has to be the eventstopic of kube-eventer’s sink',
  ),
  row('INVALID_TOPIC_EXCEPTION', (context) => `Kafka takes no such name: ${named(context)}`, 'correct KAFKA_TOPICS'),
  row(
    'LEADER_NOT_AVAILABLE NOT_LEADER_FOR_PARTITION',
    (context) => `${context.topics.length === 1 ? named(context) : 'a topic'} has a partition without a leader now`,
    'bring back the broker that has it; right after a topic was made or a broker has gone, it is so for a moment',
  ),
  row(
    'LZ4_COMPRESSION',
    () => 'a record is compressed with lz4, which this program can’t read',
    'set compression.type=gzip (or snappy, zstd, producer with another codec) on the topic; what is there already can’t be read',
    /compressed with lz4|LZ4 compression not implemented/,
  ),
  row(
    'UNREADABLE_RECORD',
    (_, message) => `a record can’t be read: ${message}`,
    'look who writes such records; the worker rejects them one by one',
  ),
  row(
    'GROUP_COORDINATOR_NOT_AVAILABLE COORDINATOR_NOT_AVAILABLE',
    (context) => `${groupIn(context)} has no coordinator among the brokers yet`,
    noCoordinator,
  ),
  // kafkajs does not tell why.
  row(
    'KafkaJSGroupCoordinatorNotFound',
    (context) =>
      `no coordinator is told for ${groupIn(context)}: there is none yet, or this login may not use the group`,
    (context) => `allow it Read on ${groupIn(context)}; otherwise ${noCoordinator}`,
  ),
  row('CERT_HAS_EXPIRED', ({ at }) => `the certificate of ${at} has expired`, 'renew it'),
  row(
    'ERR_TLS_CERT_ALTNAME_INVALID',
    ({ at }, message) => `the certificate of ${at} is another host’s: ${message}`,
    'use a name in KAFKA_BROKERS, and in the broker’s advertised.listeners, that its certificate has',
  ),
  row(
    'SELF_SIGNED_CERT_IN_CHAIN DEPTH_ZERO_SELF_SIGNED_CERT UNABLE_TO_VERIFY_LEAF_SIGNATURE UNABLE_TO_GET_ISSUER_CERT UNABLE_TO_GET_ISSUER_CERT_LOCALLY CERT_SIGNATURE_FAILURE',
    ({ at }) => `the certificate of ${at} is not signed by an authority that is known here`,
    'set KAFKA_CA_FILE to the certificate of the authority (CA) that signed it',
  ),
  row(
    'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE',
    ({ at }) => `${at} wants a client certificate`,
    'set KAFKA_CERTIFICATE_FILE and KAFKA_KEY_FILE to one that it accepts',
    /alert (certificate required|bad certificate|handshake failure)/i,
  ),
  row(
    'ERR_SSL_TLSV1_ALERT_UNKNOWN_CA ERR_SSL_SSLV3_ALERT_CERTIFICATE_UNKNOWN',
    ({ at }) => `${at} does not accept the client certificate`,
    'set KAFKA_CERTIFICATE_FILE and KAFKA_KEY_FILE to one that is signed by an authority which it knows',
    /alert (unknown ca|certificate unknown|unsupported certificate|certificate expired)/i,
  ),
  row(
    'ERR_OSSL_X509_KEY_VALUES_MISMATCH',
    () => 'the client certificate and its key do not belong together',
    'correct KAFKA_CERTIFICATE_FILE or KAFKA_KEY_FILE',
  ),
  row(
    'ERR_OSSL_PEM_NO_START_LINE',
    (_, message) => `a certificate or a key can’t be read (${message})`,
    'correct KAFKA_CA_FILE, KAFKA_CERTIFICATE_FILE or KAFKA_KEY_FILE: each has to be in PEM form, the key without passphrase',
    /PEM routines|asn1 encoding|bad decrypt|interrupted or cancelled/i,
  ),
  row(
    'EPROTO ERR_SSL_WRONG_VERSION_NUMBER ERR_SSL_PACKET_LENGTH_TOO_LONG',
    ({ at }) => `${at} does not speak TLS on this port`,
    'use the port of its TLS listener, or KAFKA_TLS=off',
    /wrong version number|packet length too long|disconnected before secure TLS connection/i,
  ),
  row(
    'TLS_WANTED',
    ({ at }) => `${at} wants TLS on this port`,
    'set KAFKA_TLS=on (and KAFKA_CA_FILE, if its certificate is of an authority of your own), or use the port of its listener without TLS',
  ),
  row(
    'NO_KAFKA',
    ({ at }) => `what answers at ${at.replace('the broker ', '')} is not Kafka`,
    'check the port in KAFKA_BROKERS',
  ),
  row(
    'ENOTFOUND EAI_AGAIN',
    ({ at }) => `no address is known for ${at}`,
    'check KAFKA_BROKERS; if it is right, the broker’s advertised.listeners has a name that is not known here',
  ),
  row(
    'ECONNREFUSED EHOSTUNREACH ENETUNREACH',
    ({ at }) => `${at} takes no connection`,
    'check that it runs, KAFKA_BROKERS, and the broker’s advertised.listeners, which clients are sent on to',
  ),
  row(
    'KafkaJSConnectionClosedError ECONNRESET EPIPE',
    ({ at }) => `${at} closed the connection`,
    'if it does so at once: its listener may want TLS (KAFKA_TLS=on) or a login (KAFKA_SASL), or none',
    /Closed connection|socket hang up/i,
  ),
  row(
    'KafkaJSRequestTimeoutError ETIMEDOUT',
    ({ at }) => `${at} does not answer`,
    'check the network and firewalls between here and it, and whether its listener wants TLS (KAFKA_TLS)',
    /Connection timeout|timed out/i,
  ),
  row(
    'KafkaJSNoBrokerAvailableError KafkaJSBrokerNotFound KafkaJSMetadataNotLoaded',
    () => 'no broker can be reached',
    'check KAFKA_BROKERS, and the brokers’ advertised.listeners, which clients are sent on to',
  ),
]
