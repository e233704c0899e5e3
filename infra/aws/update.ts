import type { Resource } from './template/fragment.ts'

export interface Template {
  Resources: Record<string, Resource>
  [section: string]: unknown
}

/** The deployment before an update. */
export interface Deployed {
  template: Template
  /** False while AWS still changes an event source mapping; undefined if it is not known. */
  areMappingsReady: boolean | undefined
  /** How much concurrency of the account is not reserved; undefined if it is not known. */
  unreservedConcurrency: number | undefined
}

export interface Fitted {
  template: Template
  /** Messages for the person who deploys. */
  notes: string[]
  /** If there are any, this must not be deployed. */
  problems: string[]
}

/**
 * Fits a new template to the deployed one. CloudFormation accepts updates that AWS refuses, ignores or carries out in an order that loses records,
 * so this keeps what cannot change, makes the switch of `delivery` safe, and refuses the rest in words.
 */
export function fitUpdate(next: Template, deployed: Deployed, now: number): Fitted {
  const problems = [
    ...findRefused(next, deployed.template),
    ...findProtection(next, deployed.template),
    ...findReservation(next, deployed),
  ]
  const started = withStartingTime(keepStartingPositions(next, deployed.template), now, deployed.template)
  const cleared = clearLeftOut(keepNetworkRights(started, deployed.template), deployed.template)
  return { ...switchDelivery(cleared, deployed), problems }
}

type Properties = Record<string, unknown>

interface Mapping {
  id: string
  properties: Properties
}

const mappingType = 'AWS::Lambda::EventSourceMapping'

function mappingsIn({ Resources }: Template): Mapping[] {
  return Object.entries(Resources)
    .filter(([, { Type }]) => Type === mappingType)
    .map(([id, { Properties }]) => ({ id, properties: Properties }))
}

function mappingOf(id: string, template: Template): Properties | undefined {
  const resource = template.Resources[id]
  return resource?.Type === mappingType ? resource.Properties : undefined
}

/** The template with each mapping's properties changed. */
function mapMappings(template: Template, change: (mapping: Mapping) => Properties): Template {
  const changed = mappingsIn(template).map(({ id, properties }) => [
    id,
    { ...template.Resources[id], Properties: change({ id, properties }) },
  ])
  return { ...template, Resources: { ...template.Resources, ...Object.fromEntries(changed) } }
}

/** Another starting position would replace the mapping, and AWS refuses a second one for the same source, function and topic. */
function keepStartingPositions(next: Template, deployed: Template): Template {
  return mapMappings(next, ({ id, properties }) => {
    const before = mappingOf(id, deployed)
    if (!before) return properties
    const { StartingPosition: _, StartingPositionTimestamp: __, ...others } = properties
    const { StartingPosition, StartingPositionTimestamp } = before
    return { ...others, ...defined({ StartingPosition, StartingPositionTimestamp }) }
  })
}

function defined(properties: Properties): Properties {
  return Object.fromEntries(Object.entries(properties).filter(([, value]) => value !== undefined))
}

// A mapping that takes over a topic begins before the other one stopped. Records that were shown are skipped.
const overlapSeconds = 3_600

/** Gives the event sources that are new their time, in seconds. */
export function withStartingTime(template: Template, now: number, deployed: Template = { Resources: {} }): Template {
  const seconds = Math.floor(now / 1_000)
  const leaving = new Set(
    mappingsIn(deployed)
      .filter(({ id }) => mappingOf(id, template) === undefined)
      .map(({ properties }) => JSON.stringify(properties.Topics)),
  )
  return mapMappings(template, ({ properties }) => {
    if (properties.StartingPosition !== 'AT_TIMESTAMP' || 'StartingPositionTimestamp' in properties) return properties
    const takesOver = leaving.has(JSON.stringify(properties.Topics))
    return { ...properties, StartingPositionTimestamp: takesOver ? seconds - overlapSeconds : seconds }
  })
}

/**
 * Lambda removes network interfaces with the function's role (AWS Lambda Developer Guide, Giving Lambda functions access to resources in a VPC). So
 * a role keeps these rights in the update that leaves a VPC; the next one takes them away.
 */
function keepNetworkRights(next: Template, deployed: Template): Template {
  const isInVpc = (id: string) => deployed.Resources[id]?.Properties.VpcConfig !== undefined
  const hasPollersInVpc = mappingsIn(deployed).some(({ properties }) =>
    JSON.stringify(properties).match(/EventSourceArn|VPC_SUBNET/),
  )
  const keeping: Record<string, boolean> = {
    NotifyRole: isInVpc('NotifyLambdaFunction') || hasPollersInVpc,
    SweepRole: isInVpc('SweepLambdaFunction'),
  }
  const kept = Object.entries(next.Resources)
    .filter(([id]) => keeping[id])
    .map(([id, role]) => [id, withStatements(role, networkRights(deployed.Resources[id]))])
  return { ...next, Resources: { ...next.Resources, ...Object.fromEntries(kept) } }
}

interface Policy {
  PolicyDocument: { Statement: { Action: string[] }[] }
}

function networkRights(role: Resource | undefined): { Action: string[] }[] {
  const policies = (role?.Properties.Policies ?? []) as Policy[]
  return policies
    .flatMap(({ PolicyDocument }) => PolicyDocument.Statement)
    .filter(({ Action }) => [Action].flat().every((action) => action.startsWith('ec2:')))
}

function withStatements(role: Resource, statements: { Action: string[] }[]): Resource {
  const [policy, ...others] = role.Properties.Policies as Policy[]
  if (!policy) return role
  const { PolicyDocument: document } = policy
  const known = new Set(document.Statement.map((statement) => JSON.stringify(statement)))
  const missing = statements.filter((statement) => !known.has(JSON.stringify(statement)))
  const extended = { ...policy, PolicyDocument: { ...document, Statement: [...document.Statement, ...missing] } }
  return { ...role, Properties: { ...role.Properties, Policies: [extended, ...others] } }
}

function isProvisioned(properties: Properties): boolean {
  return Object.keys(pollersOf(properties)).length > 0
}

// AWS keeps a property that an update leaves out (AWS Lambda API Reference, UpdateEventSourceMapping), so these values take it back. There is none
// for LoggingConfig. A new mapping has none of them: some are refused then.
const cleared: Properties = {
  ProvisionedPollerConfig: {},
  FunctionResponseTypes: [],
  BisectBatchOnFunctionError: false,
  MaximumRetryAttempts: -1,
  MaximumRecordAgeInSeconds: -1,
  MetricsConfig: { Metrics: [] },
  DestinationConfig: {},
  FilterCriteria: {},
}

/** Takes back what the deployed mapping has and the new one has not. */
export function clearLeftOut(next: Template, deployed: Template): Template {
  return mapMappings(next, ({ id, properties }) => {
    const before = mappingOf(id, deployed) ?? {}
    const leftOut = Object.entries(cleared).filter(([name]) => name in before && !(name in properties))
    const hadGroup = pollersOf(before).PollerGroupName
    const isWithoutGroup = isProvisioned(properties) && hadGroup && !pollersOf(properties).PollerGroupName
    return {
      ...properties,
      ...Object.fromEntries(leftOut),
      ...(isWithoutGroup ? { ProvisionedPollerConfig: { ...pollersOf(properties), PollerGroupName: '' } } : {}),
    }
  })
}

function pollersOf({ ProvisionedPollerConfig }: Properties): Properties {
  return (ProvisionedPollerConfig as Properties | undefined) ?? {}
}

/**
 * CloudFormation changes the function before its mappings, in its own rollback as well, and a mapping takes up to 90 s to follow. FAILURE_MODE=throw is
 * safe with all pollers, and `partial` with provisioned ones only. So a switch takes two deployments: no mapping changes its pollers in an update
 * that begins or ends with `partial`.
 */
function switchDelivery(
  template: Template,
  { template: deployed, areMappingsReady }: Deployed,
): Omit<Fitted, 'problems'> {
  if (failureModeOf(template) !== 'partial') return leaveProvisioned(template, deployed)
  // Those of removed topics as well: they are deleted last.
  const isEntering = mappingsIn(deployed).some(({ properties }) => !isProvisioned(properties))
  if (isEntering)
    return { template: withThrow(template), notes: [note('The event source changes to provisioned pollers now.')] }
  if (failureModeOf(deployed) === 'throw' && areMappingsReady === undefined)
    return { template: withThrow(template), notes: [unknownNote] }
  if (failureModeOf(deployed) === 'throw' && !areMappingsReady)
    return { template: withThrow(template), notes: [note('AWS is still changing the event source.')] }
  return { template, notes: [] }
}

function note(reason: string): string {
  return `${reason} Until that is done, the function must answer with FAILURE_MODE=throw. Deploy again in two minutes to complete the switch; nothing is lost until then.`
}

function leaveProvisioned(template: Template, deployed: Template): Omit<Fitted, 'problems'> {
  const provisioned = mappingsIn(deployed).find(({ properties }) => isProvisioned(properties))
  if (failureModeOf(deployed) !== 'partial' || !provisioned) return { template, notes: [] }
  // A new mapping begins with provisioned pollers as well. Its VPC may be another one, so it joins no group.
  const { PollerGroupName: _, ...pollers } = pollersOf(provisioned.properties)
  const ofNew: Properties = { ...provisioned.properties, ProvisionedPollerConfig: pollers }
  const withPollers = mapMappings(template, ({ id, properties }) => {
    const before = mappingOf(id, deployed) ?? ofNew
    return defined({ ...properties, ...Object.fromEntries(ofPollers.map((name) => [name, before[name]])) })
  })
  return { template: withPollers, notes: [leavingNote] }
}

// Without retries and destination, which would discard records: the role no longer has the right on the destination.
const ofPollers = [
  'ProvisionedPollerConfig',
  'FunctionResponseTypes',
  'BisectBatchOnFunctionError',
  'MetricsConfig',
  'LoggingConfig',
]

const leavingNote =
  'The function changes to FAILURE_MODE=throw now, and the event source keeps its provisioned pollers. Deploy again to give them up; until then they are billed.'

const unknownNote =
  'FAILURE_MODE stays throw, which is safe: it is not known whether the event source has changed to provisioned pollers. Allow lambda:ListEventSourceMappings and deploy again.'

function variablesOf({ Properties }: Resource): Properties | undefined {
  return (Properties.Environment as { Variables?: Properties } | undefined)?.Variables
}

function failureModeOf({ Resources }: Template): unknown {
  return Resources.NotifyLambdaFunction && variablesOf(Resources.NotifyLambdaFunction)?.FAILURE_MODE
}

export function withThrow(template: Template): Template {
  const changed = Object.entries(template.Resources).flatMap(([id, resource]) => {
    const variables = variablesOf(resource)
    if (!variables || !('FAILURE_MODE' in variables)) return []
    const Environment = { Variables: { ...variables, FAILURE_MODE: 'throw' } }
    return [[id, { ...resource, Properties: { ...resource.Properties, Environment } }]]
  })
  return { ...template, Resources: { ...template.Resources, ...Object.fromEntries(changed) } }
}

const remove = 'Remove the topic from settings.yml (if it is the only one: sources: []) and deploy'
const addAgain = `${remove}; then add it again and deploy. The group goes on where it was`
const addWithTime = `${remove}; then add it again, with startingPosition set to a time before that, and deploy. The table knows which events were shown`

/** Finds changes that CloudFormation accepts, and that AWS refuses or ignores. */
function findRefused(next: Template, deployed: Template): string[] {
  return mappingsIn(next).flatMap(({ id, properties }) => {
    const [topic] = properties.Topics as [unknown]
    const name = typeof topic === 'string' ? topic : id
    const before = mappingOf(id, deployed)
    const others = mappingsIn(deployed).filter((other) => other.id !== id)
    const group = groupOf(properties)
    if (!before) {
      const sameTopic = others.find((other) => sourceKey(other.properties) === sourceKey(properties))
      if (sameTopic)
        return [
          `${name}: the event source ${sameTopic.id} already reads it, and AWS refuses a second one for the same function. ${addWithTime}`,
        ]
      const sameGroup = others.find((other) => JSON.stringify(groupOf(other.properties)) === JSON.stringify(group))
      return sameGroup
        ? [
            `${name}: its consumer group ${words(group)} still belongs to another event source, ${sameGroup.id}. ${addAgain}`,
          ]
        : []
    }
    return [
      ...(JSON.stringify(groupOf(before)) === JSON.stringify(group)
        ? []
        : [
            `${name}: AWS cannot change the consumer group of an event source, here from ${words(groupOf(before))} to ${words(group)}. ${addWithTime}`,
          ]),
      ...('SourceAccessConfigurations' in before && !('SourceAccessConfigurations' in properties)
        ? [`${name}: AWS cannot take away the login of an event source. ${addAgain}`]
        : []),
      ...('MaximumBatchingWindowInSeconds' in before && !('MaximumBatchingWindowInSeconds' in properties)
        ? [`${name}: AWS cannot take back batchWindowSeconds; set it to a number, or to 0`]
        : []),
    ]
  })
}

/** True if AWS refuses to delete the table, and CloudFormation would try to. */
export function isProtected({ Resources: { StateTable: table } }: Template): boolean {
  const isRetained = table?.DeletionPolicy?.startsWith('Retain') ?? false
  return table?.Properties.DeletionProtectionEnabled === true && !isRetained
}

function findProtection(next: Template, deployed: Template): string[] {
  return isProtected(deployed) && next.Resources.StateTable === undefined
    ? ['state: memory removes the table, which is protected. Deploy with tableProtection: false first']
    : []
}

function groupOf({ AmazonManagedKafkaEventSourceConfig, SelfManagedKafkaEventSourceConfig }: Properties): unknown {
  const config = (AmazonManagedKafkaEventSourceConfig ?? SelfManagedKafkaEventSourceConfig) as Properties | undefined
  return config?.ConsumerGroupId
}

/** AWS takes two mappings with the same of these for one (aws-cdk #26416). */
function sourceKey({ EventSourceArn, SelfManagedEventSource, Topics }: Properties): string {
  return JSON.stringify([EventSourceArn, SelfManagedEventSource, Topics])
}

function words(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

// AWS Lambda API Reference, PutFunctionConcurrency.
const leftUnreserved = 100

function findReservation(next: Template, { template, unreservedConcurrency }: Deployed): string[] {
  const reserved = ({ Resources }: Template) =>
    Number(Resources.NotifyLambdaFunction?.Properties.ReservedConcurrentExecutions ?? 0)
  const wanted = reserved(next) - reserved(template)
  if (unreservedConcurrency === undefined || wanted <= 0 || unreservedConcurrency - wanted >= leftUnreserved) return []
  return [
    `state: memory reserves a concurrency of 1. AWS keeps ${leftUnreserved} of an account unreserved, and this one has ${unreservedConcurrency} left. Use state: dynamodb, or ask AWS for a higher limit (Service Quotas, Concurrent executions)`,
  ]
}
