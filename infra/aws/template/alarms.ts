import { type Fragment, join, type Resource, type Value } from './fragment.ts'

/** The settings that alarms and dashboard depend on. */
export interface WatchInput {
  state: 'dynamodb' | 'memory'
  delivery: 'provisioned' | 'on-demand'
  /** Where alarms are sent. Without any they only show in CloudWatch. */
  alarmTopicArns: Value[]
  /** `id` is the logical ID of the event source mapping; its Ref is the UUID. */
  mappings: { id: string; source: string; topic: Value }[]
  /** Lambda gives up on records after a number of retries or seconds. */
  givesUp: boolean
  /** With `onFailure` Lambda reports these records to a destination. */
  hasDestination: boolean
}

interface Alarm {
  description: Value
  namespace: 'AWS/Lambda' | 'KubeEventerTelegram'
  metric: string
  dimensions: Record<string, Value>
  statistic: 'Sum' | 'Maximum' | 'SampleCount'
  periodSeconds: number
  /** The alarm looks at this many periods, and starts if the limit is broken in `inPeriods` of them. */
  ofPeriods: number
  inPeriods: number
  limit: { above: number } | { below: number }
  missingData: 'breaching' | 'notBreaching' | 'ignore' | 'missing'
}

/** Each alarm lasts as long as its problem. docs/operations.md has the same list, with what to do. */
export function alarms(input: WatchInput): Fragment {
  const all: Record<string, Alarm> = {
    ...ofNotify(input),
    ...(input.state === 'dynamodb' ? ofSweep : {}),
    ...ofSources(input),
  }
  return {
    Resources: Object.fromEntries(
      Object.entries(all).map(([id, alarm]) => [`${id}Alarm`, resourceOf(alarm, input.alarmTopicArns)]),
    ),
  }
}

const notify = { FunctionName: { Ref: 'NotifyLambdaFunction' } }
const sweep = { FunctionName: { Ref: 'SweepLambdaFunction' } }

/**
 * An invocation has up to five minutes, and its metric has the time of its start. So if each one fails, some periods have no failure, and 3 of
 * 5 periods are enough. A single failure starts no alarm: Kafka delivers the records again, or the next sweep continues.
 */
const lasting = {
  statistic: 'Sum',
  periodSeconds: 300,
  inPeriods: 3,
  ofPeriods: 5,
  limit: { above: 0 },
  missingData: 'notBreaching',
} as const

/** One is enough. The alarm ends after an hour without another. */
const once = { ...lasting, inPeriods: 1, ofPeriods: 12 } as const

function ofNotify({ state, delivery, hasDestination }: WatchInput): Record<string, Alarm> {
  return {
    NotifyErrors: {
      description:
        'The function notify has been failing for 15 minutes. The records stay in Kafka and come again. Read the lines "invocation failed" in its log. Frequent causes: Telegram refuses the bot token, the token cannot be read, a time-out.',
      namespace: 'AWS/Lambda',
      metric: 'Errors',
      dimensions: notify,
      ...lasting,
    },
    // With state=memory one invocation runs at a time. The pollers of several partitions compete for it, so throttles are normal.
    ...(state === 'dynamodb' ? { NotifyThrottles: throttles('notify', notify) } : {}),
    // With on-demand pollers each returned record fails its invocation, which NotifyErrors shows.
    ...(delivery === 'provisioned'
      ? {
          Returned: {
            description:
              'notify has been giving records back to Kafka for 15 minutes. They come again. Look at "why" in the lines "record" of its log: mostly Telegram or the table cannot be reached.',
            namespace: 'KubeEventerTelegram' as const,
            metric: 'Returned',
            dimensions: notify,
            ...lasting,
          },
        }
      : {}),
    Rejected: {
      description:
        'In the last hour there was a record that can never be shown. List such records: kube-eventer-telegram dead-letters list. With state=memory they are in the lines "record" of the log of notify.',
      namespace: 'KubeEventerTelegram',
      metric: 'Rejected',
      dimensions: notify,
      ...once,
    },
    ...(hasDestination
      ? {
          DestinationFailed: {
            description:
              'In the last hour Lambda could not write to the destination onFailure. The records for it are dropped. Check that the destination exists and that the role of notify may write to it.',
            namespace: 'AWS/Lambda' as const,
            metric: 'DestinationDeliveryFailures',
            dimensions: notify,
            ...once,
          },
        }
      : {}),
  }
}

const ofSweep: Record<string, Alarm> = {
  SweepErrors: {
    description:
      'The function sweep has been failing for 15 minutes, so what is pending waits for new events. Read the lines "invocation failed" in its log. Frequent causes: Telegram refuses the bot token, the token or the table cannot be read.',
    namespace: 'AWS/Lambda',
    metric: 'Errors',
    dimensions: sweep,
    ...lasting,
  },
  SweepThrottles: throttles('sweep', sweep),
  SweepNotInvoked: {
    description:
      'The function sweep has not run for 10 minutes; it should run each minute. What is pending waits for new events. Check that its EventBridge rule is enabled and may invoke it, and that the function is active. Right after the first deployment this alarm may start, and ends with the first sweeps.',
    namespace: 'AWS/Lambda',
    metric: 'Invocations',
    dimensions: sweep,
    statistic: 'Sum',
    ...nothingFor(10),
  },
  OldestPending: {
    description:
      'A message to Telegram has been pending for more than 15 minutes. The lines "incident" in the log of sweep say why. Frequent causes: the bot was removed from a chat, Telegram cannot be reached, more messages than Telegram takes.',
    namespace: 'KubeEventerTelegram',
    metric: 'OldestPending',
    dimensions: sweep,
    statistic: 'Maximum',
    periodSeconds: 300,
    inPeriods: 3,
    ofPeriods: 3,
    limit: { above: 900 },
    // A sweep that does not run says nothing about what is pending, and must not end the alarm.
    missingData: 'ignore',
  },
}

/**
 * Something that happens each minute has not happened for so long. Where data is missing, CloudWatch looks for older data a few periods back,
 * so short periods keep the alarm from being late.
 */
function nothingFor(minutes: number) {
  return {
    periodSeconds: 60,
    inPeriods: minutes,
    ofPeriods: minutes,
    limit: { below: 1 },
    missingData: 'breaching',
  } as const
}

function throttles(name: string, dimensions: Alarm['dimensions']): Alarm {
  return {
    description: `Lambda has been refusing invocations of ${name} for 15 minutes. Messages are late. Compare the account's limit of concurrent executions with what all functions use.`,
    namespace: 'AWS/Lambda',
    metric: 'Throttles',
    dimensions,
    ...lasting,
  }
}

// The metrics below are of AWS Lambda Developer Guide, "Types of metrics for Lambda functions". None of them is documented by third parties only.
function ofSources({ delivery, mappings, givesUp, hasDestination }: WatchInput): Record<string, Alarm> {
  // Without provisioned pollers a mapping has no metrics of its own, and OffsetLag is the function's.
  if (delivery === 'on-demand' && mappings.length > 0) return { Lag: lag('OffsetLag', notify, 'a topic') }
  if (delivery === 'on-demand') return {}
  return Object.fromEntries(
    mappings.flatMap(({ id, source, topic }) => {
      const dimensions = { EventSourceMappingUUID: { Ref: id } }
      const name = join('', [topic, ` of ${source}`])
      return [
        [`${id}Lag`, lag('MaxOffsetLag', dimensions, name)],
        [`${id}NotPolled`, notPolled(dimensions, name)],
        ...(givesUp ? [[`${id}GivenUp`, givenUp(dimensions, name)] as const] : []),
        ...(hasDestination ? [[`${id}Diverted`, diverted(dimensions, name)] as const] : []),
      ]
    }),
  )
}

/** A storm of thousands of records is saved within minutes, so a lag that stays is a problem. */
function lag(metric: string, dimensions: Alarm['dimensions'], topic: Value): Alarm {
  return {
    description: join('', [
      'More than 1,000 records of ',
      topic,
      ' have waited for 15 minutes. After a deployment with startingPosition=beginning this is normal. Otherwise look for errors and throttles of notify, and for a duration near its time-out of 300 s.',
    ]),
    namespace: 'AWS/Lambda',
    metric,
    dimensions,
    statistic: 'Maximum',
    periodSeconds: 300,
    inPeriods: 3,
    ofPeriods: 3,
    limit: { above: 1_000 },
    // Without data nobody knows the lag, so the alarm neither starts nor says that all is well.
    missingData: 'missing',
  }
}

/**
 * Kafka may have no records for hours, but "if Lambda polls for events but receives an empty poll (no new records), Lambda emits a 0 value" of
 * PolledEventCount. So no data at all means no polls.
 */
function notPolled(dimensions: Alarm['dimensions'], topic: Value): Alarm {
  return {
    description: join('', [
      'Lambda has not read ',
      topic,
      ' for 15 minutes. Look at the state and LastProcessingResult of the event source mapping: kube-eventer-telegram check --aws says it in words. Frequent causes: login or network of the brokers, a disabled mapping. Right after the first deployment this alarm may start, and ends with the first polls.',
    ]),
    namespace: 'AWS/Lambda',
    metric: 'PolledEventCount',
    dimensions,
    statistic: 'SampleCount',
    ...nothingFor(15),
  }
}

/** Records in the destination are not in DroppedEventCount, except for those that Lambda could not write to it. */
function givenUp(dimensions: Alarm['dimensions'], topic: Value): Alarm {
  return {
    description: join('', [
      'In the last hour Lambda dropped records of ',
      topic,
      ', because of maximumRetries or maximumRecordAgeSeconds, or because it could not write to the destination onFailure. What was saved before is still shown; the rest is lost. Look at "why" in the lines "record" of the log of notify.',
    ]),
    namespace: 'AWS/Lambda',
    metric: 'DroppedEventCount',
    dimensions,
    ...once,
  }
}

function diverted(dimensions: Alarm['dimensions'], topic: Value): Alarm {
  return {
    description: join('', [
      'In the last hour Lambda gave up on records of ',
      topic,
      ' and reported them to the destination onFailure. What was saved before is still shown. The rest is not shown. Look at "why" in the lines "record" of the log of notify.',
    ]),
    namespace: 'AWS/Lambda',
    metric: 'OnFailureDestinationDeliveredEventCount',
    dimensions,
    ...once,
  }
}

function resourceOf(alarm: Alarm, topics: Value[]): Resource {
  const { limit } = alarm
  return {
    Type: 'AWS::CloudWatch::Alarm',
    Properties: {
      AlarmDescription: alarm.description,
      Namespace: alarm.namespace,
      MetricName: alarm.metric,
      Dimensions: Object.entries(alarm.dimensions).map(([Name, Value]) => ({ Name, Value })),
      Statistic: alarm.statistic,
      Period: alarm.periodSeconds,
      EvaluationPeriods: alarm.ofPeriods,
      DatapointsToAlarm: alarm.inPeriods,
      ...('above' in limit
        ? { ComparisonOperator: 'GreaterThanThreshold', Threshold: limit.above }
        : { ComparisonOperator: 'LessThanThreshold', Threshold: limit.below }),
      TreatMissingData: alarm.missingData,
      ...(topics.length > 0 ? { AlarmActions: topics, OKActions: topics } : {}),
    },
  }
}
