import assert from 'node:assert/strict'
import type { Properties, Template } from '../template.ts'

/** Where a template is deployed. */
export interface Place {
  partition: string
  region: string
  account: string
  stack: string
  /** Of a template with parameters. Otherwise their defaults are used. */
  parameters?: Record<string, unknown>
}

interface Source extends Template {
  Parameters?: Record<string, { Default?: unknown }>
  Conditions?: Record<string, unknown>
  Resources: Record<string, Template['Resources'][string] & { Condition?: string }>
}

const uuid = '01234567-89ab-cdef-0123-456789abcdef'

type Path = (name: string, place: Place) => string

const arn =
  (service: string, kind: string): Path =>
  (name, { partition, region, account }) =>
    `arn:${partition}:${service}:${region}:${account}:${kind}${name}`

/** By type: the property with the name, and the attributes. CloudFormation makes up a name if the property is missing. */
const types: Record<string, { name?: string; attributes: Record<string, Path>; reference?: Path }> = {
  'AWS::Lambda::Function': { name: 'FunctionName', attributes: { Arn: arn('lambda', 'function:') } },
  'AWS::Lambda::EventSourceMapping': { attributes: { Id: () => uuid }, reference: () => uuid },
  'AWS::IAM::Role': {
    name: 'RoleName',
    attributes: { Arn: (name, { partition, account }) => `arn:${partition}:iam::${account}:role/${name}` },
  },
  'AWS::DynamoDB::Table': { name: 'TableName', attributes: { Arn: arn('dynamodb', 'table/') } },
  'AWS::Logs::LogGroup': {
    name: 'LogGroupName',
    attributes: { Arn: (name, place) => `${arn('logs', 'log-group:')(name, place)}:*` },
  },
  'AWS::Events::Rule': { name: 'Name', attributes: { Arn: arn('events', 'rule/') } },
  'AWS::S3::Bucket': {
    name: 'BucketName',
    attributes: { Arn: (name, { partition }) => `arn:${partition}:s3:::${name}` },
  },
  'AWS::CloudWatch::Alarm': { name: 'AlarmName', attributes: { Arn: arn('cloudwatch', 'alarm:') } },
  'AWS::CloudWatch::Dashboard': { name: 'DashboardName', attributes: {} },
}
const removed = Symbol('AWS::NoValue')

/** The template as CloudFormation sees it once every intrinsic function has a plausible value. Throws for an intrinsic that it does not know. */
export function resolveTemplate(template: Template, place: Place): Template {
  const { Resources, Parameters = {}, Conditions = {}, ...rest } = template as Source
  const parameters: Record<string, unknown> = {
    ...Object.fromEntries(Object.entries(Parameters).map(([name, { Default }]) => [name, Default])),
    ...place.parameters,
  }
  const pseudo: Record<string, unknown> = {
    'AWS::Partition': place.partition,
    'AWS::Region': place.region,
    'AWS::AccountId': place.account,
    'AWS::StackName': place.stack,
    'AWS::StackId': `arn:${place.partition}:cloudformation:${place.region}:${place.account}:stack/${place.stack}/${uuid}`,
    'AWS::URLSuffix': place.partition === 'aws-cn' ? 'amazonaws.com.cn' : 'amazonaws.com',
    'AWS::NoValue': removed,
  }

  function typeOf(id: string) {
    const resource = Resources[id]
    assert.ok(resource, `the template refers to ${id}, which it does not contain`)
    const type = types[resource.Type]
    assert.ok(type, `no known references to a resource of type ${resource.Type}`)
    return { type, properties: resource.Properties }
  }

  function nameOf(id: string): string {
    const { type, properties } = typeOf(id)
    const given = type.name && properties[type.name]
    return given ? String(resolve(given)) : `${place.stack.slice(0, 20)}-${id.slice(0, 20)}-1A2B3C4D5E6F`
  }

  function reference(name: string): unknown {
    if (name in pseudo) return pseudo[name]
    if (name in parameters) return parameters[name]
    const { type } = typeOf(name)
    return type.reference?.(name, place) ?? nameOf(name)
  }

  function attribute(id: string, name: string): string {
    const path = typeOf(id).type.attributes[name]
    assert.ok(path, `${id} has no known attribute ${name}`)
    return path(nameOf(id), place)
  }

  function substitute(text: string, values: Properties): string {
    return text.replace(/\$\{(!?)([^}]+)\}/g, (_, literal: string, name: string) => {
      if (literal) return `$\{${name}}`
      if (name in values) return String(resolve(values[name]))
      const [id = '', ...path] = name.split('.')
      return String(path.length > 0 ? attribute(id, path.join('.')) : reference(name))
    })
  }

  function holds(condition: unknown): boolean {
    if (typeof condition === 'string') return holds(Conditions[condition])
    const [[name, value] = ['', []]] = Object.entries(condition as Properties)
    const parts = [value].flat()
    if (name === 'Condition') return holds(value)
    if (name === 'Fn::Not') return !holds(parts[0])
    if (name === 'Fn::And') return parts.every(holds)
    if (name === 'Fn::Or') return parts.some(holds)
    assert.equal(name, 'Fn::Equals', 'a known condition function')
    const [left, right] = parts.map(resolve)
    return String(left) === String(right)
  }

  const intrinsics: Record<string, (value: never) => unknown> = {
    Ref: reference,
    'Fn::GetAtt': (path: string | [string, string]) => {
      const [id = '', ...rest] = typeof path === 'string' ? path.split('.') : path
      return attribute(id, rest.join('.'))
    },
    'Fn::Sub': (value: string | [string, Properties]) =>
      typeof value === 'string' ? substitute(value, {}) : substitute(...value),
    'Fn::Join': ([separator, items]: [string, unknown]) => (resolve(items) as unknown[]).join(separator),
    'Fn::Split': ([separator, text]: [string, unknown]) => String(resolve(text)).split(separator),
    'Fn::Select': ([index, items]: [number | string, unknown]) => (resolve(items) as unknown[])[Number(index)],
    'Fn::If': ([condition, then, otherwise]: [string, unknown, unknown]) =>
      resolve(holds(condition) ? then : otherwise),
  }

  function resolve(value: unknown): unknown {
    if (Array.isArray(value)) return value.map(resolve).filter((item) => item !== removed)
    if (typeof value !== 'object' || value === null) return value
    const entries = Object.entries(value)
    const [[name, content] = ['', undefined]] = entries
    if (entries.length === 1 && (name === 'Ref' || name.startsWith('Fn::'))) {
      const intrinsic = intrinsics[name]
      assert.ok(intrinsic, `${name} is no known intrinsic function`)
      return intrinsic(content as never)
    }
    return Object.fromEntries(
      entries.map(([key, item]) => [key, resolve(item)] as const).filter(([, item]) => item !== removed),
    )
  }

  const resources = Object.entries(Resources)
    .filter(([, { Condition }]) => Condition === undefined || holds(Condition))
    .map(([id, resource]) => [id, { ...resource, Properties: resolve(resource.Properties ?? {}) as Properties }])
  return { ...rest, Resources: Object.fromEntries(resources) }
}
