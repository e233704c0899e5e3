import { idsOf, type Properties, propertiesOf, type Template } from '../template.ts'
import { allows } from './permissions.ts'
import { api, guide, isJsonObject, ofFunctions, type Refusal } from './refusal.ts'

const dashboardBody = 'Amazon CloudWatch API reference, Dashboard body structure and syntax'

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

const watching: Refusal[] = [
  {
    name: 'a dashboard is JSON with 1 to 500 widgets',
    source: dashboardBody,
    find: ({ template }) =>
      dashboardsIn(template).flatMap(({ id, body }) => {
        if (!isJsonObject(body)) return [`${id}: ${body.slice(0, 200)}`]
        const { length } = widgetsOf(body)
        return length > 0 && length <= 500 ? [] : [`${id}: ${length} widgets`]
      }),
  },
  {
    name: 'a widget fits on the grid of 24 columns and has what its type needs',
    source: dashboardBody,
    find: ({ template }) =>
      dashboardsIn(template).flatMap(({ id, body }) =>
        (isJsonObject(body) ? widgetsOf(body) : []).flatMap((widget, at) =>
          findWidgetProblems(widget).map((problem) => `${id}: widget ${at}: ${problem}`),
        ),
      ),
  },
  {
    name: 'an alarm watches one metric or one expression, and looks back one day at most',
    source: 'Amazon CloudWatch API reference, PutMetricAlarm',
    find: ({ template }) =>
      idsOf(template, 'AWS::CloudWatch::Alarm').flatMap((id) =>
        findAlarmProblems(propertiesOf(template, id)).map((problem) => `${id}: ${problem}`),
      ),
  },
]

const sizes: Refusal[] = [
  {
    name: 'the policies of a role have at most 10240 characters without spaces',
    source: 'AWS IAM user guide, IAM and AWS STS quotas',
    find: ({ functions: all }) =>
      all
        .map(({ id, statements }) => ({ id, size: JSON.stringify(statements).replace(/\s/g, '').length }))
        .filter(({ size }) => size > 10_240)
        .map(({ id, size }) => `the role of ${id} has ${size}`),
  },
  {
    name: 'a template has at most 500 resources, 200 outputs and 1 MB',
    source: 'AWS CloudFormation user guide, Understand CloudFormation quotas',
    find: ({ template }) => {
      const { Resources, Outputs = {} } = template as Template & { Outputs?: object }
      const counts = [Object.keys(Resources).length, Object.keys(Outputs).length, JSON.stringify(template).length]
      const most = [500, 200, 1_048_576]
      return counts.some((count, at) => count > Number(most[at])) ? [counts.join(', ')] : []
    },
  },
]

export const stackRefusals: Refusal[] = [...names, ...functions, ...watching, ...sizes]

function dashboardsIn(template: Template): { id: string; body: string }[] {
  return idsOf(template, 'AWS::CloudWatch::Dashboard').map((id) => ({
    id,
    body: String(propertiesOf(template, id).DashboardBody),
  }))
}

interface Widget {
  type?: string
  x?: number
  width?: number
  height?: number
  properties?: Properties
}

function widgetsOf(body: string): Widget[] {
  return (JSON.parse(body) as { widgets?: Widget[] }).widgets ?? []
}

/** The properties that a widget of each type must have; one of each list. */
const neededByWidgets: Record<string, string[][]> = {
  text: [['markdown']],
  metric: [['region'], ['metrics', 'annotations']],
  log: [['region'], ['query']],
  alarm: [['alarms']],
}

function findWidgetProblems({ type = '', x = 0, width = 6, height = 6, properties = {} }: Widget): string[] {
  const needed = neededByWidgets[type]
  if (!needed) return [`the type ${type}`]
  return [
    ...(x + width > 24 || width < 1 || height < 1 || height > 1_000 ? [`${x} + ${width} columns, ${height} rows`] : []),
    ...needed
      .filter((choice) => !choice.some((property) => property in properties))
      .map((choice) => `no ${choice.join(' or ')}`),
  ]
}

interface AlarmProperties extends Properties {
  Period?: number
  EvaluationPeriods?: number
  DatapointsToAlarm?: number
  TreatMissingData?: string
  Metrics?: { ReturnData?: boolean; MetricStat?: { Period: number } }[]
}

function findAlarmProblems(alarm: AlarmProperties): string[] {
  const { Metrics, EvaluationPeriods = 0, DatapointsToAlarm = EvaluationPeriods, TreatMissingData = 'missing' } = alarm
  const periods = Metrics?.flatMap(({ MetricStat }) => MetricStat?.Period ?? []) ?? [alarm.Period ?? 0]
  const isPeriod = (seconds: number) => [10, 20, 30].includes(seconds) || (seconds > 0 && seconds % 60 === 0)
  return [
    ...('MetricName' in alarm === 'Metrics' in alarm ? ['MetricName or Metrics'] : []),
    ...(Metrics && Metrics.filter(({ ReturnData = true }) => ReturnData).length !== 1 ? ['ReturnData not once'] : []),
    ...(periods.every(isPeriod) ? [] : [`a period of ${periods.join(', ')} s`]),
    ...(Math.max(...periods) * EvaluationPeriods > 86_400
      ? [`${EvaluationPeriods} periods of ${periods.join(', ')} s`]
      : []),
    ...(EvaluationPeriods < 1 || DatapointsToAlarm > EvaluationPeriods
      ? [`${DatapointsToAlarm} of ${EvaluationPeriods}`]
      : []),
    ...(['breaching', 'notBreaching', 'ignore', 'missing'].includes(TreatMissingData) ? [] : [TreatMissingData]),
  ]
}

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
