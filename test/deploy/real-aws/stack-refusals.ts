import { idsOf, type Properties, propertiesOf } from '../template.ts'
import { allows } from './permissions.ts'
import { api, guide, isJsonObject, ofFunctions, type Refusal } from './refusal.ts'

const reserved =
  /^(AWS_(REGION|DEFAULT_REGION|ACCESS_KEY(_ID)?|SECRET_ACCESS_KEY|SESSION_TOKEN|EXECUTION_ENV|LAMBDA_.*|XRAY_.*)|_HANDLER|_X_AMZN_TRACE_ID|LAMBDA_(TASK_ROOT|RUNTIME_DIR))$/

const names: Refusal[] = [
  limit('AWS::Lambda::Function', 'FunctionName', 64, `${api}, CreateFunction`),
  limit('AWS::IAM::Role', 'RoleName', 64, 'AWS IAM API reference, CreateRole'),
  limit('AWS::Events::Rule', 'Name', 64, 'Amazon EventBridge API reference, PutRule'),
  limit('AWS::CloudWatch::Alarm', 'AlarmName', 255, 'Amazon CloudWatch API reference, PutMetricAlarm'),
  limit('AWS::CloudWatch::Dashboard', 'DashboardName', 255, 'Amazon CloudWatch API reference, PutDashboard'),
  limit('AWS::DynamoDB::Table', 'TableName', 255, 'Amazon DynamoDB developer guide, Naming rules'),
  limit('AWS::Logs::LogGroup', 'LogGroupName', 512, 'Amazon CloudWatch Logs API reference, CreateLogGroup'),
  {
    name: 'a stack name has at most 128 letters, digits and hyphens',
    source: 'AWS CloudFormation API reference, CreateStack',
    find: ({ place: { stack } }) => (/^[A-Za-z][A-Za-z0-9-]{0,127}$/.test(stack) ? [] : [stack]),
  },
  {
    name: 'ARNs are of the region and partition of the stack',
    source: 'AWS CloudFormation user guide: a stack and what it refers to are in one region',
    find: ({ template, place: { region, partition } }) => {
      const arns = JSON.stringify(template.Resources).match(/arn:[^"\\\s]+/g) ?? []
      return [...new Set(arns)].filter((text) => {
        const [, ofPartition = '', , ofRegion = ''] = text.split(':')
        return ofPartition !== partition || (ofRegion !== '' && ofRegion !== region)
      })
    },
  },
]

const functions: Refusal[] = [
  ofFunctions('an environment has at most 4 KB', `${guide}, Lambda quotas`, ({ variables }) => {
    const size = Buffer.byteLength(JSON.stringify(variables))
    return size > 4_096 && `${size} bytes`
  }),
  ofFunctions(
    'an environment has no reserved variables',
    `${guide}, Defined runtime environment variables`,
    ({ variables }) => Object.keys(variables).find((name) => reserved.test(name)),
  ),
  ofFunctions(
    'a reserved concurrency of 0 stops a function',
    `${guide}, Configuring reserved concurrency for a function`,
    ({ properties: { ReservedConcurrentExecutions: limit } }) => limit === 0 && '0',
  ),
  ofFunctions(
    'only one process may have its state in memory',
    'docs/architecture.md: a second process would show the same records again',
    ({ variables, properties: { ReservedConcurrentExecutions: limit } }) =>
      variables.STATE === 'memory' && limit !== 1 && `reserved concurrency ${limit}`,
  ),
  ofFunctions(
    'a function in a VPC may create network interfaces',
    `${guide}, Giving Lambda functions access to resources in an Amazon VPC`,
    ({ properties, statements }) =>
      properties.VpcConfig !== undefined &&
      !statements.some((statement) => allows(statement, 'ec2:CreateNetworkInterface')) &&
      'no ec2:CreateNetworkInterface',
  ),
  ofFunctions(
    'a traced function may send traces',
    `${guide}, Visualize Lambda function invocations using AWS X-Ray`,
    ({ properties, statements }) =>
      (properties.TracingConfig as { Mode?: string } | undefined)?.Mode === 'Active' &&
      !statements.some((statement) => allows(statement, 'xray:PutTraceSegments')) &&
      'no xray:PutTraceSegments',
  ),
  ofFunctions(
    'only a log in JSON has levels, and the level of the program must not hide the metrics',
    `${guide}, Configuring JSON and plain text log formats: Lambda drops what is below the level`,
    ({ properties }) => {
      const { LogFormat = 'Text', ApplicationLogLevel: level } = (properties.LoggingConfig ?? {}) as Properties
      if (LogFormat === 'Text') return level !== undefined && `Text with ${level}`
      return level !== 'DEBUG' && level !== 'TRACE' && `JSON with ${level}`
    },
  ),
  ofFunctions(
    'a function with a Kafka source runs at most 14 minutes',
    `${guide}, Using Lambda with self-managed Apache Kafka`,
    ({ id, properties: { Timeout = 3 } }, { mappings }) =>
      mappings.some((mapping) => mapping.function?.id === id) && Number(Timeout) > 840 && `${Timeout} s`,
  ),
  ofFunctions(
    'a log group exists before its function writes',
    `${guide}, Sending Lambda function logs to CloudWatch Logs: otherwise Lambda creates it, without retention`,
    ({ name, properties }, { template }) => {
      const group = (properties.LoggingConfig as { LogGroup?: string } | undefined)?.LogGroup ?? `/aws/lambda/${name}`
      const groups = idsOf(template, 'AWS::Logs::LogGroup').map((id) => propertiesOf(template, id).LogGroupName)
      return !groups.includes(group) && `no ${group}`
    },
  ),
]

const dashboards: Refusal[] = [
  {
    name: 'a dashboard is JSON with at most 500 widgets',
    source: 'Amazon CloudWatch API reference, Dashboard body structure and syntax',
    find: ({ template }) =>
      idsOf(template, 'AWS::CloudWatch::Dashboard').flatMap((id) => {
        const body = String(propertiesOf(template, id).DashboardBody)
        if (!isJsonObject(body)) return [`${id}: ${body.slice(0, 200)}`]
        const { widgets } = JSON.parse(body) as { widgets?: unknown[] }
        return widgets && widgets.length > 0 && widgets.length <= 500 ? [] : [`${id}: ${widgets?.length} widgets`]
      }),
  },
]

export const stackRefusals: Refusal[] = [...names, ...functions, ...dashboards]

function limit(type: string, property: string, most: number, source: string): Refusal {
  return {
    name: `${property} has at most ${most} characters`,
    source,
    find: ({ template }) =>
      idsOf(template, type)
        .map((id) => propertiesOf(template, id)[property])
        .filter((name) => typeof name === 'string' && name.length > most)
        .map((name) => `${name} has ${String(name).length}`),
  }
}
