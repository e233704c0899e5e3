import { alarms, type WatchInput } from './alarms.ts'
import { type Fragment, join, type Value } from './fragment.ts'

interface Graph {
  title: string
  lines: Line[]
  isStacked?: boolean
}

/** `dimensions` are names and values in turn. */
interface Line {
  label: string
  namespace: 'AWS/Lambda' | 'AWS/DynamoDB' | 'KubeEventerTelegram'
  metric: string
  dimensions: string[]
  stat: 'Sum' | 'Maximum' | 'Average'
  periodSeconds?: number
}

/** Widths and heights in CloudWatch's grid, which has 24 columns. */
const page = { columns: 24, graphWidth: 8, graphHeight: 6, alarmHeight: 4 }

/** One page in CloudWatch: the alarms, what becomes of records, what is late, and what costs money. */
export function dashboard(input: WatchInput): Fragment {
  const body = {
    start: '-PT24H',
    widgets: [alarmWidget(input), ...graphs(input).map(graphWidget)],
  }
  const text = JSON.stringify(body)
  // Names of topics may be parameters of the template, so the body gets them as variables.
  const topics = Object.fromEntries(input.mappings.map(({ topic }, index) => [`Topic${index}`, topic]))
  return {
    Resources: {
      Dashboard: {
        Type: 'AWS::CloudWatch::Dashboard',
        Properties: {
          DashboardName: { Ref: 'AWS::StackName' },
          DashboardBody: { 'Fn::Sub': input.delivery === 'provisioned' ? [text, topics] : text },
        },
      },
    },
    // The consoles of these partitions have domains of their own.
    Conditions: {
      IsInChina: { 'Fn::Equals': [{ Ref: 'AWS::Partition' }, 'aws-cn'] },
      IsInGovCloud: { 'Fn::Equals': [{ Ref: 'AWS::Partition' }, 'aws-us-gov'] },
    },
    Outputs: { Dashboard: { Description: 'The dashboard in the CloudWatch console', Value: consoleAddress } },
  }
}

const consoleAddress: Value = join('', [
  'https://',
  { Ref: 'AWS::Region' },
  '.console.',
  { 'Fn::If': ['IsInChina', 'amazonaws.cn', { 'Fn::If': ['IsInGovCloud', 'amazonaws-us-gov.com', 'aws.amazon.com'] }] },
  '/cloudwatch/home?region=',
  { Ref: 'AWS::Region' },
  '#dashboards/dashboard/',
  { Ref: 'Dashboard' },
])

function alarmWidget(input: WatchInput) {
  const ids = Object.keys(alarms(input).Resources)
  return {
    type: 'alarm',
    x: 0,
    y: 0,
    width: page.columns,
    height: page.alarmHeight,
    // CloudWatch shows 100 alarms at most in one widget.
    properties: { title: 'Alarms', alarms: ids.slice(0, 100).map((id) => reference(`${id}.Arn`)) },
  }
}

function graphWidget({ title, lines, isStacked = false }: Graph, index: number) {
  const inRow = page.columns / page.graphWidth
  return {
    type: 'metric',
    x: (index % inRow) * page.graphWidth,
    y: page.alarmHeight + Math.floor(index / inRow) * page.graphHeight,
    width: page.graphWidth,
    height: page.graphHeight,
    properties: {
      title,
      region: reference('AWS::Region'),
      view: 'timeSeries',
      stacked: isStacked,
      period: 300,
      yAxis: { left: { min: 0 } },
      metrics: lines.map(({ namespace, metric, dimensions, stat, label, periodSeconds }) => [
        namespace,
        metric,
        ...dimensions,
        { stat, label, ...(periodSeconds ? { period: periodSeconds } : {}) },
      ]),
    },
  }
}

function graphs(input: WatchInput): Graph[] {
  const hasSweep = input.state === 'dynamodb'
  const functions = hasSweep ? (['notify', 'sweep'] as const) : (['notify'] as const)
  const own = (metric: string, label = metric) => functions.map((name) => ownLine(metric, name, `${label}, ${name}`))
  const lambda = (metric: string, stat: Line['stat'] = 'Sum') => functions.map((name) => lambdaLine(metric, name, stat))
  return [
    {
      title: 'Records, by outcome',
      isStacked: true,
      lines: ['Sent', 'Skipped', 'Pending', 'Returned', 'Rejected'].map((metric) => ownLine(metric, 'notify')),
    },
    {
      title: 'How late the oldest is (seconds)',
      lines: [
        ownLine('OldestSent', 'notify', 'shown', 'Maximum'),
        ...(hasSweep ? [ownLine('OldestPending', 'sweep', 'pending', 'Maximum')] : []),
      ],
    },
    ...(hasSweep
      ? [
          {
            title: 'Pending incidents',
            lines: [ownLine('PendingIncidents', 'sweep', 'pending', 'Maximum')],
          },
        ]
      : []),
    ...sourceGraphs(input),
    { title: 'Telegram: requests', lines: [...own('Requests', 'all'), ...own('Edits', 'edits')] },
    {
      title: 'Telegram: too many requests (429), possible repeats',
      lines: [...own('RateLimited', '429'), ...own('PossibleRepeats', 'possible repeats')],
    },
    { title: 'Functions: errors and throttles', lines: [...lambda('Errors'), ...lambda('Throttles')] },
    { title: 'Functions: longest duration (ms)', lines: lambda('Duration', 'Maximum') },
    { title: 'Cost: invocations', lines: lambda('Invocations') },
    { title: 'Cost: run time (ms, each at 0.25 GB)', lines: lambda('Duration') },
    ...(hasSweep ? [{ title: 'Cost: DynamoDB units', lines: tableLines }] : []),
  ]
}

function sourceGraphs({ delivery, mappings, hasDestination }: WatchInput): Graph[] {
  // Without provisioned pollers a mapping has no metrics of its own.
  if (mappings.length === 0) return []
  if (delivery === 'on-demand')
    return [
      { title: 'Kafka: records that wait', lines: [lambdaLine('OffsetLag', 'notify', 'Maximum')] },
      { title: 'Kafka: records read', lines: [ownLine('Records', 'notify', 'read')] },
    ]
  const each = (metric: string, label = '', stat: Line['stat'] = 'Sum', periodSeconds = 300): Line[] =>
    mappings.map(({ id, source }, index) => ({
      label: [`${source} ${reference(`Topic${index}`)}`, label].filter(Boolean).join(', '),
      namespace: 'AWS/Lambda',
      metric,
      dimensions: ['EventSourceMappingUUID', reference(id)],
      stat,
      periodSeconds,
    }))
  return [
    { title: 'Kafka: records that wait, in the worst partition', lines: each('MaxOffsetLag', '', 'Maximum') },
    {
      title: 'Kafka: records read and committed',
      lines: [...each('PolledEventCount', 'read'), ...each('CommittedEventCount', 'committed')],
    },
    {
      title: 'Kafka: errors, and records that Lambda gave up on',
      lines: [
        ...each('PollingErrorCount', 'not read'),
        ...each('InvokeErrorCount', 'not invoked'),
        ...each('CommitErrorCount', 'not committed'),
        ...each('DroppedEventCount', 'records dropped'),
      ],
    },
    ...(hasDestination
      ? [
          {
            title: 'Kafka: records in the destination onFailure',
            lines: each('OnFailureDestinationDeliveredEventCount'),
          },
        ]
      : []),
    // AWS adds up the units of a minute.
    { title: 'Cost: event poller units', lines: each('EventPollerUnit', '', 'Sum', 60) },
  ]
}

const tableLines: Line[] = (
  [
    ['ConsumedReadCapacityUnits', 'read'],
    ['ConsumedWriteCapacityUnits', 'written'],
  ] as const
).flatMap(([metric, label]) =>
  [[], ['GlobalSecondaryIndexName', 'by-list']].map((index) => ({
    label: index.length > 0 ? `${label}, index` : label,
    namespace: 'AWS/DynamoDB' as const,
    metric,
    dimensions: ['TableName', reference('StateTable'), ...index],
    stat: 'Sum' as const,
  })),
)

const logicalIds = { notify: 'NotifyLambdaFunction', sweep: 'SweepLambdaFunction' }

function ownLine(metric: string, name: 'notify' | 'sweep', label = metric, stat: Line['stat'] = 'Sum'): Line {
  const dimensions = ['FunctionName', reference(logicalIds[name])]
  return { label, namespace: 'KubeEventerTelegram', metric, dimensions, stat }
}

function lambdaLine(metric: string, name: 'notify' | 'sweep', stat: Line['stat']): Line {
  const dimensions = ['FunctionName', reference(logicalIds[name])]
  return { label: `${metric}, ${name}`, namespace: 'AWS/Lambda', metric, dimensions, stat }
}

/** As Fn::Sub writes it. */
function reference(name: string): string {
  return `$\{${name}}`
}
