import assert from 'node:assert/strict'
import { fillIn, type Tree } from '../../support/cloudformation.ts'
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

/** The template as CloudFormation sees it once every intrinsic function has a plausible value. Throws for an intrinsic that it does not know. */
export function resolveTemplate(template: Template, place: Place): Template {
  const { partition, region, account, stack } = place
  const pseudo = {
    'AWS::Partition': partition,
    'AWS::Region': region,
    'AWS::AccountId': account,
    'AWS::StackName': stack,
    'AWS::StackId': `arn:${partition}:cloudformation:${region}:${account}:stack/${stack}/${uuid}`,
    'AWS::URLSuffix': partition === 'aws-cn' ? 'amazonaws.com.cn' : 'amazonaws.com',
  }
  const filled = fillIn(template as unknown as Tree, { ...pseudo, ...place.parameters })
  const Resources = filled.Resources as Template['Resources']

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
    return given ? String(resolve(given)) : `${stack.slice(0, 20)}-${id.slice(0, 20)}-1A2B3C4D5E6F`
  }

  function reference(id: string): string {
    return typeOf(id).type.reference?.(id, place) ?? nameOf(id)
  }

  function attribute(path: string): string {
    const [id = '', ...rest] = path.split('.')
    const find = typeOf(id).type.attributes[rest.join('.')]
    assert.ok(find, `${id} has no known attribute ${rest.join('.')}`)
    return find(nameOf(id), place)
  }

  function substitute([text, values]: [string, Properties]): string {
    return text.replace(/\$\{(!?)([^}]+)\}/g, (_, literal: string, name: string) => {
      if (literal) return `$\{${name}}`
      if (name in values) return String(resolve(values[name]))
      return name.includes('.') ? attribute(name) : reference(name)
    })
  }

  const intrinsics: Record<string, (value: never) => unknown> = {
    Ref: reference,
    'Fn::GetAtt': (path: string | string[]) => attribute([path].flat().join('.')),
    'Fn::Sub': (value: string | [string, Properties]) => substitute(typeof value === 'string' ? [value, {}] : value),
    'Fn::Join': ([separator, items]: [string, unknown]) => (resolve(items) as unknown[]).join(separator),
    'Fn::Split': ([separator, text]: [string, unknown]) => String(resolve(text)).split(separator),
  }

  function resolve(value: unknown): unknown {
    if (Array.isArray(value)) return value.map(resolve)
    if (typeof value !== 'object' || value === null) return value
    const entries = Object.entries(value)
    const [[name, content] = ['', undefined]] = entries
    if (entries.length === 1 && (name === 'Ref' || name.startsWith('Fn::'))) {
      const intrinsic = intrinsics[name]
      assert.ok(intrinsic, `${name} is no known intrinsic function`)
      return intrinsic(content as never)
    }
    return Object.fromEntries(entries.map(([key, item]) => [key, resolve(item)]))
  }

  const resolved = Object.entries(Resources).map(([id, { Properties = {}, ...resource }]) => [
    id,
    { ...resource, Properties: resolve(Properties) as Properties },
  ])
  const outputs = { Outputs: filled.Outputs }
  return { ...outputs, Resources: Object.fromEntries(resolved) }
}
