import { createHash } from 'node:crypto'
import { type Settings, type Source, type StartingPosition, service } from '../settings/settings.ts'
import { deliveries } from './delivery.ts'
import { type Fragment, idPart, join, type Resource, type Value } from './fragment.ts'

/** One topic of a source. */
export interface Mapping {
  /** The logical ID; its Ref is the mapping's UUID. */
  id: string
  source: Source
  topic: Value
  group: Value
}

/**
 * AWS reads one topic per mapping, and goes on with the old one if the topic of a mapping is changed. So the logical ID is made of source and
 * topic: another topic is another mapping.
 */
export function mappingsOf({ sources, consumerGroup }: Settings): Mapping[] {
  return sources.flatMap((source) =>
    source.topics.map((topic) => ({
      id: `NotifyEventSource${idPart(source.name)}${idPart(topic).slice(0, 100)}${fingerprint([identityOf(source), topic])}`,
      source,
      topic,
      group: groupOf(consumerGroup, source.name, topic),
    })),
  )
}

/** Each mapping needs a group of its own (AWS Lambda API Reference, ConsumerGroupId). */
export function groupOf(prefix: Value, source: string, topic: Value): Value {
  return join('-', [prefix, source, topic])
}

/** The event source mappings of notify as plain CloudFormation, since osls's own msk and kafka events lack the error controls of delivery.ts. */
export function eventSources(settings: Settings): Fragment {
  const mappings = mappingsOf(settings)
  return {
    Resources: Object.fromEntries(mappings.map((mapping) => [mapping.id, resourceOf(mapping, settings)])),
    Outputs: Object.fromEntries(
      mappings.map(({ id, topic, source }) => [
        id.replace('Notify', ''),
        { Description: `The event source mapping of ${nameOf(topic)} in ${source.name}`, Value: { Ref: id } },
      ]),
    ),
  }
}

function resourceOf({ source, topic, group }: Mapping, settings: Settings): Resource {
  const accesses = [...credentials(source), ...network(source)]
  return {
    Type: 'AWS::Lambda::EventSourceMapping',
    // The poller first connects with the function's role, so the role must be complete.
    DependsOn: ['NotifyRole'],
    Properties: {
      FunctionName: { 'Fn::GetAtt': ['NotifyLambdaFunction', 'Arn'] },
      ...brokers(source, group),
      Topics: [topic],
      ...startingPosition(settings.startingPosition),
      BatchSize: settings.batchSize,
      ...(settings.batchWindowSeconds === undefined
        ? {}
        : { MaximumBatchingWindowInSeconds: settings.batchWindowSeconds }),
      ...(accesses.length > 0 ? { SourceAccessConfigurations: accesses } : {}),
      ...(settings.filters
        ? { FilterCriteria: { Filters: settings.filters.map((one) => ({ Pattern: JSON.stringify(one) })) } }
        : {}),
      ...deliveries[settings.delivery].mapping({ ...settings, pollerGroup: pollerGroupOf(source, settings) }),
    },
  }
}

/** Without a group each mapping pays for pollers of its own. Only mappings in one VPC can share them. */
export function pollerGroupOf({ type, name, subnets, topics }: Source, settings: Settings): Value | undefined {
  const canShare = topics.length > 1 && (type === 'msk' || subnets !== undefined)
  // The fingerprint tells a-b from a.b. A group has at most 128 characters (AWS Lambda API Reference, ProvisionedPollerConfig).
  const ofSource = `${service}-${settings.stage}-${idPart(name).slice(0, 50)}-${fingerprint(name)}`
  return settings.pollerGroup ?? (canShare ? ofSource : undefined)
}

function brokers({ type, clusterArn, bootstrapServers }: Source, group: Value): Record<string, unknown> {
  return type === 'msk'
    ? { EventSourceArn: clusterArn, AmazonManagedKafkaEventSourceConfig: { ConsumerGroupId: group } }
    : {
        // Sorted, because another order would be another source for CloudFormation.
        SelfManagedEventSource: { Endpoints: { KafkaBootstrapServers: inOrder(bootstrapServers) } },
        SelfManagedKafkaEventSourceConfig: { ConsumerGroupId: group },
      }
}

/** `first-deployment` gets its time when it is deployed (infra/aws/update.ts). */
function startingPosition(position: StartingPosition): Record<string, unknown> {
  if (position === 'beginning') return { StartingPosition: 'TRIM_HORIZON' }
  if (position === 'latest') return { StartingPosition: 'LATEST' }
  if (position === 'first-deployment') return { StartingPosition: 'AT_TIMESTAMP' }
  return { StartingPosition: 'AT_TIMESTAMP', StartingPositionTimestamp: position.atSeconds }
}

const secretTypes: Partial<Record<Source['login'], string>> = {
  plain: 'BASIC_AUTH',
  'scram-sha-256': 'SASL_SCRAM_256_AUTH',
  'scram-sha-512': 'SASL_SCRAM_512_AUTH',
  mtls: 'CLIENT_CERTIFICATE_TLS_AUTH',
  oauth: 'OAUTHBEARER_AUTH',
}

function credentials({ login, secretArn, ...source }: Source) {
  const others = {
    SERVER_ROOT_CA_CERTIFICATE: source.rootCaSecretArn,
    OAUTHBEARER_SCOPE: source.oauthScope,
    OAUTHBEARER_AUDIENCE: source.oauthAudience,
    OAUTHBEARER_LOGICAL_CLUSTER: source.oauthLogicalCluster,
    OAUTHBEARER_IDENTITY_POOL: source.oauthIdentityPool,
  }
  return [
    ...(secretArn ? [{ Type: secretTypes[login], URI: secretArn }] : []),
    ...Object.entries(others).flatMap(([Type, URI]) => (URI ? [{ Type, URI }] : [])),
  ]
}

function network({ subnets = [], securityGroups = [] }: Source) {
  return [
    ...subnets.map((subnet) => ({ Type: 'VPC_SUBNET', URI: join(':', ['subnet', subnet]) })),
    ...securityGroups.map((group) => ({ Type: 'VPC_SECURITY_GROUP', URI: join(':', ['security_group', group]) })),
  ]
}

function inOrder(servers: Value[] = []): Value[] {
  return servers.every((server) => typeof server === 'string') ? [...new Set(servers)].sort() : servers
}

/** Brokers have no ARN; a changed list is another source for AWS. */
export function identityOf({ type, clusterArn, bootstrapServers }: Source): unknown {
  return type === 'msk' ? clusterArn : inOrder(bootstrapServers)
}

function fingerprint(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 8)
}

function nameOf(topic: Value): string {
  return typeof topic === 'string' ? topic : 'the topic'
}
