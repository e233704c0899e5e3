import { isDeepStrictEqual } from 'node:util'
import { allows } from './permissions.ts'
import { api, guide, isJsonObject, ofMappings, type Refusal } from './refusal.ts'
import type { Mapping } from './stack.ts'

/** What on-demand pollers do not have, by the value that means as much. */
const ofProvisionedPollers: Record<string, unknown> = {
  FunctionResponseTypes: [],
  BisectBatchOnFunctionError: false,
  MaximumRetryAttempts: -1,
  MaximumRecordAgeInSeconds: -1,
  LoggingConfig: undefined,
}
const ofMsk = ['SASL_SCRAM_512_AUTH', 'CLIENT_CERTIFICATE_TLS_AUTH']
const ofOauth = [
  'OAUTHBEARER_SCOPE',
  'OAUTHBEARER_AUDIENCE',
  'OAUTHBEARER_LOGICAL_CLUSTER',
  'OAUTHBEARER_IDENTITY_POOL',
]
const logins = [
  'BASIC_AUTH',
  'SASL_SCRAM_256_AUTH',
  'SASL_SCRAM_512_AUTH',
  'CLIENT_CERTIFICATE_TLS_AUTH',
  'OAUTHBEARER_AUTH',
  'IAM_AUTH',
  'IAM_OAUTHBEARER_AUTH',
]

const start: Refusal[] = [
  ofMappings(
    'a mapping needs a starting position',
    `${guide}, Creating a Lambda event source mapping for an Amazon MSK event source`,
    ({ properties }) => properties.StartingPosition === undefined && 'StartingPosition is missing',
  ),
  ofMappings(
    'AT_TIMESTAMP needs a time',
    `${api}, CreateEventSourceMapping`,
    ({ properties: { StartingPosition, StartingPositionTimestamp } }) =>
      StartingPosition === 'AT_TIMESTAMP' && StartingPositionTimestamp === undefined && 'there is no timestamp',
  ),
  ofMappings(
    'a starting time needs AT_TIMESTAMP',
    `${api}, CreateEventSourceMapping`,
    ({ properties: { StartingPosition, StartingPositionTimestamp } }) =>
      StartingPosition !== 'AT_TIMESTAMP' &&
      StartingPositionTimestamp !== undefined &&
      `${StartingPosition} has a timestamp`,
  ),
  ofMappings(
    'the starting time is in seconds and not in the future',
    `${api}, CreateEventSourceMapping: "StartingPositionTimestamp cannot be in the future"`,
    ({ properties: { StartingPositionTimestamp: seconds } }, _, now) =>
      seconds !== undefined && !(seconds * 1_000 <= now) && `${seconds} is in the future`,
  ),
]

const pollers: Refusal[] = [
  ofMappings(
    'pollers have a minimum that is not over the maximum',
    `${api}, ProvisionedPollerConfig`,
    ({ properties: { ProvisionedPollerConfig: { MinimumPollers = 1, MaximumPollers = 200 } = {} } }) =>
      MinimumPollers > MaximumPollers && `${MinimumPollers} pollers at least and ${MaximumPollers} at most`,
  ),
  ofMappings(
    'Kafka has at most 2000 pollers',
    `${api}, ProvisionedPollerConfig: "the accepted range is between 1 and 2,000"`,
    ({ properties: { ProvisionedPollerConfig: { MaximumPollers = 0 } = {} } }) =>
      MaximumPollers > 2_000 && `${MaximumPollers} pollers`,
  ),
  {
    name: 'a poller group has at most 100 mappings and 2000 pollers',
    source: `${api}, ProvisionedPollerConfig`,
    find({ mappings }) {
      const groups = Object.groupBy(
        mappings.filter(({ properties }) => properties.ProvisionedPollerConfig?.PollerGroupName),
        ({ properties }) => String(properties.ProvisionedPollerConfig?.PollerGroupName),
      )
      return Object.entries(groups).flatMap(([name, members = []]) => {
        const most = members.reduce(
          (sum, { properties }) => sum + (properties.ProvisionedPollerConfig?.MaximumPollers ?? 200),
          0,
        )
        return members.length > 100 || most > 2_000
          ? [`poller group ${name}: ${members.length} mappings and ${most} pollers`]
          : []
      })
    },
  },
  ofMappings(
    'error controls need provisioned pollers',
    `${guide}, Configuring error handling controls for Kafka event sources; Kafka event source mapping logging`,
    ({ isProvisioned, properties }) => {
      const set = Object.entries(ofProvisionedPollers)
        .filter(([name, none]) => name in properties && !isDeepStrictEqual(properties[name], none))
        .map(([name]) => name)
      return !isProvisioned && set.length > 0 && `on-demand pollers with ${set.join(', ')}`
    },
  ),
  ofMappings(
    'a function answers with failed records only if its pollers read the answer',
    `${guide}, Configuring error handling controls for Kafka event sources: otherwise the offsets are committed and the records are lost`,
    ({ isProvisioned, properties: { FunctionResponseTypes = [] }, function: target }) => {
      const isRead = isProvisioned && FunctionResponseTypes.includes('ReportBatchItemFailures')
      const mode = target?.variables.FAILURE_MODE
      return mode !== 'throw' && !(mode === 'partial' && isRead) && `FAILURE_MODE=${mode}, and no answer is read`
    },
  ),
  ofMappings(
    'records have no age from 1 to 59 seconds',
    `${api}, CreateEventSourceMapping: "The minimum valid value for maximum record age is 60s"`,
    ({ properties: { MaximumRecordAgeInSeconds: age = -1 } }) => age > -1 && age < 60 && `${age} seconds`,
  ),
]

const destinations: Refusal[] = [
  ofMappings(
    'the destination is not the source',
    `${guide}, Using a Kafka topic as an on-failure destination: "blocking configurations where the source and destination topics are the same"`,
    ({ topic, properties }) => destinationOf(properties) === `kafka://${topic}` && `failed records go to ${topic}`,
  ),
  {
    name: 'a destination topic is read by no mapping of the same cluster',
    source: `${guide}, Using a Kafka topic as an on-failure destination: the records would come back`,
    find: ({ mappings }) =>
      mappings.flatMap((mapping) =>
        mappings
          .filter(
            (other) =>
              other !== mapping &&
              clusterOf(other) === clusterOf(mapping) &&
              destinationOf(mapping.properties) === `kafka://${other.topic}`,
          )
          .map((other) => `${mapping.id}: its destination is read by ${other.id}`),
      ),
  },
  ofMappings(
    'a destination ends infinite retries',
    `${guide}, Using a Kafka topic as an on-failure destination: "Lambda automatically applies a maximum of 10 retry attempts"`,
    ({ properties }) =>
      destinationOf(properties) !== undefined &&
      (properties.MaximumRetryAttempts ?? -1) === -1 &&
      'a destination, and infinite retries',
  ),
  ofMappings(
    'a Kafka destination needs provisioned pollers',
    `${guide}, Using a Kafka topic as an on-failure destination: "Provisioned mode required"`,
    ({ isProvisioned, properties }) =>
      !isProvisioned && destinationOf(properties)?.startsWith('kafka://') && 'on-demand pollers',
  ),
]

const filters: Refusal[] = [
  ofMappings('a filter is JSON', `${guide}, Filter rule syntax`, ({ properties }) =>
    patternsOf(properties).find((pattern) => !isJsonObject(pattern)),
  ),
  ofMappings(
    'a filter is on the value of a record',
    `${guide}, Using event filtering with Kafka: "only support filtering on the value key"`,
    ({ properties }) =>
      patternsOf(properties)
        .filter(isJsonObject)
        .find((pattern) => Object.keys(JSON.parse(pattern)).join() !== 'value'),
  ),
  ofMappings(
    'a mapping has at most 5 filters, the quota of a new account',
    `${guide}, Lambda event filtering`,
    ({ properties }) => patternsOf(properties).length > 5 && `${patternsOf(properties).length} filters`,
  ),
]

const sources: Refusal[] = [
  ofMappings(
    'a mapping has one source',
    `${api}, CreateEventSourceMapping`,
    ({ properties: { EventSourceArn, SelfManagedEventSource } }) =>
      (EventSourceArn === undefined) === (SelfManagedEventSource === undefined) &&
      'either EventSourceArn or SelfManagedEventSource',
  ),
  ofMappings(
    'a source has only its own Kafka settings',
    `${api}, CreateEventSourceMapping`,
    ({ isMsk, properties }) =>
      (isMsk ? 'SelfManagedKafkaEventSourceConfig' : 'AmazonManagedKafkaEventSourceConfig') in properties &&
      `the settings of ${isMsk ? 'a self-managed cluster' : 'MSK'}`,
  ),
  ofMappings(
    'MSK takes no login or network of a self-managed cluster',
    `${api}, SourceAccessConfiguration`,
    ({ isMsk, properties: { SourceAccessConfigurations: access = [] } }) => {
      const wrong = access.map(({ Type }) => Type).filter((type) => !ofMsk.includes(type))
      return isMsk && wrong.length > 0 && wrong.join(', ')
    },
  ),
  ofMappings(
    'a mapping has one login',
    `${guide}, Configuring cluster authentication methods`,
    ({ properties: { SourceAccessConfigurations: access = [] } }) => {
      const given = access.map(({ Type }) => Type).filter((type) => logins.includes(type))
      return given.length > 1 && given.join(', ')
    },
  ),
  ofMappings(
    'settings of OAuth need the secret of OAuth',
    `${api}, SourceAccessConfiguration: "This type requires OAUTHBEARER_AUTH"`,
    ({ properties: { SourceAccessConfigurations: access = [] } }) => {
      const given = access.map(({ Type }) => Type)
      return !given.includes('OAUTHBEARER_AUTH') && given.find((type) => ofOauth.includes(type))
    },
  ),
  ofMappings(
    'brokers without a login, or with a VPC, have subnets and security groups',
    `${guide}, Configuring self-managed Apache Kafka event sources: "If your Kafka users access your Apache Kafka brokers over the internet, you must specify a Secrets Manager secret"`,
    ({ isMsk, properties: { SourceAccessConfigurations: access = [] } }) => {
      const has = (...types: string[]) => access.some(({ Type }) => types.includes(Type))
      if (isMsk) return false
      if (has('VPC_SUBNET') !== has('VPC_SECURITY_GROUP')) return 'VPC_SUBNET and VPC_SECURITY_GROUP belong together'
      return !has('VPC_SUBNET') && !has(...logins) && 'neither a secret nor a VPC'
    },
  ),
  ofMappings(
    "an MSK user's secret begins with AmazonMSK_",
    'Amazon MSK developer guide, Sign-in credentials authentication with AWS Secrets Manager',
    ({ isMsk, properties }) =>
      secretsOf(properties, 'SASL_SCRAM_512_AUTH').find((secret) => isMsk && !/:secret:AmazonMSK_/.test(secret)),
  ),
  ofMappings(
    "an MSK user's secret is under a customer managed key, which the role may use",
    'Amazon MSK developer guide, Sign-in credentials authentication with AWS Secrets Manager: "a secret with the default AWS KMS key can\'t be used"',
    ({ isMsk, properties, function: target }) =>
      isMsk &&
      secretsOf(properties, 'SASL_SCRAM_512_AUTH').length > 0 &&
      !target?.statements.some((statement) => allows(statement, 'kms:Decrypt')) &&
      'no kms:Decrypt',
  ),
  ofMappings(
    'a mapping names at most 10 bootstrap servers, each with a port',
    `${api}, SelfManagedEventSource: Endpoints`,
    ({ properties: { SelfManagedEventSource: cluster } }) => {
      const servers = cluster?.Endpoints.KafkaBootstrapServers
      if (!servers) return false
      const wrong = servers.filter((server) => !/^[A-Za-z0-9.-]{1,253}:[0-9]{1,5}$/.test(server))
      return (servers.length < 1 || servers.length > 10 || wrong.length > 0) && `${servers.length}: ${wrong.join(', ')}`
    },
  ),
  {
    name: 'each mapping has a consumer group of its own',
    source: `${api}, CreateEventSourceMapping: "The consumer group ID must be unique among all your Kafka event sources"`,
    find: ({ mappings }) =>
      mappings
        .filter(({ group }, at) => !group || mappings.findIndex((other) => other.group === group) !== at)
        .map(({ id, group }) => `${id}: ${group ?? 'no group'}`),
  },
  {
    name: 'a function reads a topic of a cluster once',
    source: `${api}, CreateEventSourceMapping: ResourceConflictException`,
    find: ({ mappings }) =>
      mappings
        .filter((mapping, at) => mappings.findIndex((other) => keyOf(other) === keyOf(mapping)) !== at)
        .map(({ id, topic }) => `${id}: ${topic}`),
  },
]

export const mappingRefusals: Refusal[] = [...start, ...pollers, ...destinations, ...filters, ...sources]

function destinationOf({ DestinationConfig }: Mapping['properties']): string | undefined {
  return DestinationConfig?.OnFailure?.Destination
}

function patternsOf({ FilterCriteria }: Mapping['properties']): string[] {
  return (FilterCriteria?.Filters ?? []).map(({ Pattern }) => Pattern)
}

function secretsOf({ SourceAccessConfigurations: access = [] }: Mapping['properties'], type: string): string[] {
  return access.filter(({ Type }) => Type === type).map(({ URI }) => URI)
}

function clusterOf({ properties: { EventSourceArn, SelfManagedEventSource } }: Mapping): string {
  return EventSourceArn ?? JSON.stringify(SelfManagedEventSource)
}

export function keyOf(mapping: Mapping): string {
  return [mapping.properties.FunctionName, clusterOf(mapping), mapping.topic].join(' ')
}
