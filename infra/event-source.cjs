// The Kafka event source of `notify` as plain CloudFormation, since osls's own msk and kafka events lack the error controls of delivery.yml.

/** @param {{ resolveConfigurationProperty(path: string[]): Promise<any> }} serverless */
module.exports = async ({ resolveConfigurationProperty }) => {
  const settings = await resolveConfigurationProperty(['custom', 'settings'])
  const delivery = await resolveConfigurationProperty(['custom', 'delivery'])
  const source = sources[settings.source]?.(settings)
  // `invoke local` and `remove` need no event source. `package` refuses to run without one (settings.cjs).
  if (!source || !delivery) return {}
  return {
    Resources: {
      NotifyEventSource: {
        Type: 'AWS::Lambda::EventSourceMapping',
        // The poller first connects with the function's role, so the role must be complete.
        DependsOn: 'NotifyEventSourcePolicy',
        Properties: {
          FunctionName: { 'Fn::GetAtt': ['NotifyLambdaFunction', 'Arn'] },
          Topics: [settings.topic],
          StartingPosition: 'LATEST',
          BatchSize: Number(settings.batchSize),
          ...source.mapping,
          ...delivery.mapping,
        },
      },
      NotifyEventSourcePolicy: {
        Type: 'AWS::IAM::Policy',
        Properties: {
          PolicyName: 'notify-event-source',
          Roles: [{ Ref: 'IamRoleLambdaExecution' }],
          PolicyDocument: { Version: '2012-10-17', Statement: source.statements },
        },
      },
    },
  }
}

const sources = {
  msk: (settings) => ({
    mapping: {
      EventSourceArn: settings.clusterArn,
      AmazonManagedKafkaEventSourceConfig: { ConsumerGroupId: settings.consumerGroup },
      ...access(credentials(settings)),
    },
    statements: [
      allow(['kafka:DescribeCluster', 'kafka:DescribeClusterV2', 'kafka:GetBootstrapBrokers'], settings.clusterArn),
      allow(networkInterfaces, '*'),
      ...readSecret(settings),
    ],
  }),

  'self-managed': (settings) => ({
    mapping: {
      SelfManagedEventSource: { Endpoints: { KafkaBootstrapServers: list(settings.bootstrapServers) } },
      SelfManagedKafkaEventSourceConfig: { ConsumerGroupId: settings.consumerGroup },
      ...access([...credentials(settings), ...network(settings)]),
    },
    statements: [...readSecret(settings), ...(settings.subnets ? [allow(networkInterfaces, '*')] : [])],
  }),
}

// The pollers join the brokers' VPC through these; EC2 has no narrower resource for them (AWSLambdaMSKExecutionRole).
const networkInterfaces = [
  'ec2:CreateNetworkInterface',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DeleteNetworkInterface',
  'ec2:DescribeVpcs',
  'ec2:DescribeSubnets',
  'ec2:DescribeSecurityGroups',
]

function credentials({ secretArn, secretType }) {
  return secretArn ? [{ Type: secretType, URI: secretArn }] : []
}

function network({ subnets, securityGroup }) {
  return [
    ...list(subnets).map((subnet) => ({ Type: 'VPC_SUBNET', URI: `subnet:${subnet}` })),
    ...list(securityGroup).map((group) => ({ Type: 'VPC_SECURITY_GROUP', URI: `security_group:${group}` })),
  ]
}

function readSecret({ secretArn, secretKeyArn }) {
  return [
    ...(secretArn ? [allow(['secretsmanager:GetSecretValue'], secretArn)] : []),
    ...(secretKeyArn ? [allow(['kms:Decrypt'], secretKeyArn)] : []),
  ]
}

function access(configurations) {
  return configurations.length > 0 ? { SourceAccessConfigurations: configurations } : {}
}

function allow(actions, resource) {
  return { Effect: 'Allow', Action: actions, Resource: resource }
}

function list(text) {
  return String(text)
    .split(',')
    .map((item) => item.trim())
    .filter(Boolean)
}
