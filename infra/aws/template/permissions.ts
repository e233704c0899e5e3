import { parseRemote } from '../../../lib/app/config/remote.ts'
import type { Settings, Source } from '../settings/settings.ts'
import { type Mapping, mappingsOf } from './event-sources.ts'
import { allow, type Fragment, join, type Resource, replace, type Statement, type Value } from './fragment.ts'
import { stateStatements } from './state.ts'

/** The roles of the functions: each may do what its code calls and, for notify, what the pollers do in its name. */
export function roles(settings: Settings): Fragment {
  const common = [
    ...secrets(settings),
    ...stateStatements(settings),
    ...configFile(settings),
    ...keys(settings.environmentKeyArn),
    ...(settings.vpc ? [allow(inVpc, '*')] : []),
    ...(settings.tracing ? [allow(['xray:PutTraceSegments', 'xray:PutTelemetryRecords'], '*')] : []),
  ]
  const ofSweep =
    settings.state === 'dynamodb' ? { SweepRole: role('sweep', [...logs('SweepLogGroup'), ...common]) } : {}
  return {
    Resources: {
      NotifyRole: role('notify', [...logs('NotifyLogGroup'), ...common, ...sourceStatements(settings)]),
      // The sweep does not need the brokers' secret and network.
      ...ofSweep,
    },
  }
}

/** Without a name of its own, since AWS limits names of roles to 64 characters. */
function role(name: string, statements: Statement[]): Resource {
  return {
    Type: 'AWS::IAM::Role',
    Properties: {
      AssumeRolePolicyDocument: {
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
      },
      Policies: [{ PolicyName: name, PolicyDocument: { Version: '2012-10-17', Statement: distinct(statements) } }],
    },
  }
}

/** One KMS key may serve the token, the table and the environment. */
function distinct(statements: Statement[]): Statement[] {
  return [...new Map(statements.map((one) => [JSON.stringify(one), one])).values()]
}

function logs(group: string): Statement[] {
  return [allow(['logs:CreateLogStream', 'logs:PutLogEvents'], { 'Fn::GetAtt': [group, 'Arn'] })]
}

function secrets({ tokenParameter, tokenSecretArn, tokenKeyArn }: Settings): Statement[] {
  return [
    ...(tokenParameter ? [allow(['ssm:GetParameter'], parameterArn(tokenParameter))] : []),
    ...(tokenSecretArn ? [allow(['secretsmanager:GetSecretValue'], tokenSecretArn)] : []),
    ...keys(tokenKeyArn),
  ]
}

/** Rules outside of the package. In the released template CONFIG_FILE is a parameter, which is not known here. */
function configFile({ environment, configKeyArn }: Settings): Statement[] {
  const place = typeof environment.CONFIG_FILE === 'string' ? parseRemote(environment.CONFIG_FILE) : undefined
  return [
    ...(place?.kind === 'parameter' ? [allow(['ssm:GetParameter'], parameterArn(place.name))] : []),
    ...(place?.kind === 'object'
      ? [allow(['s3:GetObject'], { 'Fn::Sub': `arn:$\{AWS::Partition}:s3:::${place.bucket}/${place.key}` })]
      : []),
    ...keys(configKeyArn),
  ]
}

function keys(...arns: (Value | undefined)[]): Statement[] {
  const given = arns.filter((arn) => arn !== undefined)
  return given.length > 0 ? [allow(['kms:Decrypt'], given.length === 1 ? (given[0] ?? '') : given)] : []
}

/** Names of parameters begin with a slash. */
function parameterArn(name: Value): Value {
  const prefix = `arn:$\{AWS::Partition}:ssm:$\{AWS::Region}:$\{AWS::AccountId}:parameter`
  return typeof name === 'string' ? { 'Fn::Sub': prefix + name } : join('', [{ 'Fn::Sub': prefix }, name])
}

// EC2 has no narrower resource for the actions below (AWSLambdaMSKExecutionRole, AWSLambdaVPCAccessExecutionRole).
const inVpc = [
  'ec2:CreateNetworkInterface',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DescribeSubnets',
  'ec2:DeleteNetworkInterface',
  'ec2:AssignPrivateIpAddresses',
  'ec2:UnassignPrivateIpAddresses',
]

// The pollers join the brokers' VPC through these.
const ofPollers = [
  'ec2:CreateNetworkInterface',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DescribeVpcs',
  'ec2:DeleteNetworkInterface',
  'ec2:DescribeSubnets',
  'ec2:DescribeSecurityGroups',
]

function sourceStatements(settings: Settings): Statement[] {
  const { sources, onFailure } = settings
  const mappings = mappingsOf(settings)
  const joinsVpc = sources.some(({ type, subnets }) => type === 'msk' || subnets)
  return [
    ...sources.flatMap((source) => [
      ...(source.type === 'msk'
        ? clusterStatements(
            source,
            mappings.filter((mapping) => mapping.source === source),
          )
        : []),
      ...secretStatements(source),
    ]),
    ...(joinsVpc ? [allow(ofPollers, '*')] : []),
    ...(onFailure ? destinationStatements(onFailure, sources) : []),
  ]
}

/** AWS Lambda Developer Guide, Configuring Lambda permissions for Amazon MSK event source mappings. */
function clusterStatements({ clusterArn = '', login }: Source, mappings: Mapping[]): Statement[] {
  const within = (kind: string, name: Value) => partOf(clusterArn, kind, name)
  return [
    allow(
      [
        'kafka:DescribeClusterV2',
        'kafka:GetBootstrapBrokers',
        ...(login === 'scram-sha-512' ? ['kafka:ListScramSecrets'] : []),
      ],
      clusterArn,
    ),
    ...(login === 'iam'
      ? [
          allow(['kafka-cluster:Connect', 'kafka-cluster:DescribeClusterDynamicConfiguration'], clusterArn),
          allow(
            ['kafka-cluster:DescribeTopic', 'kafka-cluster:ReadData'],
            mappings.map(({ topic }) => within('topic', topic)),
          ),
          allow(
            ['kafka-cluster:DescribeGroup', 'kafka-cluster:AlterGroup'],
            mappings.map(({ group }) => within('group', group)),
          ),
        ]
      : []),
  ]
}

function secretStatements({ secretArn, rootCaSecretArn, secretKeyArn, rootCaKeyArn }: Source): Statement[] {
  const arns = [secretArn, rootCaSecretArn].filter((arn) => arn !== undefined)
  return [
    ...(arns.length > 0 ? [allow(['secretsmanager:GetSecretValue'], arns)] : []),
    ...keys(secretKeyArn, rootCaKeyArn),
  ]
}

/** The ARN of a topic or a group of an MSK cluster. */
function partOf(clusterArn: Value, kind: string, name: Value): Value {
  return join('/', [replace(clusterArn, ':cluster/', `:${kind}/`), name])
}

/** AWS Lambda Developer Guide, Capturing discarded batches, and Using a Kafka topic as an on-failure destination. */
function destinationStatements(destination: Value, sources: Source[]): Statement[] {
  const [, topic] = /^kafka:\/\/(.+)$/.exec(String(destination)) ?? []
  if (topic !== undefined)
    return sources
      .filter(({ login }) => login === 'iam')
      .flatMap(({ clusterArn = '' }) => [
        allow(['kafka-cluster:DescribeCluster'], clusterArn),
        allow(
          ['kafka-cluster:DescribeTopic', 'kafka-cluster:ReadData', 'kafka-cluster:WriteData'],
          partOf(clusterArn, 'topic', topic),
        ),
      ])
  const [, service] = /^arn:[^:]+:([^:]+):/.exec(String(destination)) ?? []
  if (service === 's3')
    return [allow(['s3:PutObject'], join('/', [destination, '*'])), allow(['s3:ListBucket'], destination)]
  return [allow([service === 'sns' ? 'sns:Publish' : 'sqs:SendMessage'], destination)]
}
