import type { Login } from '../../../infra/aws/settings/settings.ts'
import { actionsOf, idsOf, propertiesOf, type Statement } from '../template.ts'
import type { LambdaFunction, Mapping, Stack } from './stack.ts'

/** What the template does not tell about the needs of its functions. */
export interface Circumstances {
  /** A mapping does not say whether MSK's own login (IAM) is used, since AWS decides that by the cluster. */
  loginOf(mapping: Mapping): Login
  /** The DynamoDB operations that the program calls. */
  calls: string[]
  keys: {
    /** Of the bot token, and of the rules outside of the package. */
    token?: string | undefined
    config?: string | undefined
    table?: string | undefined
    environment?: string | undefined
  }
  /** The key of a mapping's secrets. */
  secretKeyOf(mapping: Mapping): string | undefined
}

interface Need {
  action: string
  resource: string
  why: string
  /** Allowed, but not required: AWS's pages disagree, or name it for some clusters only. */
  isOptional?: boolean
}

// AWS managed policy AWSLambdaMSKExecutionRole; developer guide, Configuring self-managed Apache Kafka event sources, VPC permissions.
const pollerNetwork = [
  'ec2:CreateNetworkInterface',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DeleteNetworkInterface',
  'ec2:DescribeVpcs',
  'ec2:DescribeSubnets',
  'ec2:DescribeSecurityGroups',
]
// AWS managed policy AWSLambdaVPCAccessExecutionRole.
const functionNetwork = [
  'ec2:CreateNetworkInterface',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DescribeSubnets',
  'ec2:DeleteNetworkInterface',
  'ec2:AssignPrivateIpAddresses',
  'ec2:UnassignPrivateIpAddresses',
]

/**
 * What the roles allow too little or too much of. The needs follow from the program's calls, its variables and AWS's pages about each source. In the
 * update that leaves a VPC, AWS still removes the network interfaces of the deployed stack with the role.
 */
export function findPermissionProblems(stack: Stack, circumstances: Circumstances, deployed?: Stack): string[] {
  return stack.functions.flatMap((item) => {
    const leaving = deployed ? networkNeeds(item.id, deployed).map((need) => ({ ...need, isOptional: true })) : []
    const needs = [...needsOf(item, stack, circumstances), ...leaving]
    const missing = needs
      .filter(({ isOptional }) => !isOptional)
      .filter(({ action, resource }) => !item.statements.some((statement) => allows(statement, action, resource)))
      .map(({ action, resource, why }) => `${item.id} may not ${action} ${resource}, which it needs: ${why}`)
    const excess = item.statements
      .flatMap((statement) =>
        actionsOf(statement).flatMap((action) => resourcesOf(statement).map((resource) => ({ action, resource }))),
      )
      .filter(({ action, resource }) => !needs.some((need) => need.action === action && need.resource === resource))
      .map(({ action, resource }) => `${item.id} may ${action} ${resource}, which nothing needs`)
    return [...new Set([...missing, ...excess])]
  })
}

/** Whether a statement allows an action, on any resource or on a given one. */
export function allows(statement: Statement, action: string, resource?: string): boolean {
  return (
    actionsOf(statement).some((pattern) => isLike(action.toLowerCase(), pattern.toLowerCase())) &&
    (resource === undefined || resourcesOf(statement).some((pattern) => isLike(resource, pattern)))
  )
}

function needsOf(item: LambdaFunction, stack: Stack, circumstances: Circumstances): Need[] {
  return [
    ...ownNeeds(item, stack, circumstances),
    ...stack.mappings
      .filter((mapping) => mapping.function === item)
      .flatMap((mapping) => [...sourceNeeds(mapping, circumstances), ...destinationNeeds(mapping, circumstances)]),
  ]
}

function ownNeeds({ id, name, properties, variables }: LambdaFunction, stack: Stack, { calls, keys }: Circumstances) {
  const { partition, region, account } = stack.place
  const arn = (service: string, rest: string) => `arn:${partition}:${service}:${region}:${account}:${rest}`
  const group = (properties.LoggingConfig as { LogGroup?: string } | undefined)?.LogGroup ?? `/aws/lambda/${name}`
  const { TELEGRAM_BOT_TOKEN_PARAMETER: parameter, TELEGRAM_BOT_TOKEN_SECRET: secret, STATE = '' } = variables
  const [, table] = /^dynamodb:(.+)$/.exec(STATE) ?? []
  const tracing = (properties.TracingConfig as { Mode?: string } | undefined)?.Mode
  return [
    ...all(['logs:CreateLogStream', 'logs:PutLogEvents'], arn('logs', `log-group:${group}:*`), 'its log'),
    ...given(parameter, (path) => need('ssm:GetParameter', arn('ssm', `parameter${path}`), 'the bot token')),
    ...given(secret, (id) => need('secretsmanager:GetSecretValue', id, 'the bot token')),
    ...configNeeds(variables.CONFIG_FILE ?? '', partition, arn),
    ...given(table, (at) =>
      calls.map((call) =>
        need(`dynamodb:${call}`, arn('dynamodb', `table/${at}${call === 'Query' ? indexOf(stack) : ''}`), 'its state'),
      ),
    ),
    ...given(keys.token, (key) => need('kms:Decrypt', key, 'the key of the bot token')),
    ...given(keys.config, (key) => need('kms:Decrypt', key, 'the key of CONFIG_FILE')),
    ...given(table && keys.table, (key) => [
      need('kms:Decrypt', key, 'the key of the table'),
      // The principal that creates the table needs these; AWS CDK's Table.grantReadWriteData grants them to its users as well.
      ...['kms:DescribeKey', 'kms:Encrypt', 'kms:GenerateDataKey*', 'kms:ReEncrypt*'].map((action) => ({
        ...need(action, key, 'the key of the table'),
        isOptional: true,
      })),
    ]),
    // Lambda makes a grant for the role when it encrypts the variables.
    ...given(keys.environment, (key) => ({
      ...need('kms:Decrypt', key, 'the key of its environment'),
      isOptional: true,
    })),
    ...networkNeeds(id, stack),
    ...(tracing === 'Active' ? all(['xray:PutTraceSegments', 'xray:PutTelemetryRecords'], '*', 'tracing') : []),
  ]
}

/** Of a function, and of the pollers that invoke it. */
function networkNeeds(id: string, { functions, mappings }: Stack): Need[] {
  const found = functions.find((one) => one.id === id)
  return [
    ...(found?.properties.VpcConfig ? all(functionNetwork, '*', 'its network') : []),
    ...mappings
      .filter((mapping) => mapping.function?.id === id && isInVpc(mapping))
      .flatMap((mapping) => all(pollerNetwork, '*', `the network of ${mapping.id}`)),
  ]
}

function isInVpc({ properties: { EventSourceArn, SourceAccessConfigurations = [] } }: Mapping): boolean {
  return EventSourceArn !== undefined || SourceAccessConfigurations.some(({ Type }) => Type === 'VPC_SUBNET')
}

function configNeeds(file: string, partition: string, arn: (service: string, rest: string) => string): Need[] {
  const [, path] = /^ssm:(.+)$/.exec(file) ?? []
  const [, object] = /^s3:\/\/(.+)$/.exec(file) ?? []
  return [
    ...given(path, (name) => need('ssm:GetParameter', arn('ssm', `parameter${name}`), 'CONFIG_FILE')),
    ...given(object, (key) => need('s3:GetObject', `arn:${partition}:s3:::${key}`, 'CONFIG_FILE')),
  ]
}

function indexOf({ template }: Stack): string {
  const [id = ''] = idsOf(template, 'AWS::DynamoDB::Table')
  const indexes = propertiesOf(template, id).GlobalSecondaryIndexes as { IndexName: string }[]
  return `/index/${indexes[0]?.IndexName}`
}

// AWS Lambda developer guide: Configuring Lambda permissions for Amazon MSK event source mappings; Configuring cluster authentication methods;
// Configuring self-managed Apache Kafka event sources.
function sourceNeeds(mapping: Mapping, { loginOf, secretKeyOf }: Circumstances): Need[] {
  const { properties, topic, group = '' } = mapping
  const { EventSourceArn: cluster, SourceAccessConfigurations: access = [] } = properties
  const secrets = access.filter(({ URI }) => URI.includes(':secretsmanager:')).map(({ URI }) => URI)
  return [
    ...secrets.map((secret) => need('secretsmanager:GetSecretValue', secret, `the secret of ${mapping.id}`)),
    ...given(secretKeyOf(mapping), (key) => need('kms:Decrypt', key, `the key of a secret of ${mapping.id}`)),
    ...given(cluster, (arn) => [
      ...all(['kafka:DescribeClusterV2', 'kafka:GetBootstrapBrokers'], arn, `the brokers of ${mapping.id}`),
      // Either is enough for a provisioned cluster, and a serverless one has only DescribeClusterV2.
      { ...need('kafka:DescribeCluster', arn, `the brokers of ${mapping.id}`), isOptional: true },
      ...(loginOf(mapping) === 'scram-sha-512'
        ? [need('kafka:ListScramSecrets', arn, `the login of ${mapping.id}`)]
        : []),
      ...(loginOf(mapping) === 'iam'
        ? [
            ...all(
              ['kafka-cluster:Connect', 'kafka-cluster:DescribeClusterDynamicConfiguration'],
              arn,
              `the login of ${mapping.id}`,
            ),
            ...all(
              ['kafka-cluster:DescribeTopic', 'kafka-cluster:ReadData'],
              within(arn, 'topic', topic),
              `the topic of ${mapping.id}`,
            ),
            ...all(
              ['kafka-cluster:DescribeGroup', 'kafka-cluster:AlterGroup'],
              within(arn, 'group', group),
              `the consumer group of ${mapping.id}`,
            ),
          ]
        : []),
    ]),
  ]
}

// AWS Lambda developer guide, Capturing discarded batches for Amazon MSK and self-managed Apache Kafka event sources.
function destinationNeeds(mapping: Mapping, { loginOf }: Circumstances): Need[] {
  const { DestinationConfig, EventSourceArn: cluster } = mapping.properties
  const destination = DestinationConfig?.OnFailure?.Destination ?? ''
  const why = `the destination of ${mapping.id}`
  const [, , service] = destination.split(':')
  if (service === 'sqs') return [need('sqs:SendMessage', destination, why)]
  if (service === 'sns') return [need('sns:Publish', destination, why)]
  if (service === 's3') return [need('s3:PutObject', `${destination}/*`, why), need('s3:ListBucket', destination, why)]
  const [, topic] = /^kafka:\/\/(.+)$/.exec(destination) ?? []
  if (!topic || !cluster || loginOf(mapping) !== 'iam') return []
  return [
    ...all(['kafka-cluster:WriteData', 'kafka-cluster:DescribeTopic'], within(cluster, 'topic', topic), why),
    // The pages of the guide differ: one names WriteData alone, and Kafka before 2.8 asks idempotent producers for more.
    { ...need('kafka-cluster:ReadData', within(cluster, 'topic', topic), why), isOptional: true },
    { ...need('kafka-cluster:DescribeCluster', cluster, why), isOptional: true },
    { ...need('kafka-cluster:WriteDataIdempotently', cluster, why), isOptional: true },
  ]
}

/** Amazon MSK developer guide, Authorization policy resources. */
function within(clusterArn: string, kind: 'topic' | 'group', name: string): string {
  return `${clusterArn.replace(':cluster/', `:${kind}/`)}/${name}`
}

function need(action: string, resource: string, why: string): Need {
  return { action, resource, why }
}

function all(actions: string[], resource: string, why: string): Need[] {
  return actions.map((action) => need(action, resource, why))
}

function given<Item>(item: Item | undefined | '', needs: (item: Item) => Need | Need[]): Need[] {
  return item === undefined || item === '' ? [] : [needs(item)].flat()
}

function resourcesOf({ Resource }: Statement): string[] {
  return [Resource].flat() as string[]
}

/** As IAM compares: `*` is any text, `?` any character. */
function isLike(text: string, pattern: string): boolean {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.')
  return new RegExp(`^${source}$`).test(text)
}

/** The DynamoDB operations that the functions call. The deploy check compares them with the bundles. */
export const tableCalls = ['BatchGetItem', 'DeleteItem', 'PutItem', 'Query', 'UpdateItem']

// Of the DynamoDB API, without those that manage tables.
const tableOperations =
  /["'`](BatchGetItem|BatchWriteItem|DeleteItem|ExecuteStatement|ExecuteTransaction|BatchExecuteStatement|GetItem|PutItem|Query|Scan|TransactGetItems|TransactWriteItems|UpdateItem|DescribeTable)["'`]/g

/** The DynamoDB operations that a bundle names. */
export function tableCallsIn(bundle: string): string[] {
  return [...new Set([...bundle.matchAll(tableOperations)].map(([, name = '']) => name))].sort()
}
