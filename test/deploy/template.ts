import assert from 'node:assert/strict'
import type { Report } from './report.ts'
import type { Delivery, Package } from './service.ts'

export type Properties = Record<string, unknown>

export interface Template {
  Resources: Record<
    string,
    {
      Type: string
      Properties: Properties
      DependsOn?: string[]
      DeletionPolicy?: string
      UpdateReplacePolicy?: string
    }
  >
}

export interface Statement {
  Effect: string
  Action: string | string[]
  Resource: unknown
}

/** The settings that the delivery switch sets together. */
export const deliverySettings: Record<Delivery, { failureMode: string; mapping: Properties }> = {
  provisioned: {
    failureMode: 'partial',
    mapping: {
      ProvisionedPollerConfig: { MinimumPollers: 1, MaximumPollers: 1 },
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      BisectBatchOnFunctionError: true,
      MaximumRetryAttempts: -1,
      MaximumRecordAgeInSeconds: -1,
      MetricsConfig: { Metrics: ['EventCount', 'ErrorCount', 'KafkaMetrics'] },
      LoggingConfig: { SystemLogLevel: 'WARN' },
    },
  },
  'on-demand': { failureMode: 'throw', mapping: {} },
}

/** Checks settings that depend on each other, which cfn-lint does not check. */
export async function checkTemplate(
  { name, example, delivery, template }: Package,
  tokenParameter: string,
  report: Report,
): Promise<void> {
  const check = (text: string, test: () => void) => report.check(`${text} (${name})`, test)
  const [id = '', ...more] = idsOf(template, 'AWS::Lambda::EventSourceMapping')
  const mapping = propertiesOf(template, id)
  const variables = variablesOf(template, 'NotifyLambdaFunction')

  await check('one switch sets FAILURE_MODE and all error controls', () => {
    const { failureMode, mapping: wanted } = deliverySettings[delivery]
    assert.equal(variables.FAILURE_MODE, failureMode)
    const controls = Object.keys(deliverySettings.provisioned.mapping)
    assert.deepEqual(Object.fromEntries(Object.entries(mapping).filter(([field]) => controls.includes(field))), wanted)
  })
  await check('there is no on-failure destination, which would end infinite retries', () =>
    assert.equal(mapping.DestinationConfig, undefined),
  )
  await check('the mapping reads the example topic in batches of 100 from its source', () => {
    assert.deepEqual(mapping.Topics, ['kube-events'])
    assert.equal(mapping.BatchSize, 100)
    assert.equal(mapping.StartingPosition, 'AT_TIMESTAMP')
    assert.equal(typeof mapping.StartingPositionTimestamp, 'number')
    assert.equal('EventSourceArn' in mapping, example.startsWith('msk'))
    assert.equal('SelfManagedEventSource' in mapping, example.startsWith('self-managed'))
    assert.deepEqual(more, [])
  })
  await check('the mapping waits for its role', () =>
    assert.deepEqual(template.Resources[id]?.DependsOn, ['NotifyRole']),
  )
  await check('the token comes from SSM only', () => {
    assert.equal(variables.TELEGRAM_BOT_TOKEN_PARAMETER, tokenParameter)
    assert.equal(variables.TELEGRAM_BOT_TOKEN, undefined)
  })
  await check('log retention, runtime, architecture', () => {
    for (const id of idsOf(template, 'AWS::Logs::LogGroup'))
      assert.equal(propertiesOf(template, id).RetentionInDays, 30)
    for (const id of idsOf(template, 'AWS::Lambda::Function')) {
      const { Runtime, Architectures } = propertiesOf(template, id)
      assert.deepEqual({ Runtime, Architectures }, { Runtime: 'nodejs24.x', Architectures: ['arm64'] })
    }
  })
}

export function propertiesOf({ Resources }: Template, id: string): Properties {
  const resource = Resources[id]
  assert.ok(resource, `the template has no ${id}`)
  return resource.Properties
}

export function variablesOf(template: Template, id: string): Properties {
  return (propertiesOf(template, id).Environment as { Variables: Properties }).Variables
}

/** The logical ids of the resources of one type. */
export function idsOf({ Resources }: Template, type: string): string[] {
  return Object.keys(Resources).filter((id) => Resources[id]?.Type === type)
}

/** What a role may do, by its own policies and by those attached to it. */
export function allowedTo(role: string, { Resources }: Template): Statement[] {
  const isAttached = ({ Roles = [] }: Properties) => (Roles as { Ref?: string }[]).some(({ Ref }) => Ref === role)
  return allowed(
    Object.entries(Resources).flatMap(([id, item]) => (id === role || isAttached(item.Properties) ? item : [])),
  )
}

export function actionsOf({ Action }: Statement): string[] {
  return [Action].flat()
}

function allowed(resources: Template['Resources'][string][]): Statement[] {
  return resources
    .filter(({ Type }) => Type.startsWith('AWS::IAM::'))
    .flatMap(({ Properties }) => [Properties, ...((Properties.Policies as Properties[] | undefined) ?? [])])
    .flatMap(({ PolicyDocument }) => (PolicyDocument as { Statement: Statement[] } | undefined)?.Statement ?? [])
    .filter(({ Effect }) => Effect === 'Allow')
}
