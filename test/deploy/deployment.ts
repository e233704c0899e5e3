import assert from 'node:assert/strict'
import type { Emulator } from '../../lib/emulator/server.ts'
import { timeToLive } from '../support/table.ts'
import { checkAsked } from './asked.ts'
import { checkToken } from './bundle.ts'
import { rules } from './config-file.ts'
import type { EmulatedAws } from './emulated-aws.ts'
import { metricsOf } from './log.ts'
import type { Report } from './report.ts'
import type { Service } from './service.ts'
import { stateTable } from './state.ts'
import { deliverySettings, idsOf, type Properties, propertiesOf, type Template } from './template.ts'
import { openUpdates, stackName } from './updates.ts'

const stack = stackName
const notify = `${stack}-notify`
const sweep = `${stack}-sweep`
const example = 'msk-iam'

export interface Deployment {
  service: Service
  /** The same with CONFIG_FILE. */
  configured: Service
  emulator: Emulator
  batch: unknown
  recordCount: number
  tokenParameter: string
  /** Gets each template that is deployed, with its name. */
  templates: Map<string, Template>
  report: Report
}

/** Deploys, reads back, invokes, changes what is deployed in place, removes. */
export async function checkDeployment(aws: EmulatedAws, deployment: Deployment) {
  const { service, emulator, tokenParameter, templates, report } = deployment
  await aws.ask('ssm', 'AmazonSSM.PutParameter', { Name: tokenParameter, Value: emulator.token, Type: 'SecureString' })
  const updates = openUpdates({ aws, service, example, templates, report })
  await updates.deploy('deploy')
  await checkReadBack(aws, report)
  await checkInvocations(aws, deployment)
  await checkChanges(aws, deployment, updates)
  await checkToken('deployed', { token: emulator.token, report })
  await checkFunction(aws, deployment)
  await checkPlaces(aws, deployment, updates)
  await checkRefused(updates)
  await report.check('the emulated AWS refuses what the role does not allow', () => checkRole(aws, deployment))
  await report.step('remove', () => service.serverless(['remove'], example))
  await report.check('nothing is left', async () => {
    for (const name of [notify, sweep]) await assert.rejects(aws.configuration(name), /HTTP 404/)
    assert.deepEqual(await aws.mappings(notify).catch(() => []), [])
    await checkNoTable(aws)
  })
}

async function checkReadBack(aws: EmulatedAws, { check }: Report) {
  await check('the functions read back as declared', async () => {
    for (const name of [notify, sweep]) {
      const { Runtime, Architectures } = await aws.configuration(name)
      assert.deepEqual({ Runtime, Architectures }, { Runtime: 'nodejs24.x', Architectures: ['arm64'] })
      const { FAILURE_MODE, STATE } = await variables(aws, name)
      assert.deepEqual({ FAILURE_MODE, STATE }, { FAILURE_MODE: 'partial', STATE: `dynamodb:${stateTable.TableName}` })
    }
  })
  await check('the mapping reads back as declared', async () => {
    const [mapping = {}, ...more] = await aws.mappings(notify)
    const { mapping: wanted } = deliverySettings.provisioned
    for (const field of [
      'FunctionResponseTypes',
      'BisectBatchOnFunctionError',
      'MaximumRetryAttempts',
      'MaximumRecordAgeInSeconds',
    ]) {
      assert.deepEqual(mapping[field], wanted[field], field)
    }
    assert.equal(more.length, 0)
    // The emulated AWS drops these from a mapping.
    const declared = mappingIn(await aws.template(stack))
    assert.deepEqual(declared.Topics, ['kube-events'])
    assert.deepEqual(declared.ProvisionedPollerConfig, wanted.ProvisionedPollerConfig)
  })
  await check('the table reads back as declared', () => checkTable(aws))
  await check('the rule that calls the sweep reads back as declared', async () => {
    const [rule = '', ...more] = await rulesFor(aws, sweep)
    const { ScheduleExpression, State } = await aws.ask('events', 'AWSEvents.DescribeRule', { Name: rule })
    assert.deepEqual({ ScheduleExpression, State }, { ScheduleExpression: 'rate(1 minute)', State: 'ENABLED' })
    assert.equal(more.length, 0)
  })
  await check('check --aws finds each part of it', () => checkAsked(aws))
}

async function checkInvocations(aws: EmulatedAws, { batch, recordCount, emulator, report }: Deployment) {
  const { step, check } = report
  const before = emulator.messages().length
  const first = await step('invoke the deployed bundle', () => aws.invoke(notify, batch))
  const shown = emulator.messages().length
  await check('the deployed function shows the batch and returns no record', () => {
    assert.deepEqual(first.answer, { batchItemFailures: [] })
    assert.ok(shown > before)
    assert.equal(outcomesIn(first.log), recordCount)
  })
  await check('a second delivery of the batch shows nothing new', () =>
    checkNothingNew(aws, { batch, recordCount, emulator }),
  )

  const swept = await step('invoke the sweep', () => aws.invoke(sweep, { source: 'aws.events' }))
  await check('the sweep publishes what is pending', () => {
    const { value, namespace, functionName } = metricsOf(swept.log).OldestPending ?? {}
    assert.deepEqual({ namespace, functionName }, { namespace: 'KubeEventerTelegram', functionName: sweep })
    assert.equal(typeof value, 'number')
  })
}

async function checkChanges(aws: EmulatedAws, deployment: Deployment, { deploy }: ReturnType<typeof openUpdates>) {
  const { check } = deployment.report
  const failureMode = async () => (await variables(aws, notify)).FAILURE_MODE

  await deploy('on-demand pollers', { delivery: 'on-demand' })
  await check('the function throws before the pollers are given up', async () => {
    assert.equal(await failureMode(), 'throw')
    assert.deepEqual(mappingIn(await aws.template(stack)).FunctionResponseTypes, ['ReportBatchItemFailures'])
  })
  await deploy('on-demand pollers, completely', { delivery: 'on-demand' })
  await check('then the pollers are given up', async () => {
    assert.equal(await failureMode(), 'throw')
    const declared = mappingIn(await aws.template(stack))
    assert.deepEqual(declared.ProvisionedPollerConfig, {})
    assert.deepEqual(declared.FunctionResponseTypes, [])
  })
  await deploy('provisioned pollers again')
  await check('the function throws until the event source has changed', async () => {
    assert.equal(await failureMode(), 'throw')
    assert.deepEqual(mappingIn(await aws.template(stack)).FunctionResponseTypes, ['ReportBatchItemFailures'])
  })
  await deploy('provisioned pollers, completely')
  await check('then it names the failed records', async () => assert.equal(await failureMode(), 'partial'))
  await check('new processes still know what was shown', () => checkNothingNew(aws, deployment))

  await deploy('state in memory', { state: 'memory' })
  await check('the switch removes table, sweep and schedule', async () => {
    assert.equal((await variables(aws, notify)).STATE, 'memory')
    await assert.rejects(aws.configuration(sweep), /HTTP 404/)
    await checkNoTable(aws)
  })
  await deploy('a table again')
  await check('the switch adds them again', async () => {
    assert.equal((await variables(aws, notify)).STATE, `dynamodb:${stateTable.TableName}`)
    await checkTable(aws)
    assert.equal((await rulesFor(aws, sweep)).length, 1)
  })
}

/** The token and the rules may be elsewhere in AWS, where the role lets the function read them. */
async function checkPlaces(
  aws: EmulatedAws,
  { service, emulator, batch, report }: Deployment,
  { deploy }: ReturnType<typeof openUpdates>,
) {
  const rules = 'routes: [{ match: { type: Warning }, to: ["-1001234567890"] }]'
  const secret = { Name: 'telegram-token', SecretString: emulator.token }
  const { ARN: tokenSecretArn } = await aws.ask('secretsmanager', 'secretsmanager.CreateSecret', secret)
  await aws.ask('ssm', 'AmazonSSM.PutParameter', { Name: '/ops/rules', Value: rules, Type: 'String' })
  const place = '<LocationConstraint>eu-central-1</LocationConstraint>'
  const body = `<CreateBucketConfiguration>${place}</CreateBucketConfiguration>`
  await aws.request('s3', '/ops-rules', { method: 'PUT', body })
  await aws.request('s3', '/ops-rules/prod/rules.yml', { method: 'PUT', body: rules })
  for (const CONFIG_FILE of ['ssm:/ops/rules', 's3://ops-rules/prod/rules.yml']) {
    const environment = { ...service.variables, CONFIG_FILE }
    await deploy(`the token in a secret, the rules in ${CONFIG_FILE}`, { tokenSecretArn, environment })
    await report.check(`the function reads ${CONFIG_FILE} and the secret`, async () =>
      assert.deepEqual((await aws.invoke(notify, batch)).answer, { batchItemFailures: [] }),
    )
  }
}

/** What AWS cannot take back. */
async function checkRefused({ deploy, refuse }: ReturnType<typeof openUpdates>) {
  await deploy('a batch window and a protected table', { batchWindowSeconds: 5, tableProtection: true })
  await refuse('no batch window any more', { tableProtection: true }, /AWS cannot take back batchWindowSeconds/)
  await refuse('a protected table that goes', { batchWindowSeconds: 5, state: 'memory' }, /which is protected/)
  await deploy('another batch window, and no protection', { batchWindowSeconds: 0 })

  // What the refusal of another consumer group says.
  await deploy('no topic', { sources: [] })
  await deploy('the topic with another consumer group', { consumerGroup: 'other' })
}

/** Without this the permissions of the other deployments would prove nothing. */
async function checkRole(aws: EmulatedAws, { batch }: Deployment) {
  const role =
    String((await aws.configuration(notify)).Role)
      .split('/')
      .at(-1) ?? ''
  await aws.query('iam', 'DeleteRolePolicy', '2010-05-08', { RoleName: role, PolicyName: 'notify' })
  await assert.rejects(aws.invoke(notify, batch), /AccessDenied/)
}

/** `deploy function` replaces the code, and the file with it; variables stay as they were deployed. */
async function checkFunction(aws: EmulatedAws, { configured, batch, report }: Deployment) {
  const { step, check } = report
  await step('deploy with CONFIG_FILE', () => configured.serverless(['deploy', '--force'], example))
  await step('deploy function', () => configured.serverless(['deploy', 'function', '-f', 'notify', '--force'], example))
  await check('the function still has its file', async () => {
    const { CONFIG_FILE, ONCALL_CHAT } = await variables(aws, notify)
    assert.deepEqual({ CONFIG_FILE, ONCALL_CHAT }, rules)
    // Without it each invocation would fail.
    const { answer } = await aws.invoke(notify, batch)
    assert.deepEqual(answer, { batchItemFailures: [] })
  })
}

async function checkNothingNew(
  aws: EmulatedAws,
  { batch, recordCount, emulator }: Pick<Deployment, 'batch' | 'recordCount' | 'emulator'>,
) {
  const before = emulator.messages().length
  const { answer, log } = await aws.invoke(notify, batch)
  assert.deepEqual(answer, { batchItemFailures: [] })
  assert.equal(outcomesIn(log), recordCount)
  assert.equal(emulator.messages().length, before)
}

async function checkTable(aws: EmulatedAws) {
  const { TableName } = stateTable
  const { Table: table } = (await aws.ask('dynamodb', 'DynamoDB_20120810.DescribeTable', { TableName })) as {
    Table: Record<string, unknown> & { GlobalSecondaryIndexes: Record<string, unknown>[] }
  }
  assert.deepEqual(table.KeySchema, stateTable.KeySchema)
  assert.deepEqual(
    table.GlobalSecondaryIndexes.map(({ IndexName, KeySchema, Projection }) => ({ IndexName, KeySchema, Projection })),
    stateTable.GlobalSecondaryIndexes,
  )
  // The emulated AWS drops it from a table that a stack creates.
  assert.deepEqual(propertiesOf(await aws.template(stack), 'StateTable').TimeToLiveSpecification, timeToLive)
}

async function checkNoTable(aws: EmulatedAws) {
  const { TableName } = stateTable
  await assert.rejects(
    aws.ask('dynamodb', 'DynamoDB_20120810.DescribeTable', { TableName }),
    /ResourceNotFoundException/,
  )
  assert.deepEqual(await rulesFor(aws, sweep), [])
}

async function rulesFor(aws: EmulatedAws, functionName: string): Promise<string[]> {
  const { Rules } = (await aws.ask('events', 'AWSEvents.ListRules', {})) as { Rules: { Name: string }[] }
  const names = Rules.map(({ Name }) => Name)
  const targets = await Promise.all(names.map((Rule) => aws.ask('events', 'AWSEvents.ListTargetsByRule', { Rule })))
  return names.filter((_, at) => JSON.stringify(targets[at]).includes(`:function:${functionName}"`))
}

/** The only mapping of a template. */
function mappingIn(template: Template): Properties {
  const [id = '', ...more] = idsOf(template, 'AWS::Lambda::EventSourceMapping')
  assert.equal(more.length, 0)
  return propertiesOf(template, id)
}

async function variables(aws: EmulatedAws, name: string): Promise<Record<string, string>> {
  return ((await aws.configuration(name)).Environment as { Variables: Record<string, string> }).Variables
}

/** The number of outcomes in the log of an invocation of notify. */
function outcomesIn(log: string): number {
  const metrics = metricsOf(log)
  return ['Sent', 'Pending', 'Skipped', 'Rejected', 'Returned'].reduce(
    (sum, name) => sum + Number(metrics[name]?.value ?? 0),
    0,
  )
}
