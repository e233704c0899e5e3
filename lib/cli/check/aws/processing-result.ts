import type { Diagnosis } from '../advice.ts'
import type { Finding } from '../finding.ts'

/** How the mapping logs in to the brokers. */
export type SourceLogin = 'iam' | 'scram' | 'plain' | 'mtls' | 'oauth' | 'none'

interface Source {
  isMsk: boolean
  login: SourceLogin
  topic: string
  group: string | undefined
  /** The command that shows the log of notify. */
  logs: string
}

export type ProcessingResult = Pick<Finding, 'level' | 'says' | 'advice'>

// A cluster also refuses logins while it has more connections than AWS allows.
const loginAdvice: Record<SourceLogin, string> = {
  iam: 'the role of notify needs kafka-cluster:Connect on the cluster, and IAM must be enabled on the cluster; deploy again. If the error comes and goes, the cluster has too many connections',
  scram:
    'check the user name and the password in the secret, and its mechanism (login in settings.yml). If the error comes and goes, the cluster has too many connections',
  plain:
    'check the user name and the password in the secret, and that the brokers accept PLAIN (login in settings.yml)',
  oauth: 'check the address of the token endpoint, the client ID and the client secret in the secret, and the scope',
  mtls: 'the brokers expect a user name and a password: set another login in settings.yml',
  none: 'the brokers expect a login: set login and secretArn in settings.yml',
}

type Meaning = (source: Source) => Diagnosis & { level?: 'warning' }

/*
 * The texts of LastProcessingResult, from the Lambda developer guide (Troubleshooting Kafka event source mapping errors) and awslabs' MCP server for
 * serverless applications (esm_kafka_troubleshoot). AWS publishes no complete list. So the last ones, from “secret” on, are guesses, except
 * “Function call failed”, and the text is always quoted.
 */
const problems: [RegExp, Meaning][] = [
  [
    /must be able to connect to|failed to (reach|connect to) (Lambda|STS)/i,
    () => ({
      says: 'the pollers cannot reach AWS: Lambda and STS, and Secrets Manager if there is a secret',
      advice:
        'give the subnets of the brokers a NAT gateway or interface endpoints for lambda, sts and secretsmanager, or use provisioned pollers (delivery: provisioned), which need neither',
    }),
  ],
  [
    /assume your function execution role|failed to assume/i,
    () => ({
      says: 'Lambda cannot assume the role of the function',
      advice: 'the role must trust lambda.amazonaws.com; an endpoint for STS must allow sts:AssumeRole. Deploy again',
    }),
  ],
  [
    /Connection error|connection timed? ?out|Timeout/i,
    ({ isMsk }) => ({
      says: 'the pollers cannot connect to the brokers',
      advice: isMsk
        ? 'the security group of the cluster must allow its own members on the ports of the brokers (9092 to 9098), in and out; check that the cluster is active'
        : 'check bootstrapServers, the subnets and the security groups in settings.yml: the brokers must accept connections from those subnets, and their advertised listeners must be reachable from there',
    }),
  ],
  [
    /Cluster failed to authorize Lambda|not authorized|authorization/i,
    ({ login, topic, group }) => ({
      says: `the brokers do not allow reading topic ${topic}${group ? ` as group ${group}` : ''}`,
      advice:
        login === 'iam'
          ? 'the role of notify needs kafka-cluster:Connect, DescribeGroup, AlterGroup, DescribeTopic, ReadData and DescribeClusterDynamicConfiguration on the cluster, the topic and the group; deploy again, then wait some minutes. A policy of the cluster may deny them too'
          : 'the user needs the ACLs Describe and Read on the topic, Describe and Read on the group, and DescribeConfigs on the cluster',
    }),
  ],
  [
    /SASL authentication failed/i,
    ({ login }) => ({
      says: 'the brokers do not accept the login',
      advice: loginAdvice[login],
    }),
  ],
  [
    /Server failed to authenticate Lambda/i,
    ({ login }) => ({
      says: 'the brokers do not accept the client certificate, or expect one',
      advice:
        login === 'mtls'
          ? 'check that the brokers trust the authority that signed the certificate in the secret, and that mutual TLS is enabled on them'
          : 'the brokers ask for a client certificate: set login: mtls and secretArn in settings.yml',
    }),
  ],
  [
    /Lambda failed to authenticate server/i,
    () => ({
      says: 'Lambda does not trust the certificate of the brokers',
      advice:
        'put the root certificate of the brokers into a secret and set rootCaSecretArn in settings.yml; the certificate must name the address in bootstrapServers',
    }),
  ],
  [
    /certificate or private key is invalid/i,
    () => ({
      says: 'the certificate or the private key in the secret cannot be used',
      advice: 'both must be in PEM format; an encrypted key must use PBES1, and its password must be in the secret',
    }),
  ],
  [
    /secret/i,
    () => ({
      says: 'Lambda cannot read the secret that has the login',
      advice:
        'check that the secret exists, that the role of notify may read it (secretsmanager:GetSecretValue) and decrypt it (kms:Decrypt, secretKeyArn in settings.yml); deploy again',
    }),
  ],
  [
    /topic.*(not (exist|found|present)|unknown)|unknown topic/i,
    ({ topic }) => ({
      says: `the brokers have no topic ${topic}`,
      advice: 'check topics in settings.yml, and create the topic',
    }),
  ],
  [
    /consumer group/i,
    ({ group }) => ({
      says: `the consumer group ${group ?? ''} cannot be used`,
      advice: 'another consumer may use it: every mapping needs a group of its own (consumerGroup in settings.yml)',
    }),
  ],
  [
    /throttl|concurren|rate exceeded/i,
    () => ({
      says: 'AWS throttles the function',
      advice: 'the account has no free concurrency: ask AWS for a higher quota, or free reserved concurrency',
    }),
  ],
  [
    /Function call failed|function (error|invocation)|invoke/i,
    // With FAILURE_MODE=throw, a wait for Telegram is enough. Whether all invocations fail is another check.
    ({ logs }) => ({
      level: 'warning',
      says: 'the function failed on the last batch, and AWS tries it again',
      advice: `the log of notify has the reason: ${logs}`,
    }),
  ],
  [
    /6 ?MB|payload|too large/i,
    () => ({
      says: 'a batch is larger than 6 MB',
      advice: 'set a smaller batchSize in settings.yml',
    }),
  ],
]

/** What LastProcessingResult means. */
export function diagnoseResult(result: string, source: Source): ProcessingResult {
  const quoted = `AWS says “${result}”`
  if (/^OK\b/i.test(result)) return { level: 'fine', says: 'the last batch was processed', advice: null }
  if (/^No records processed/i.test(result))
    return {
      level: 'note',
      says: 'no record was read yet',
      advice:
        'wait some minutes after a deployment; then check that the exporter writes to this topic (kube-eventer-telegram check --kafka)',
    }
  const known = problems.find(([pattern]) => pattern.test(result))?.[1](source)
  if (known) return { level: known.level ?? 'problem', says: `${known.says} (${quoted})`, advice: known.advice }
  return {
    level: 'problem',
    says: quoted,
    advice: 'AWS explains it under “Troubleshooting Kafka event source mapping errors” in the Lambda developer guide',
  }
}

/** Why AWS changed the state (Lambda developer guide, Troubleshooting Kafka event source mapping errors). */
const reasons: Record<string, Diagnosis> = {
  ESM_CONFIG_NOT_VALID: { says: 'the event source is configured wrongly', advice: 'check the source in settings.yml' },
  EVENT_SOURCE_AUTHN_ERROR: {
    says: 'the brokers do not accept the login',
    advice: 'check the secret or the role of notify, and login in settings.yml',
  },
  EVENT_SOURCE_AUTHZ_ERROR: {
    says: 'the brokers do not allow reading the topic',
    advice: 'check the permissions of the role of notify, or the ACLs of the user, on the topic and the group',
  },
  FUNCTION_CONFIG_NOT_VALID: {
    says: 'the function is configured wrongly',
    advice: 'check notify: its state, its role and its timeout (14 minutes at most)',
  },
}

/** Undefined if the reason is an ordinary one, for example `USER_INITIATED`. */
export function diagnoseReason(reason: string | undefined): Diagnosis | undefined {
  const [, known] = Object.entries(reasons).find(([name]) => reason?.includes(name)) ?? []
  return known && { ...known, says: `${known.says} (AWS says “${reason}”)` }
}
