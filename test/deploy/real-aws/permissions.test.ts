import { expect, it } from 'vitest'
import { allows, type Circumstances, findPermissionProblems, tableCallsIn } from './permissions.ts'
import { type Change, circumstances, remove, set, setSelfManaged, setVariables, stackOf } from './small-template.ts'

const arn = (service: string, rest: string) => `arn:aws:${service}:eu-central-1:123456789012:${rest}`
const secret = arn('secretsmanager', 'secret:AmazonMSK_events-a1b2c3')
const key = arn('kms', 'key/1')

function problemsOf(changes: Change[], differing: Partial<Circumstances> = {}) {
  return findPermissionProblems(stackOf(...changes), { ...circumstances, ...differing })
}

const access = (Type: string) => set('Mapping', { SourceAccessConfigurations: [{ Type, URI: secret }] })
const destination = (name: string) => set('Mapping', { DestinationConfig: { OnFailure: { Destination: name } } })

/** What is needed more than the small template allows. */
const missing: [string, Change[], Partial<Circumstances>, string[]][] = [
  [
    'the source',
    [remove('Policy')],
    { calls: [] },
    ['kafka-cluster:Connect', 'kafka-cluster:AlterGroup', 'kafka:DescribeClusterV2', 'ec2:DescribeVpcs'],
  ],
  ['a call of the program', [], { calls: ['PutItem', 'Query', 'Scan'] }, ['dynamodb:Scan']],
  [
    'a user of MSK',
    [access('SASL_SCRAM_512_AUTH')],
    { loginOf: () => 'scram-sha-512', secretKeyOf: () => key },
    ['kafka:ListScramSecrets', 'secretsmanager:GetSecretValue', 'kms:Decrypt'],
  ],
  [
    'a certificate',
    [access('CLIENT_CERTIFICATE_TLS_AUTH')],
    { loginOf: () => 'mtls' },
    ['secretsmanager:GetSecretValue'],
  ],
  [
    'a root certificate',
    [setSelfManaged([{ Type: 'SERVER_ROOT_CA_CERTIFICATE', URI: secret }])],
    { loginOf: () => 'none' },
    ['secretsmanager:GetSecretValue'],
  ],
  ['a queue', [destination(arn('sqs', 'failed'))], {}, ['sqs:SendMessage']],
  ['a notification topic', [destination(arn('sns', 'failed'))], {}, ['sns:Publish']],
  ['a bucket', [destination('arn:aws:s3:::failed')], {}, ['s3:PutObject', 's3:ListBucket']],
  ['a topic', [destination('kafka://failed')], {}, ['kafka-cluster:WriteData', 'kafka-cluster:DescribeTopic']],
  [
    'a token in Secrets Manager',
    [setVariables('Notify', { TELEGRAM_BOT_TOKEN_SECRET: secret })],
    { keys: { token: key } },
    ['secretsmanager:GetSecretValue', 'kms:Decrypt'],
  ],
  [
    'rules in a parameter',
    [setVariables('Notify', { CONFIG_FILE: 'ssm:/events/rules' })],
    { keys: { config: key } },
    ['ssm:GetParameter', 'kms:Decrypt'],
  ],
  ['rules in a bucket', [setVariables('Notify', { CONFIG_FILE: 's3://bucket/rules.yml' })], {}, ['s3:GetObject']],
  ['a table with a key', [], { keys: { table: key } }, ['kms:Decrypt']],
  [
    'a VPC',
    [set('Notify', { VpcConfig: { SubnetIds: ['s'] } })],
    {},
    ['ec2:AssignPrivateIpAddresses', 'ec2:UnassignPrivateIpAddresses'],
  ],
  [
    'traces',
    [set('Notify', { TracingConfig: { Mode: 'Active' } })],
    {},
    ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'],
  ],
]

it('finds nothing in a role that fits', () => {
  expect(problemsOf([])).toEqual([])
})

it.each(missing)('asks for the permissions of %s', (_, changes, differing, actions) => {
  const found = problemsOf(changes, differing).filter((problem) => problem.includes('may not'))
  for (const action of actions) expect(found).toContainEqual(expect.stringContaining(`may not ${action} `))
})

it('asks for the topic and the group of the mapping, not for those of another one', () => {
  const found = problemsOf([
    set('Mapping', { Topics: ['other'], AmazonManagedKafkaEventSourceConfig: { ConsumerGroupId: 'mine' } }),
  ])
  expect(found).toContain(
    `Notify may not kafka-cluster:ReadData ${arn('kafka', 'topic/prod/0a1b/other')}, which it needs: the topic of Mapping`,
  )
  expect(found).toContain(
    `Notify may kafka-cluster:ReadData ${arn('kafka', 'topic/prod/0a1b/kube-events')}, which nothing needs`,
  )
  expect(found).toContainEqual(expect.stringContaining('group/prod/0a1b/mine'))
})

it.each<[string, unknown, string]>([
  [
    'an action that nothing calls',
    { Action: 'dynamodb:GetItem', Resource: arn('dynamodb', 'table/events-prod') },
    'dynamodb:GetItem',
  ],
  ['a wildcard action', { Action: ['ssm:*'], Resource: arn('ssm', 'parameter/events/token') }, 'ssm:*'],
  ['a wider resource', { Action: ['ssm:GetParameter'], Resource: arn('ssm', 'parameter/*') }, 'parameter/*'],
])('objects to %s', (_, statement, said) => {
  const PolicyDocument = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', ...(statement as object) }] }
  const found = problemsOf([
    ({ Resources }) => {
      Resources.More = {
        Type: 'AWS::IAM::Policy',
        Properties: { PolicyName: 'more', Roles: [{ Ref: 'NotifyRole' }], PolicyDocument },
      }
    },
  ])
  expect(found).toEqual([expect.stringContaining(said)])
})

it('reads wildcards as IAM does', () => {
  const statement = { Effect: 'Allow', Action: 'KMS:Dec*', Resource: 'arn:aws:kms:*:key/?' }
  expect(allows(statement, 'kms:Decrypt')).toBe(true)
  expect(allows(statement, 'kms:Decrypt', 'arn:aws:kms:eu-central-1:1:key/1')).toBe(true)
  expect(allows(statement, 'kms:Decrypt', 'arn:aws:kms:eu-central-1:1:key/12')).toBe(false)
})

it('finds the DynamoDB operations in a bundle', () => {
  expect(tableCallsIn('a("PutItem",b);c(`Query`);d="GetItems"')).toEqual(['PutItem', 'Query'])
})

it('lets a role keep the rights on network interfaces in the update that leaves a VPC', () => {
  const left = stackOf(remove('Mapping'))
  const network = (deployed?: ReturnType<typeof stackOf>) =>
    findPermissionProblems(left, circumstances, deployed).filter((problem) => problem.includes('ec2:'))
  expect(network().length).toBeGreaterThan(0)
  expect(network(stackOf())).toEqual([])
  expect(network(left).length).toBeGreaterThan(0)
})
