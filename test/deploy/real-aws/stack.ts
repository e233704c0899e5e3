import { allowedTo, idsOf, type Properties, propertiesOf, type Statement, type Template } from '../template.ts'
import { type Place, resolveTemplate } from './resolve.ts'

/** A template as it is deployed at a place, with what most rules ask about it. */
export interface Stack {
  place: Place
  template: Template
  mappings: Mapping[]
  functions: LambdaFunction[]
}

export interface Mapping {
  id: string
  properties: MappingProperties
  /** Undefined if the function is not in the template. */
  function: LambdaFunction | undefined
  isMsk: boolean
  topic: string
  group: string | undefined
  /** ProvisionedPollerConfig with at least one field. */
  isProvisioned: boolean
}

export interface MappingProperties extends Properties {
  FunctionName: string
  Topics?: string[]
  EventSourceArn?: string
  SelfManagedEventSource?: { Endpoints: { KafkaBootstrapServers: string[] } }
  AmazonManagedKafkaEventSourceConfig?: { ConsumerGroupId?: string }
  SelfManagedKafkaEventSourceConfig?: { ConsumerGroupId?: string; ConsumptionMode?: string }
  SourceAccessConfigurations?: { Type: string; URI: string }[]
  StartingPosition?: string
  StartingPositionTimestamp?: number
  ProvisionedPollerConfig?: { MinimumPollers?: number; MaximumPollers?: number; PollerGroupName?: string }
  FunctionResponseTypes?: string[]
  DestinationConfig?: { OnFailure?: { Destination: string } }
  MaximumRetryAttempts?: number
  MaximumRecordAgeInSeconds?: number
  FilterCriteria?: { Filters: { Pattern: string }[] }
}

export interface LambdaFunction {
  id: string
  name: string
  properties: Properties
  variables: Record<string, string>
  /** What its role allows. */
  statements: Statement[]
}

export function openStack(template: Template, place: Place): Stack {
  const resolved = resolveTemplate(template, place)
  const functions = idsOf(resolved, 'AWS::Lambda::Function').map((id) => {
    const properties = propertiesOf(resolved, id)
    const { Variables = {} } = (properties.Environment ?? {}) as { Variables?: Record<string, string> }
    const name = String(properties.FunctionName ?? id)
    return { id, name, properties, variables: Variables, statements: statementsOf(template, resolved, id) }
  })
  const mappings = idsOf(resolved, 'AWS::Lambda::EventSourceMapping').map((id) => {
    const properties = propertiesOf(resolved, id) as MappingProperties
    return {
      id,
      properties,
      function: functions.find(({ name }) => properties.FunctionName.split(':').at(-1) === name),
      isMsk: properties.EventSourceArn !== undefined,
      topic: properties.Topics?.[0] ?? '',
      group: (properties.AmazonManagedKafkaEventSourceConfig ?? properties.SelfManagedKafkaEventSourceConfig)
        ?.ConsumerGroupId,
      isProvisioned: Object.keys(properties.ProvisionedPollerConfig ?? {}).length > 0,
    }
  })
  return { place, template: resolved, mappings, functions }
}

/** A policy names its roles by reference, so the role is looked up before references get values. */
function statementsOf(template: Template, resolved: Template, id: string): Statement[] {
  const role = roleOf(propertiesOf(template, id).Role)
  if (role === undefined) return []
  const roles = { Ref: role }
  const Resources = Object.fromEntries(
    Object.entries(resolved.Resources).map(([name, resource]) => {
      const declared = template.Resources[name]?.Properties.Roles
      return [
        name,
        declared === undefined ? resource : { ...resource, Properties: { ...resource.Properties, Roles: declared } },
      ]
    }),
  )
  return allowedTo(roles.Ref, { Resources })
}

/** The logical id in `Fn::GetAtt` or `Fn::Sub` of a role's ARN. */
function roleOf(role: unknown): string | undefined {
  return /"([A-Za-z0-9]+)"?,"Arn|\$\{([A-Za-z0-9]+)\.Arn\}|"([A-Za-z0-9]+)\.Arn"/
    .exec(JSON.stringify(role) ?? '')
    ?.slice(1)
    .find(Boolean)
}
