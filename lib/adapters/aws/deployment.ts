import { parseTime } from '../../core/event/time.ts'
import { withoutNulls } from '../../core/json.ts'
import type { Clock } from '../../pipeline/ports.ts'
import { queryAws, xmlList, xmlText } from './query.ts'
import { type AwsAccess, type AwsCall, callAws, jsonOf, requestAws } from './request.ts'
import { readStored } from './token.ts'

export interface Caller {
  account: string
  arn: string
}

export interface Stack {
  name: string
  /** For example `UPDATE_COMPLETE`. */
  status: string
  reason: string | undefined
}

export interface StackResource {
  logicalId: string
  /** A name, a UUID or an ARN; undefined while the resource is created. */
  id: string | undefined
  /** For example `AWS::Lambda::Function`. */
  type: string
}

// The fields of these answers are those of botocore's models. AWS leaves out empty ones or sends null, which is removed.

export interface LambdaFunction {
  FunctionName?: string
  FunctionArn?: string
  State?: string
  StateReason?: string
  LastUpdateStatus?: string
  LastUpdateStatusReason?: string
  LastModified?: string
  Environment?: { Variables?: Record<string, string>; Error?: EnvironmentError }
  LoggingConfig?: { LogGroup?: string }
}

export interface EnvironmentError {
  ErrorCode?: string
  Message?: string
}

export interface EventSourceMapping {
  UUID?: string
  State?: string
  StateTransitionReason?: string
  LastProcessingResult?: string
  Topics?: string[]
  EventSourceArn?: string
  SelfManagedEventSource?: { Endpoints?: Record<string, string[]> }
  AmazonManagedKafkaEventSourceConfig?: { ConsumerGroupId?: string }
  SelfManagedKafkaEventSourceConfig?: { ConsumerGroupId?: string }
  SourceAccessConfigurations?: { Type?: string; URI?: string }[]
  StartingPosition?: string
  ProvisionedPollerConfig?: { MinimumPollers?: number; MaximumPollers?: number; PollerGroupName?: string }
  FunctionResponseTypes?: string[]
  MaximumRetryAttempts?: number
  MaximumRecordAgeInSeconds?: number
  DestinationConfig?: { OnFailure?: { Destination?: string } }
  FilterCriteria?: { Filters?: unknown[] }
}

interface MappingsPage {
  EventSourceMappings?: EventSourceMapping[]
  NextMarker?: string
}

/** An MSK cluster. */
export interface MskCluster {
  state?: string
  stateInfo?: { message?: string }
  provisioned?: { clientAuthentication?: MskAuthentication }
  serverless?: { clientAuthentication?: MskAuthentication }
}

export interface MskAuthentication {
  sasl?: { scram?: { enabled?: boolean }; iam?: { enabled?: boolean } }
  tls?: { enabled?: boolean; certificateAuthorityArnList?: string[] }
  unauthenticated?: { enabled?: boolean }
}

export interface DynamodbTable {
  TableStatus?: string
  KeySchema?: { AttributeName: string; KeyType: string }[]
  GlobalSecondaryIndexes?: { IndexName?: string; IndexStatus?: string }[]
}

export interface TimeToLive {
  TimeToLiveStatus?: string
  AttributeName?: string
}

export interface Alarm {
  AlarmName?: string
  AlarmDescription?: string
  StateValue?: string
  StateReason?: string
  ActionsEnabled?: boolean
  AlarmActions?: string[]
}

/** The sums of a metric of a function, in periods of five minutes. */
export interface MetricSums {
  functionName: string
  metric: FunctionMetric
  sums: { from: number; sum: number }[]
}

interface MetricData {
  Id: string
  Timestamps?: (number | string)[]
  Values?: number[]
}

/** A page may have a part of a metric's values (CloudWatch API reference, GetMetricData). */
interface MetricsPage {
  MetricDataResults?: MetricData[]
  NextToken?: string
}

export type FunctionMetric = (typeof functionMetrics)[number]

export const functionMetrics = ['Invocations', 'Errors', 'Throttles'] as const
export const metricPeriodMilliseconds = 300_000

// CloudWatch API reference, DescribeAlarms.
const mostAlarms = 100

/** What AWS says about a deployment. Each method sends one read-only call, or one for each page, and rejects with an AwsError. */
export type Deployment = ReturnType<typeof openDeployment>

export function openDeployment(access: AwsAccess, clock: Clock) {
  async function get<Answer>(service: string, operation: string, path: string): Promise<Answer> {
    const name = `${service}.${operation}`
    return withoutNulls(jsonOf(await requestAws({ service, name, method: 'GET', path }, access, clock), name)) as Answer
  }
  async function call<Answer>(asked: AwsCall): Promise<Answer> {
    return withoutNulls(await callAws(asked, access, clock)) as Answer
  }
  const callDynamodb = <Answer>(operation: string, TableName: string) =>
    call<Answer>({
      service: 'dynamodb',
      target: `DynamoDB_20120810.${operation}`,
      body: { TableName },
      version: '1.0',
    })
  const callCloudWatch = <Answer>(operation: string, body: object) =>
    call<Answer>({
      service: 'monitoring',
      target: `GraniteServiceVersion20100801.${operation}`,
      body,
      version: '1.0',
    })
  const queryStack = (action: string, parameters: Record<string, string>) =>
    queryAws({ service: 'cloudformation', version: '2010-05-15', action, parameters }, access, clock)

  return {
    async caller(): Promise<Caller> {
      const found = await queryAws(
        { service: 'sts', version: '2011-06-15', action: 'GetCallerIdentity' },
        access,
        clock,
      )
      return { account: xmlText(found, 'Account') ?? '', arn: xmlText(found, 'Arn') ?? '' }
    },

    async stack(name: string): Promise<Stack> {
      const [found] = xmlList(await queryStack('DescribeStacks', { StackName: name }), 'Stacks')
      return {
        name: xmlText(found, 'StackName') ?? name,
        status: xmlText(found, 'StackStatus') ?? '',
        reason: xmlText(found, 'StackStatusReason'),
      }
    },

    async resources(stack: string): Promise<StackResource[]> {
      const found: StackResource[] = []
      let page: Record<string, string> = {}
      for (;;) {
        const answer = await queryStack('ListStackResources', { StackName: stack, ...page })
        for (const one of xmlList(answer, 'StackResourceSummaries'))
          found.push({
            logicalId: xmlText(one, 'LogicalResourceId') ?? '',
            id: xmlText(one, 'PhysicalResourceId') || undefined,
            type: xmlText(one, 'ResourceType') ?? '',
          })
        const NextToken = xmlText(answer, 'NextToken')
        if (!NextToken) return found
        page = { NextToken }
      }
    },

    async function(name: string): Promise<LambdaFunction> {
      return await get<LambdaFunction>(
        'lambda',
        'GetFunctionConfiguration',
        `/2015-03-31/functions/${name}/configuration`,
      )
    },

    /** Undefined: the function has no concurrency of its own. */
    async reservedConcurrency(name: string): Promise<number | undefined> {
      const path = `/2019-09-30/functions/${name}/concurrency`
      const answer = await get<{ ReservedConcurrentExecutions?: number }>('lambda', 'GetFunctionConcurrency', path)
      return answer.ReservedConcurrentExecutions
    },

    async eventSources(functionName: string): Promise<EventSourceMapping[]> {
      const found: EventSourceMapping[] = []
      let page = ''
      for (;;) {
        const path = `/2015-03-31/event-source-mappings?FunctionName=${functionName}${page}`
        const answer = await get<MappingsPage>('lambda', 'ListEventSourceMappings', path)
        const { EventSourceMappings: some = [], NextMarker: marker } = answer
        found.push(...some)
        if (!marker) return found
        page = `&Marker=${encodeURIComponent(marker)}`
      }
    },

    async cluster(arn: string): Promise<MskCluster> {
      const path = `/api/v2/clusters/${encodeURIComponent(arn)}`
      const { clusterInfo: cluster = {} } = await get<{ clusterInfo?: MskCluster }>('kafka', 'DescribeClusterV2', path)
      return cluster
    },

    /** The text of an SSM parameter or a Secrets Manager secret; undefined if it has none. */
    stored(kind: 'parameter' | 'secret', name: string): Promise<string | undefined> {
      return readStored({ kind, name, access }, clock)
    },

    async table(name: string): Promise<DynamodbTable> {
      const { Table: table } = await callDynamodb<{ Table: DynamodbTable }>('DescribeTable', name)
      return table
    },

    async timeToLive(table: string): Promise<TimeToLive> {
      const answer = await callDynamodb<{ TimeToLiveDescription?: TimeToLive }>('DescribeTimeToLive', table)
      return answer.TimeToLiveDescription ?? {}
    },

    async alarms(names: string[]): Promise<Alarm[]> {
      const found: Alarm[] = []
      for (let at = 0; at < names.length; at += mostAlarms) {
        const body = { AlarmNames: names.slice(at, at + mostAlarms), MaxRecords: mostAlarms }
        const { MetricAlarms: some = [] } = await callCloudWatch<{ MetricAlarms?: Alarm[] }>('DescribeAlarms', body)
        found.push(...some)
      }
      return found
    },

    /** Invocations, errors and throttles of these functions. */
    async metrics(functionNames: string[], since: number): Promise<MetricSums[]> {
      const asked = functionNames.flatMap((functionName) => functionMetrics.map((metric) => ({ functionName, metric })))
      const body = {
        StartTime: Math.floor(since / 1_000),
        EndTime: Math.ceil(clock.now() / 1_000),
        MetricDataQueries: asked.map(({ functionName, metric }, at) => ({
          Id: `m${at}`,
          MetricStat: {
            Metric: {
              Namespace: 'AWS/Lambda',
              MetricName: metric,
              Dimensions: [{ Name: 'FunctionName', Value: functionName }],
            },
            Period: metricPeriodMilliseconds / 1_000,
            Stat: 'Sum',
          },
        })),
      }
      const found: MetricData[] = []
      let page = {}
      for (;;) {
        const answer = await callCloudWatch<MetricsPage>('GetMetricData', { ...body, ...page })
        found.push(...(answer.MetricDataResults ?? []))
        if (!answer.NextToken) break
        page = { NextToken: answer.NextToken }
      }
      return asked.map((one, at) => ({
        ...one,
        sums: found
          .filter(({ Id }) => Id === `m${at}`)
          .flatMap(({ Timestamps: times = [], Values: values = [] }) =>
            times.map((time, index) => ({ from: millisecondsOf(time), sum: values[index] ?? 0 })),
          ),
      }))
    },

    /** Of an EventBridge rule: `ENABLED` or `DISABLED`. */
    async ruleState(name: string): Promise<string> {
      const asked = { service: 'events', target: 'AWSEvents.DescribeRule', body: { Name: name } }
      const { State: state = '' } = await call<{ State?: string }>(asked)
      return state
    },
  }
}

// AWS sends seconds. Its JSON format also allows RFC 3339.
function millisecondsOf(time: number | string): number {
  return typeof time === 'number' ? time * 1_000 : (parseTime(time) ?? 0)
}
