import { isObject } from '../../core/json.ts'

/** What is wrong between the program and Kafka, and what to do about it. */
export interface ExplainedError {
  /** One sentence without secrets. */
  says: string
  advice: string
}

/** What the caller knows about the request that failed. */
interface RequestFacts {
  topics?: string[]
  group?: string
  /** The address that was asked, for errors that do not name it. */
  broker?: string | undefined
}

/** Explains an error of kafkajs, or of the network below it. Total: any thrown value gets an explanation. */
export function explainError(error: unknown, { topics = [], group, broker }: RequestFacts = {}): ExplainedError {
  const chain = causesOf(error)
  const address = chain.map((link) => link.broker).find((value) => typeof value === 'string') ?? broker
  const context = { at: address === undefined ? 'a broker' : `broker ${address}`, topics, group }
  for (const row of knownErrors) {
    const found = chain.find(
      ({ type, code, name, message }) =>
        [type, code, name].some((word) => row.codes.includes(textOf(word))) || row.pattern?.test(textOf(message)),
    )
    if (found) return { says: row.says(context, oneLine(found.message)), advice: row.advice(context) }
  }
  return {
    says: `Kafka: ${oneLine(chain.at(-1)?.message ?? error)}`,
    advice: 'set LOG_LEVEL=debug to log what the Kafka client does',
  }
}

interface CauseLink {
  name?: unknown
  message?: unknown
  type?: unknown
  code?: unknown
  broker?: unknown
}

/** An error and its causes, outermost first. */
function causesOf(error: unknown): CauseLink[] {
  const chain: CauseLink[] = []
  let next = error
  while (isObject(next) && chain.length < 10) {
    chain.push(next as CauseLink)
    next = next.cause
  }
  return chain.length > 0 ? chain : [{ message: error }]
}

function oneLine(message: unknown): string {
  return textOf(message)
    .replace(/^Connection error: /, '')
    .replace(/\s+/g, ' ')
    .slice(0, 300)
}

/** String() throws for some objects. */
function textOf(value: unknown): string {
  return typeof value === 'object' || typeof value === 'function' ? 'an error without a message' : String(value)
}

interface ErrorContext {
  /** "broker kafka:9092" */
  at: string
  topics: string[]
  group: string | undefined
}

interface KnownError {
  /** Error types of Kafka's protocol, codes of Node and of brokers.ts, names of kafkajs's errors. */
  codes: string[]
  /** Matches the message of an error that has no such code. */
  pattern?: RegExp
  says: (context: ErrorContext, message: string) => string
  advice: (context: ErrorContext) => string
}

const topicsIn = ({ topics }: ErrorContext) =>
  topics.length === 1 ? `topic ${topics[0]}` : `topics ${topics.join(', ')}`
const groupIn = ({ group }: ErrorContext) => `consumer group ${group ?? 'KAFKA_GROUP'}`

const noCoordinator =
  'wait; if it stays like this, check topic __consumer_offsets: a single broker needs offsets.topic.replication.factor=1'

const row = (
  codes: string,
  says: KnownError['says'],
  advice: string | KnownError['advice'],
  pattern?: RegExp,
): KnownError => ({
  codes: codes.split(' '),
  ...(pattern ? { pattern } : {}),
  says,
  advice: typeof advice === 'string' ? () => advice : advice,
})

/** The first matching row wins: what a broker answers comes before what happened to the connection. */
const knownErrors: KnownError[] = [
  row(
    'UNSUPPORTED_SASL_MECHANISM',
    ({ at }) => `${at} does not support this login mechanism (KAFKA_SASL)`,
    'set KAFKA_SASL to a mechanism that its listener has enabled: plain, scram-sha-256, scram-sha-512 or aws-msk-iam',
    /mechanism is not supported|is not enabled in the server/i,
  ),
  row(
    'ILLEGAL_SASL_STATE',
    ({ at }) => `${at} does not accept a login on this port (KAFKA_SASL)`,
    'use the port of its SASL listener, or unset KAFKA_SASL',
  ),
  row(
    'CredentialsProviderError',
    () => 'no AWS credentials found; KAFKA_SASL=aws-msk-iam needs them',
    'set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or give the pod or machine an IAM role',
    /could not load credentials/i,
  ),
  row(
    'KafkaJSSASLAuthenticationError SASL_AUTHENTICATION_FAILED',
    ({ at }, message) => `${at} refused the login: ${message}`,
    'check KAFKA_SASL, KAFKA_USERNAME and KAFKA_PASSWORD; for aws-msk-iam check the permissions of the role',
  ),
  row(
    'LOGIN_REQUIRED',
    ({ at }) => `${at} closed the connection at the first request; its listener probably requires a login`,
    'set KAFKA_SASL, KAFKA_USERNAME and KAFKA_PASSWORD, or use the port of its listener without SASL',
  ),
  row(
    'TOPIC_AUTHORIZATION_FAILED',
    (context) => `this login may not read ${topicsIn(context)}`,
    (context) => `allow Read and Describe on ${topicsIn(context)}; Kafka gives the same answer for a missing topic`,
  ),
  row(
    'GROUP_AUTHORIZATION_FAILED',
    (context) => `this login may not join ${groupIn(context)}`,
    (context) => `allow Read on ${groupIn(context)}`,
  ),
  row(
    'CLUSTER_AUTHORIZATION_FAILED',
    () => 'this login lacks a permission on the Kafka cluster',
    'allow Describe on the cluster',
  ),
  row(
    'UNKNOWN_TOPIC_OR_PARTITION KafkaJSTopicMetadataNotLoaded',
    (context) => `${topicsIn(context)} ${context.topics.length === 1 ? 'does' : 'do'} not exist`,
    'create it, or correct KAFKA_TOPICS: it must be the eventstopic of kube-eventer’s Kafka sink',
  ),
  row(
    'INVALID_TOPIC_EXCEPTION',
    (context) => `Kafka does not allow this name: ${topicsIn(context)}`,
    'correct KAFKA_TOPICS',
  ),
  row(
    'LEADER_NOT_AVAILABLE NOT_LEADER_FOR_PARTITION',
    (context) => `a partition of ${context.topics.length === 1 ? topicsIn(context) : 'a topic'} has no leader`,
    'wait a moment if the topic is new or a broker has just stopped; otherwise start the broker that has the partition',
  ),
  row(
    'UNREADABLE_RECORD',
    (_, message) => `cannot read a record: ${message}`,
    'find out which producer writes such records; the worker rejects them one by one',
  ),
  row(
    'GROUP_COORDINATOR_NOT_AVAILABLE COORDINATOR_NOT_AVAILABLE',
    (context) => `${groupIn(context)} has no coordinator yet`,
    noCoordinator,
  ),
  // kafkajs does not pass the reason on.
  row(
    'KafkaJSGroupCoordinatorNotFound',
    (context) => `no coordinator found for ${groupIn(context)}: there is none yet, or this login may not use the group`,
    (context) => `allow Read on ${groupIn(context)}; otherwise ${noCoordinator}`,
  ),
  row('CERT_HAS_EXPIRED', ({ at }) => `the certificate of ${at} has expired`, 'renew the certificate'),
  row(
    'ERR_TLS_CERT_ALTNAME_INVALID',
    ({ at }, message) => `the certificate of ${at} is for another host: ${message}`,
    'use a host name from the certificate in KAFKA_BROKERS and in the broker’s advertised.listeners',
  ),
  row(
    'SELF_SIGNED_CERT_IN_CHAIN DEPTH_ZERO_SELF_SIGNED_CERT UNABLE_TO_VERIFY_LEAF_SIGNATURE UNABLE_TO_GET_ISSUER_CERT UNABLE_TO_GET_ISSUER_CERT_LOCALLY CERT_SIGNATURE_FAILURE',
    ({ at }) => `the certificate of ${at} is not signed by a trusted authority`,
    'set KAFKA_CA_FILE to the certificate of the authority (CA) that signed it',
  ),
  row(
    'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE',
    ({ at }) => `${at} requires a client certificate`,
    'set KAFKA_CERTIFICATE_FILE and KAFKA_KEY_FILE to a certificate that it accepts, and its key',
    /alert (certificate required|bad certificate|handshake failure)/i,
  ),
  row(
    'ERR_SSL_TLSV1_ALERT_UNKNOWN_CA ERR_SSL_SSLV3_ALERT_CERTIFICATE_UNKNOWN',
    ({ at }) => `${at} does not accept the client certificate`,
    'set KAFKA_CERTIFICATE_FILE and KAFKA_KEY_FILE to a certificate signed by an authority that the broker trusts',
    /alert (unknown ca|certificate unknown|unsupported certificate|certificate expired)/i,
  ),
  row(
    'ERR_OSSL_X509_KEY_VALUES_MISMATCH',
    () => 'the client certificate and its key do not belong together',
    'correct KAFKA_CERTIFICATE_FILE or KAFKA_KEY_FILE',
  ),
  row(
    'ERR_OSSL_PEM_NO_START_LINE',
    (_, message) => `cannot read a certificate or key (${message})`,
    'check KAFKA_CA_FILE, KAFKA_CERTIFICATE_FILE and KAFKA_KEY_FILE: each must be a PEM file, and the key must have no passphrase',
    /PEM routines|asn1 encoding|bad decrypt|interrupted or cancelled/i,
  ),
  row(
    'EPROTO ERR_SSL_WRONG_VERSION_NUMBER ERR_SSL_PACKET_LENGTH_TOO_LONG',
    ({ at }) => `${at} does not use TLS on this port`,
    'use the port of its TLS listener, or set KAFKA_TLS=off',
    /wrong version number|packet length too long|disconnected before secure TLS connection/i,
  ),
  row(
    'TLS_REQUIRED',
    ({ at }) => `${at} requires TLS on this port`,
    'set KAFKA_TLS=on (and KAFKA_CA_FILE, if your own authority signed its certificate), or use the port of its listener without TLS',
  ),
  row(
    'NOT_KAFKA',
    ({ at }) => `${at.replace('broker ', '')} answers, but it is not Kafka`,
    'check the port in KAFKA_BROKERS',
  ),
  row(
    'ENOTFOUND EAI_AGAIN',
    ({ at }) => `the host name of ${at} cannot be resolved`,
    'check KAFKA_BROKERS; if it is right, the broker’s advertised.listeners has a name that this machine cannot resolve',
  ),
  row(
    'ECONNREFUSED EHOSTUNREACH ENETUNREACH',
    ({ at }) => `${at} does not accept connections`,
    'check that the broker runs, KAFKA_BROKERS, and the broker’s advertised.listeners: clients are redirected to those addresses',
  ),
  row(
    'KafkaJSConnectionClosedError ECONNRESET EPIPE',
    ({ at }) => `${at} closed the connection`,
    'if this happens at once, its listener may require TLS (KAFKA_TLS=on) or a login (KAFKA_SASL), or not support them',
    /Closed connection|socket hang up/i,
  ),
  row(
    'KafkaJSRequestTimeoutError ETIMEDOUT',
    ({ at }) => `${at} does not answer`,
    'check the network and the firewalls on the way, and whether its listener requires TLS (KAFKA_TLS)',
    /Connection timeout|timed out/i,
  ),
  row(
    'KafkaJSNoBrokerAvailableError KafkaJSBrokerNotFound KafkaJSMetadataNotLoaded',
    () => 'no broker can be reached',
    'check KAFKA_BROKERS, and the brokers’ advertised.listeners: clients are redirected to those addresses',
  ),
]
